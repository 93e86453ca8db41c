/* Several files are replaced together, each whole or not at all. */
#include "scratch.h"

#include "publish/publish.h"

#include <errno.h>
#include <linux/fs.h>
#include <sched.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#define NOBODY SCRATCH_NOBODY

/*
 * The system calls that a test watches or makes fail: the number of calls so
 * far, the call that fails (0: none) and how.
 */
static struct {
	int fsyncs, fsync_fails, renames, rename_fails, sys_errno;
	int fsyncs_before_rename, unheld_renames;
	int fsync_raises, fsync_raises_at;
	void (*before_rename)(void);
	bool rename_fails_on;	/* and all after it */
	bool no_flags, no_links; /* what the file system does not know */
	ino_t synced[16];
} calls;

int
fsync(int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || calls.fsyncs >= 16)
		abort();
	calls.synced[calls.fsyncs++] = st.st_ino;
	if (calls.fsyncs == calls.fsync_raises_at)
		raise(calls.fsync_raises);
	if (calls.fsyncs == calls.fsync_fails) {
		errno = calls.sys_errno;
		return -1;
	}
	return (int)syscall(SYS_fsync, fd);
}

/* Whether this rename is to fail. */
static bool
rename_fails(void)
{
	if (calls.renames++ == 0)
		calls.fsyncs_before_rename = calls.fsyncs;
	errno = calls.sys_errno;
	return calls.renames == calls.rename_fails ||
	    (calls.rename_fails_on && calls.renames > calls.rename_fails);
}

int
renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	if (rename_fails())
		return -1;
	return (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, 0);
}

/* Which musl does not declare. */
int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags);

int
renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
	int fd = openat(from_dir, from, O_RDONLY | O_CLOEXEC);

	if (flags == RENAME_NOREPLACE || calls.renames < 2)
		calls.unheld_renames +=
		    flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
	close(fd);
	if (calls.before_rename != NULL) {
		calls.before_rename();
		calls.before_rename = NULL;
	}
	if (calls.no_flags) {
		errno = EINVAL;
		return -1;
	}
	if (rename_fails())
		return -1;
	return (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, flags);
}

/* A file system without hard links, if there is to be one. */
int
linkat(int from_dir, const char *from, int to_dir, const char *to, int flags)
{
	if (calls.no_links) {
		errno = EPERM;
		return -1;
	}
	return (int)syscall(SYS_linkat, from_dir, from, to_dir, to, flags);
}

static int
setup(void **state)
{
	memset(&calls, 0, sizeof(calls));
	return scratch_setup(state);
}

#define publish_test(f) cmocka_unit_test_setup_teardown(f, setup, scratch_teardown)

/* conf and index as `add` writes them; what each test changes is in the open. */
static struct publish_request
conf_request(enum publish_expect expect, const struct stat *seen)
{
	return (struct publish_request){.path = "routes.conf", .data = "new conf", .len = 8,
		.expect = expect, .seen = seen, .policy = ATTRIBUTES_CONF};
}

static struct publish_request
index_request(void)
{
	return (struct publish_request){.path = "routes.idx", .data = "new index", .len = 9,
		.expect = PUBLISH_ANY, .policy = ATTRIBUTES_INDEX_SECRET, .like = "routes.conf"};
}

static enum publish_status
publish_requests(const struct publish_request *requests, size_t n, struct publish_error *error)
{
	enum publish_status status = PUBLISH_OK;
	struct publish set;

	publish_init(&set);
	for (size_t i = 0; i < n && status == PUBLISH_OK; i++)
		status = publish_add(&set, &requests[i], error);
	if (status == PUBLISH_OK)
		status = publish_commit(&set, error);
	publish_release(&set);
	return status;
}

/* So much that another thread completes it. */
static char late_data[4000000];

static void
complete(void *whole)
{
	assert_ptr_equal(whole, late_data);
	memcpy(late_data, "first", 5);
}

/* Whether the index is the first len bytes of late_data. */
static bool
index_is_late_data(size_t len)
{
	char *bytes = malloc(len + 1);
	FILE *f = fopen("routes.idx", "r");
	bool same = bytes != NULL && f != NULL && fread(bytes, 1, len + 1, f) == len &&
	    memcmp(bytes, late_data, len) == 0;

	if (f != NULL)
		fclose(f);
	free(bytes);
	return same;
}

static void
test_what_is_late_is_written(void **state)
{
	static const size_t lens[] = {5, 6, 100, sizeof(late_data)};
	struct publish_request request = index_request();
	struct publish_error error;

	(void)state;
	for (size_t i = 0; i < sizeof(lens) / sizeof(*lens); i++) {
		memset(late_data, '-', sizeof(late_data));
		late_data[lens[i] - 1] = '!';
		request.data = late_data;
		request.len = lens[i];
		request.late = 5;
		request.complete = complete;
		request.whole = late_data;
		assert_int_equal(publish_requests(&request, 1, &error), PUBLISH_OK);
		assert_true(index_is_late_data(lens[i]));
		assert_memory_equal(late_data, "first", 5);
	}
}

static enum publish_status
publish_both(struct publish_error *error)
{
	const struct publish_request both[] = {conf_request(PUBLISH_ANY, NULL), index_request()};

	return publish_requests(both, 2, error);
}

static int
both_exit(void)
{
	struct publish_error error;

	return publish_status_exit(publish_both(&error));
}

static void
put_old(void)
{
	scratch_put("routes.conf", "old conf", 0600);
	scratch_put("routes.idx", "old index", 0600);
}

static void
assert_old(void)
{
	assert_true(scratch_is("routes.conf", "old conf"));
	assert_true(scratch_is("routes.idx", "old index"));
	assert_int_equal(scratch_count("."), 2);
}

static void
assert_new(void)
{
	assert_true(scratch_is("routes.conf", "new conf"));
	assert_true(scratch_is("routes.idx", "new index"));
	assert_int_equal(scratch_count("."), 2);
}

static struct stat
status_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st;
}

/* What says EIO in the words of the C library. */
static void
assert_io_error(const struct publish_error *error, const char *what)
{
	char text[PATH_MAX + 100], expected[200];

	publish_error_text(error, text, sizeof(text));
	snprintf(expected, sizeof(expected), "%s: %s", what, strerror(EIO));
	assert_string_equal(text, expected);
}

static void
assert_text(const struct publish_error *error, const char *expected)
{
	char text[PATH_MAX + 100];

	publish_error_text(error, text, sizeof(text));
	assert_string_equal(text, expected);
}

static void
replaces_and_makes_files(void **state)
{
	struct publish_error error;

	(void)state;
	assert_int_equal(publish_both(&error), PUBLISH_OK);
	assert_new();
	put_old();
	assert_int_equal(publish_both(&error), PUBLISH_OK);
	assert_new();
}

static void
empty_file_and_empty_set(void **state)
{
	struct publish_request request = conf_request(PUBLISH_ANY, NULL);
	struct publish_error error;

	(void)state;
	put_old();
	request.len = 0;
	assert_int_equal(publish_requests(&request, 1, &error), PUBLISH_OK);
	assert_true(scratch_is("routes.conf", ""));
	assert_int_equal(publish_requests(NULL, 0, &error), PUBLISH_OK);
}

/* All bytes are on the disk before the first rename, the renames before the end. */
static void
syncs_files_then_directories(void **state)
{
	struct publish_request both[] = {conf_request(PUBLISH_ANY, NULL), index_request()};
	struct publish_error error;

	(void)state;
	put_old();
	assert_int_equal(mkdir("sub", 0755), 0);
	assert_int_equal(publish_requests(both, 2, &error), PUBLISH_OK);
	assert_int_equal(calls.fsyncs_before_rename, 2);
	assert_int_equal(calls.fsyncs, 3);
	assert_int_equal(calls.synced[0], status_of("routes.conf").st_ino);
	assert_int_equal(calls.synced[1], status_of("routes.idx").st_ino);
	assert_int_equal(calls.synced[2], status_of(".").st_ino);
	both[1].path = "sub/routes.idx";
	assert_int_equal(publish_requests(both, 2, &error), PUBLISH_OK);
	assert_int_equal(calls.fsyncs, 7);
	assert_int_equal(calls.synced[5], status_of(".").st_ino);
	assert_int_equal(calls.synced[6], status_of("sub").st_ino);
}

static void
link_stays_and_target_is_replaced(void **state)
{
	struct publish_error error;
	struct stat st;
	char cwd[PATH_MAX], to[PATH_MAX + 20];

	(void)state;
	assert_int_equal(mkdir("real", 0755), 0);
	scratch_put("real/tmail.conf", "old conf", 0604);
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	snprintf(to, sizeof(to), "%s/real/tmail.conf", cwd);
	assert_int_equal(symlink(to, "hop"), 0);
	assert_int_equal(symlink("hop", "routes.conf"), 0);
	assert_int_equal(publish_both(&error), PUBLISH_OK);
	assert_int_equal(lstat("routes.conf", &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_true(scratch_is("real/tmail.conf", "new conf"));
	assert_int_equal(scratch_mode("real/tmail.conf"), 0604);
	assert_int_equal(scratch_count("real"), 1);
}

static void
other_hard_links_keep_the_old_bytes(void **state)
{
	struct publish_error error;

	(void)state;
	put_old();
	assert_int_equal(mkdir("backup", 0755), 0);
	assert_int_equal(link("routes.conf", "backup/routes.conf"), 0);
	assert_int_equal(publish_both(&error), PUBLISH_OK);
	assert_true(scratch_is("routes.conf", "new conf"));
	assert_true(scratch_is("backup/routes.conf", "old conf"));
}

/* Not what was read: found while adding. */
static void
changed_before_add(void **state)
{
	struct publish_error error;
	struct publish_request request;
	struct stat seen;

	(void)state;
	put_old();
	seen = status_of("routes.conf");
	request = conf_request(PUBLISH_AS_READ, &seen);
	scratch_put("routes.conf", "old con2", 0600);
	assert_int_equal(publish_requests(&request, 1, &error), PUBLISH_CHANGED);
	assert_int_equal(unlink("routes.conf"), 0);
	assert_int_equal(publish_requests(&request, 1, &error), PUBLISH_CHANGED);
	scratch_put("routes.conf", "old conf", 0600);
	request.expect = PUBLISH_NEW;
	assert_int_equal(publish_requests(&request, 1, &error), PUBLISH_CHANGED);
	assert_text(&error, "cannot write 'routes.conf': it was changed meanwhile");
	assert_int_equal(publish_status_exit(error.status), 75);
	assert_old();
}

/* Adds both, runs `meanwhile`, commits; nothing of the set may be written. */
static void
assert_noticed(enum publish_expect expect, void (*meanwhile)(void))
{
	struct stat seen = {0};
	struct publish_request conf = conf_request(expect, &seen), index = index_request();
	struct publish_error error;
	struct publish set;

	if (expect == PUBLISH_AS_READ)
		seen = status_of("routes.conf");
	publish_init(&set);
	assert_int_equal(publish_add(&set, &index, &error), PUBLISH_OK);
	assert_int_equal(publish_add(&set, &conf, &error), PUBLISH_OK);
	meanwhile();
	assert_int_equal(publish_commit(&set, &error), PUBLISH_CHANGED);
	assert_string_equal(error.path, "routes.conf");
	assert_int_equal(error.renamed, 0);
	publish_release(&set);
	assert_true(scratch_is("routes.idx", "old index"));
}

static void
write_conf(void)
{
	scratch_put("routes.conf", "old con3", 0600);
}

static void
protect_conf(void)
{
	assert_int_equal(chmod("routes.conf", 0400), 0);
}

static void
remove_conf(void)
{
	assert_int_equal(unlink("routes.conf"), 0);
}

static void
link_conf(void)
{
	assert_int_equal(symlink("routes.idx", "routes.conf"), 0);
}

static void
replace_conf(void)
{
	scratch_put("other", "old conf", 0600);
	assert_int_equal(rename("other", "routes.conf"), 0);
}

static void
changed_before_commit(void **state)
{
	(void)state;
	put_old();
	assert_noticed(PUBLISH_AS_READ, write_conf);
	assert_true(scratch_is("routes.conf", "old con3"));
	assert_noticed(PUBLISH_ANY, protect_conf);
	assert_int_equal(scratch_mode("routes.conf"), 0400);
	assert_int_equal(chmod("routes.conf", 0600), 0);
	assert_noticed(PUBLISH_AS_READ, replace_conf);
	assert_int_equal(scratch_count("."), 2);
	assert_noticed(PUBLISH_AS_READ, remove_conf);
	assert_int_equal(scratch_count("."), 1);
	assert_noticed(PUBLISH_NEW, write_conf);
	assert_int_equal(unlink("routes.conf"), 0);
	assert_noticed(PUBLISH_ANY, link_conf);
	assert_int_equal(scratch_count("."), 2);
}

static void
assert_refused(const char *path, enum publish_status expected, const char *text)
{
	struct publish_request both[] = {index_request(), conf_request(PUBLISH_ANY, NULL)};
	struct publish_error error;

	both[1].path = path;
	assert_int_equal(publish_requests(both, 2, &error), expected);
	assert_int_equal(error.renamed, 0);
	assert_text(&error, text);
	assert_int_equal(publish_status_exit(expected), 73);
}

static void
what_is_no_file_is_refused(void **state)
{
	char name[300], text[400];

	(void)state;
	put_old();
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_int_equal(symlink("nothing", "dangling"), 0);
	memset(name, 'n', sizeof(name));
	name[250] = '\0';
	snprintf(text, sizeof(text), "cannot write '%s': %s", name, strerror(ENAMETOOLONG));
	assert_refused(name, PUBLISH_CREATE, text);
	assert_refused(".", PUBLISH_NO_FILE, "cannot replace '.': not a regular file");
	assert_refused("", PUBLISH_NO_FILE, "cannot replace '': not a regular file");
	assert_refused("fifo", PUBLISH_NO_FILE, "cannot replace 'fifo': not a regular file");
	assert_refused("/dev/null", PUBLISH_NO_FILE,
	    "cannot replace '/dev/null': not a regular file");
	assert_refused("dangling", PUBLISH_CREATE,
	    "cannot follow 'dangling': No such file or directory");
	assert_refused("no/routes.conf", PUBLISH_CREATE,
	    "cannot create 'no/routes.conf': No such file or directory");
	assert_refused("routes.idx/x", PUBLISH_CREATE,
	    "cannot create 'routes.idx/x': Not a directory");
	assert_refused("./routes.idx", PUBLISH_TWICE,
	    "cannot write './routes.idx': another file is written there");
	assert_int_equal(unlink("dangling"), 0);
	assert_int_equal(unlink("fifo"), 0);
	assert_old();
}

/* Both files become those of somebody who is not root. */
static uid_t
put_old_of_user(void)
{
	uid_t user = scratch_user();

	put_old();
	assert_int_equal(chown("routes.conf", user, (gid_t)-1), 0);
	assert_int_equal(chown("routes.idx", user, (gid_t)-1), 0);
	return user;
}

static void
leftover_is_replaced(void **state)
{
	struct publish_error error;

	(void)state;
	put_old();
	scratch_put(".routes.conf.tmail-tmp", "half a co", 0600);
	scratch_put("victim", "text", 0600);
	assert_int_equal(symlink("victim", ".routes.idx.tmail-tmp"), 0);
	assert_int_equal(publish_both(&error), PUBLISH_OK);
	assert_int_equal(calls.unheld_renames, 0);
	assert_true(scratch_is("victim", "text"));
	assert_int_equal(unlink("victim"), 0);
	assert_new();
	/* What cannot be removed is no obstacle: the next name does. */
	assert_int_equal(mkdir(".routes.idx.tmail-tmp", 0700), 0);
	scratch_put(".routes.idx.tmail-tmp-2", "half an in", 0600);
	put_old();
	assert_int_equal(publish_both(&error), PUBLISH_OK);
	assert_int_equal(rmdir(".routes.idx.tmail-tmp"), 0);
	assert_new();
}

/* A killed edit of root's, then one of the owner. */
static void
leftover_of_root_is_passed_by(void **state)
{
	static const char *const sweeps[] = {"routes.conf", "routes.idx"};
	uid_t user = put_old_of_user();

	(void)state;
	scratch_needs_root();
	assert_int_equal(chmod(".", 01777), 0);
	scratch_put(".routes.conf.tmail-tmp", "half a co", 0600);
	scratch_put(".routes.idx.tmail-tmp", "half an in", 0600);
	assert_int_equal(scratch_as(user, getegid(), both_exit), 0);
	assert_true(scratch_is("routes.conf", "new conf"));
	assert_true(scratch_is("routes.idx", "new index"));
	assert_int_equal(scratch_count("."), 4);
	/* Whoever may removes them, and leaves other names alone. */
	scratch_put(".routes.idx.tmail-tmp-17", "", 0600);
	scratch_put(".routes.idx.tmail-tmp-", "", 0600);
	scratch_put(".routes.idx.tmail-tmp-x", "", 0600);
	scratch_put(".other.tmail-tmp", "", 0600);
	for (size_t i = 0; i < 2; i++)
		publish_sweep(sweeps[i]);
	assert_int_equal(unlink(".routes.idx.tmail-tmp-"), 0);
	assert_int_equal(unlink(".routes.idx.tmail-tmp-x"), 0);
	assert_int_equal(unlink(".other.tmail-tmp"), 0);
	assert_new();
}

/* Where anybody can put a file and hold it, only who belongs there is waited for. */
static void
held_name_of_a_stranger_is_passed_by(void **state)
{
	struct publish_error error;
	int fd;

	(void)state;
	scratch_needs_root();
	put_old();
	assert_int_equal(chmod(".", 01777), 0);
	scratch_put(".routes.idx.tmail-tmp", "", 0600);
	assert_int_equal(chown(".routes.idx.tmail-tmp", NOBODY, NOBODY), 0);
	fd = open(".routes.idx.tmail-tmp", O_RDWR | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(publish_both(&error), PUBLISH_OK);
	assert_true(scratch_is("routes.idx", "new index"));
	assert_int_equal(chmod(".", 0755), 0);
	assert_int_equal(publish_both(&error), PUBLISH_BUSY);
	close(fd);
	assert_int_equal(publish_both(&error), PUBLISH_OK);
	assert_new();
}

/* Two confs may include one list: then two locks lead to one file. */
static void
file_under_construction_is_left_alone(void **state)
{
	struct publish_error error;
	int fd;

	(void)state;
	put_old();
	scratch_put(".routes.idx.tmail-tmp", "half an in", 0600);
	fd = open(".routes.idx.tmail-tmp", O_RDWR | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(publish_both(&error), PUBLISH_BUSY);
	assert_int_equal(publish_status_exit(error.status), 75);
	publish_sweep("routes.idx");
	assert_true(scratch_is(".routes.idx.tmail-tmp", "half an in"));
	close(fd);
	assert_true(scratch_is("routes.conf", "old conf"));
	assert_int_equal(publish_both(&error), PUBLISH_OK);
	assert_new();
}

static void
sweep_removes_leftovers_alone(void **state)
{
	(void)state;
	put_old();
	scratch_put(".routes.conf.tmail-tmp", "secret", 0600);
	publish_sweep("routes.conf");
	publish_sweep("routes.conf");
	publish_sweep("no/routes.conf");
	assert_old();
}

static void
failed_fsync_changes_nothing(void **state)
{
	struct publish_error error;

	(void)state;
	put_old();
	calls.fsync_fails = 2;
	calls.sys_errno = EIO;
	assert_int_equal(publish_both(&error), PUBLISH_WRITE);
	assert_int_equal(calls.fsyncs, 2); /* and no second try */
	assert_int_equal(error.renamed, 0);
	assert_io_error(&error, "cannot write 'routes.idx'");
	assert_old();
}

static void
failed_rename_changes_nothing(void **state)
{
	struct publish_error error;
	struct stat conf, index;

	(void)state;
	put_old();
	conf = status_of("routes.conf");
	index = status_of("routes.idx");
	calls.sys_errno = EACCES;
	calls.rename_fails = 1;
	assert_int_equal(publish_both(&error), PUBLISH_PERMISSION);
	assert_old();
	for (int i = 0; i < 4; i++) {
		calls.no_flags = (i & 1) != 0;
		calls.renames = 0;
		calls.rename_fails = 2;
		calls.sys_errno = EBUSY;
		assert_int_equal(publish_both(&error), PUBLISH_MOUNTED);
		assert_int_equal(error.renamed, 0);
		assert_text(&error, "cannot replace 'routes.idx': "
		    "it is a mount point: mount the directory, not the file");
		assert_old();
		assert_int_equal(status_of("routes.conf").st_ino, conf.st_ino);
		assert_int_equal(status_of("routes.idx").st_ino, index.st_ino);
		assert_int_equal(calls.synced[calls.fsyncs - 1], status_of(".").st_ino);
		calls.fsyncs = 0;
	}
}

static void
failed_rename_takes_new_files_away(void **state)
{
	struct publish_error error;

	(void)state;
	calls.rename_fails = 2;
	calls.sys_errno = EIO;
	assert_int_equal(publish_both(&error), PUBLISH_WRITE);
	assert_int_equal(error.renamed, 0);
	assert_int_equal(scratch_count("."), 0);
}

/* What cannot be put back stays, and is told. */
static void
failed_rename_tells_how_far_it_got(void **state)
{
	struct publish_error error;

	(void)state;
	put_old();
	calls.rename_fails = 2;
	calls.rename_fails_on = true;
	calls.sys_errno = EIO;
	assert_int_equal(publish_both(&error), PUBLISH_WRITE);
	assert_int_equal(error.renamed, 1);
	assert_true(scratch_is("routes.conf", "new conf"));
	assert_true(scratch_is("routes.idx", "old index"));
	assert_int_equal(scratch_count("."), 2);
	calls.no_flags = calls.no_links = true;
	put_old();
	calls.renames = 0;
	calls.rename_fails_on = false;
	assert_int_equal(publish_both(&error), PUBLISH_WRITE);
	assert_int_equal(error.renamed, 1);
	assert_true(scratch_is("routes.conf", "new conf"));
	assert_int_equal(scratch_count("."), 2);
}

static void
file_system_without_exchange(void **state)
{
	struct publish_error error;

	(void)state;
	calls.no_flags = true;
	for (int i = 0; i < 3; i++) {
		calls.no_links = i == 2;
		assert_int_equal(publish_both(&error), PUBLISH_OK);
		assert_new();
		put_old();
	}
	assert_old();
}

/* Changed at the last moment, by an editor that renames, or one that writes. */
static void
change_behind_the_check_is_noticed(void **state)
{
	struct publish_error error;
	struct stat st;

	(void)state;
	for (int i = 0; i < 3; i++) {
		put_old();
		calls.before_rename = i == 0 ? write_conf : i == 1 ? replace_conf : remove_conf;
		assert_int_equal(publish_both(&error), PUBLISH_CHANGED);
		assert_int_equal(error.renamed, 0);
		assert_true(i == 2 ? stat("routes.conf", &st) != 0 :
		    !scratch_is("routes.conf", "new conf"));
		assert_true(scratch_is("routes.idx", "old index"));
		assert_int_equal(scratch_count("."), i == 2 ? 1 : 2);
	}
	calls.before_rename = write_conf; /* where there was none */
	assert_int_equal(publish_both(&error), PUBLISH_CHANGED);
	assert_true(scratch_is("routes.conf", "old con3"));
}

static void
failed_directory_sync_is_told(void **state)
{
	struct publish_error error;

	(void)state;
	put_old();
	calls.fsync_fails = 3;
	calls.sys_errno = EIO;
	assert_int_equal(publish_both(&error), PUBLISH_WRITE);
	assert_int_equal(error.renamed, 2);
	assert_io_error(&error, "cannot flush the directory of 'routes.conf'");
	assert_new();
}

/* A signal waits for the clean-up, then does what it always does. */
static void
signal_leaves_nothing_behind(void **state)
{
	(void)state;
	put_old();
	calls.fsync_raises = SIGTERM;
	calls.fsync_raises_at = 2;
	assert_int_equal(scratch_fork(both_exit), 1000 + SIGTERM);
	assert_old();
	calls.fsync_raises_at = 3; /* after the renames */
	assert_int_equal(scratch_fork(both_exit), 1000 + SIGTERM);
	assert_new();
}

static void
ignore(int number)
{
	(void)number;
}

static void
signal_that_is_handled_interrupts(void **state)
{
	struct publish_error error;

	(void)state;
	put_old();
	calls.fsync_raises = SIGINT;
	calls.fsync_raises_at = 1;
	signal(SIGINT, ignore);
	assert_int_equal(publish_both(&error), PUBLISH_INTERRUPTED);
	assert_int_equal(publish_status_exit(error.status), 75);
	assert_old();
	signal(SIGINT, SIG_IGN); /* as under nohup */
	calls.fsyncs = 0;
	assert_int_equal(publish_both(&error), PUBLISH_OK);
	signal(SIGINT, SIG_DFL);
	assert_new();
}

/* The file may be written to, its directory may not. */
static void
read_only_directory(void **state)
{
	uid_t user = put_old_of_user();
	int code;

	(void)state;
	assert_int_equal(chmod(".", 0555), 0);
	code = scratch_as(user, getegid(), both_exit);
	assert_int_equal(chmod(".", 0755), 0);
	assert_int_equal(code, 77);
	assert_old();
}

static int
index_elsewhere_exit(void)
{
	struct publish_request both[] = {conf_request(PUBLISH_ANY, NULL), index_request()};
	struct publish_error error;

	both[1].path = "sub/routes.idx";
	return publish_status_exit(publish_requests(both, 2, &error));
}

/* Only the second file cannot be written: the first stays as it was. */
static void
read_only_directory_of_the_index(void **state)
{
	(void)state;
	scratch_needs_root();
	assert_int_equal(mkdir("sub", 0755), 0);
	assert_int_equal(chmod(".", 0777), 0);
	assert_int_equal(scratch_as(NOBODY, NOBODY, index_elsewhere_exit), 77);
	assert_int_equal(scratch_count("."), 1);
	assert_int_equal(scratch_count("sub"), 0);
}

/* Who made his conf read-only meant it; an index is not edited by people. */
static void
read_only_file(void **state)
{
	uid_t user = put_old_of_user();

	(void)state;
	assert_int_equal(chmod(".", 0777), 0);
	assert_int_equal(chmod("routes.conf", 0400), 0);
	assert_int_equal(chmod("routes.idx", 0400), 0);
	assert_int_equal(scratch_as(user, getegid(), both_exit), 77);
	assert_old();
	assert_int_equal(chmod("routes.conf", 0600), 0);
	assert_int_equal(scratch_as(user, getegid(), both_exit), 0);
	assert_new();
	assert_int_equal(scratch_mode("routes.idx"), 0400);
}

/* ioctl(2), whose request is an int in musl and does not hold these. */
static int
file_flags(int fd, unsigned long request, int *flags)
{
	return (int)syscall(SYS_ioctl, fd, request, flags);
}

static void
immutable_index_keeps_the_conf(void **state)
{
	struct publish_error error;
	int fd, flags = 0, no_flags;

	(void)state;
	put_old();
	fd = open("routes.idx", O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	if (file_flags(fd, FS_IOC_GETFLAGS, &flags) != 0) {
		close(fd);
		print_message("SKIP: no file flags on this file system\n");
		skip();
	}
	no_flags = flags;
	flags |= FS_IMMUTABLE_FL;
	if (file_flags(fd, FS_IOC_SETFLAGS, &flags) != 0) {
		close(fd);
		print_message("SKIP: may not make a file immutable\n");
		skip();
	}
	assert_int_equal(publish_both(&error), PUBLISH_PERMISSION);
	assert_int_equal(file_flags(fd, FS_IOC_SETFLAGS, &no_flags), 0);
	close(fd);
	assert_int_equal(calls.renames, 0);
	assert_old();
}

/* RLIMIT_FSIZE stands in for a full disk where nothing can be mounted. */
static int
limited_exit(void)
{
	const struct rlimit limit = {8, 8};

	signal(SIGXFSZ, SIG_IGN);
	return setrlimit(RLIMIT_FSIZE, &limit) == 0 ? both_exit() : 1;
}

static void
file_size_limit(void **state)
{
	(void)state;
	put_old();
	assert_int_equal(scratch_fork(limited_exit), 74);
	assert_old();
}

#define CANNOT_MOUNT 98

/* Runs f in a child with mounts of its own. */
static void
assert_with_mounts(int (*f)(void))
{
	int status;

	scratch_needs_root();
	status = scratch_fork(f);
	if (status == CANNOT_MOUNT) {
		print_message("SKIP: cannot mount here\n");
		skip();
	}
	assert_int_equal(status, 0);
}

static int
mount_private(const char *from, const char *to, const char *type, unsigned long flags,
    const char *data)
{
	if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		return -1;
	return mount(from, to, type, flags, data);
}

/* 0, or the number of the line where something was not as it must be. */
#define CHECK(condition)                     \
	do {                                 \
		if (!(condition)) {          \
			print_message("%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			return 1;            \
		}                            \
	} while (0)

/* Every size of disk, from too small for the conf to just enough for both. */
static int
full_disk(void)
{
	static char big[10000];
	struct publish_request both[] = {conf_request(PUBLISH_ANY, NULL), index_request()};
	struct publish_error error;
	struct stat st;
	char size[40];
	int failed = 0;

	both[0].data = both[1].data = big;
	both[0].len = both[1].len = sizeof(big);
	if (mount_private("none", "disk", "tmpfs", 0, "size=8k,mode=700") != 0)
		return CANNOT_MOUNT;
	CHECK(chdir("disk") == 0);
	CHECK(scratch_try_put("routes.conf", "old conf", 0600));
	CHECK(scratch_try_put("routes.idx", "old index", 0600));
	for (int kib = 8; kib <= 32; kib += 4) {
		snprintf(size, sizeof(size), "size=%dk", kib);
		CHECK(mount("none", ".", "tmpfs", MS_REMOUNT, size) == 0);
		if (publish_requests(both, 2, &error) == PUBLISH_OK)
			break;
		failed++;
		CHECK(error.status == PUBLISH_WRITE && error.sys_errno == ENOSPC);
		CHECK(error.renamed == 0);
		CHECK(scratch_is("routes.conf", "old conf"));
		CHECK(scratch_is("routes.idx", "old index"));
		CHECK(scratch_count(".") == 2);
	}
	CHECK(failed == 6);
	CHECK(scratch_count(".") == 2);
	CHECK(stat("routes.conf", &st) == 0 && st.st_size == sizeof(big));
	CHECK(stat("routes.idx", &st) == 0 && st.st_size == sizeof(big));
	return 0;
}

static void
disk_that_is_full(void **state)
{
	(void)state;
	assert_int_equal(mkdir("disk", 0755), 0);
	assert_with_mounts(full_disk);
}

/* As a container gets a single file: known before the conf is renamed. */
static int
mounted_index(void)
{
	struct publish_error error;

	if (mount_private("source", "routes.idx", NULL, MS_BIND, NULL) != 0)
		return CANNOT_MOUNT;
	CHECK(publish_both(&error) == PUBLISH_MOUNTED);
	CHECK(publish_status_exit(error.status) == 74);
	CHECK(calls.fsyncs == 0 && calls.renames == 0 && error.renamed == 0);
	CHECK(scratch_is("routes.conf", "old conf"));
	CHECK(scratch_is("routes.idx", "mounted"));
	CHECK(scratch_count(".") == 3);
	return 0;
}

static void
file_that_is_a_mount_point(void **state)
{
	(void)state;
	put_old();
	scratch_put("source", "mounted", 0600);
	assert_with_mounts(mounted_index);
}

static int
read_only_mount(void)
{
	if (mount_private("disk", "disk", NULL, MS_BIND, NULL) != 0 ||
	    mount(NULL, "disk", NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL) != 0)
		return CANNOT_MOUNT;
	CHECK(chdir("disk") == 0);
	CHECK(both_exit() == 77);
	CHECK(scratch_count(".") == 0);
	return 0;
}

static void
disk_that_is_read_only(void **state)
{
	(void)state;
	assert_int_equal(mkdir("disk", 0755), 0);
	assert_with_mounts(read_only_mount);
}

static void
every_status_has_an_exit_code(void **state)
{
	const struct {
		enum publish_status status;
		int code;
	} codes[] = {{PUBLISH_OK, 0}, {PUBLISH_PERMISSION, 77}, {PUBLISH_CREATE, 73},
	    {PUBLISH_PLANTED_LINK, 77}, {PUBLISH_FOREIGN_LINK, 77}, {PUBLISH_PLANTED_FILE, 77},
	    {PUBLISH_NO_FILE, 73}, {PUBLISH_TWICE, 73}, {PUBLISH_WRITE, 74},
	    {PUBLISH_MOUNTED, 74}, {PUBLISH_CHANGED, 75}, {PUBLISH_BUSY, 75},
	    {PUBLISH_INTERRUPTED, 75}, {PUBLISH_MEMORY, 71}};
	struct publish_error error;

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		assert_int_equal(publish_status_exit(codes[i].status), codes[i].code);
	publish_error_errno(&error, PUBLISH_CREATE, ENOMEM, "write", "x");
	assert_int_equal(error.status, PUBLISH_MEMORY);
	publish_error_set(&error, PUBLISH_INTERRUPTED, 0, "write", "x");
	assert_text(&error, "cannot write 'x': interrupted");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		publish_test(replaces_and_makes_files),
		publish_test(empty_file_and_empty_set),
		publish_test(syncs_files_then_directories),
		publish_test(link_stays_and_target_is_replaced),
		publish_test(other_hard_links_keep_the_old_bytes),
		publish_test(changed_before_add),
		publish_test(changed_before_commit),
		publish_test(what_is_no_file_is_refused),
		publish_test(leftover_is_replaced),
		publish_test(leftover_of_root_is_passed_by),
		publish_test(held_name_of_a_stranger_is_passed_by),
		publish_test(file_under_construction_is_left_alone),
		publish_test(sweep_removes_leftovers_alone),
		publish_test(failed_fsync_changes_nothing),
		publish_test(failed_rename_changes_nothing),
		publish_test(failed_rename_takes_new_files_away),
		publish_test(failed_rename_tells_how_far_it_got),
		publish_test(file_system_without_exchange),
		publish_test(change_behind_the_check_is_noticed),
		publish_test(failed_directory_sync_is_told),
		publish_test(signal_leaves_nothing_behind),
		publish_test(signal_that_is_handled_interrupts),
		publish_test(read_only_directory),
		publish_test(read_only_directory_of_the_index),
		publish_test(read_only_file),
		publish_test(immutable_index_keeps_the_conf),
		publish_test(file_size_limit),
		publish_test(disk_that_is_full),
		publish_test(file_that_is_a_mount_point),
		publish_test(disk_that_is_read_only),
		publish_test(test_what_is_late_is_written),
		publish_test(every_status_has_an_exit_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
