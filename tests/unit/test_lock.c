/* One edit at a time, and never a lock that is stale or in the wrong place. */
#include "scratch.h"

#include "publish/lock.h"

#include <errno.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <time.h>

/* A file to remove right before the next flock: what a racing rm would do. */
static const char *remove_first;

int
flock(int fd, int operation)
{
	if (remove_first != NULL) {
		unlink(remove_first);
		remove_first = NULL;
	}
	return (int)syscall(SYS_flock, fd, operation);
}

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int
lock_exit(const char *path, const char *fallback)
{
	struct publish_error error;
	struct lock lock;
	enum publish_status status = lock_acquire(&lock, path, fallback, 0, &error);

	lock_release(&lock);
	return publish_status_exit(status);
}

static int
lock_here(void)
{
	return lock_exit("routes.conf", NULL);
}

static int
lock_here_or_beside_the_index(void)
{
	return lock_exit("routes.conf", "index/routes.idx");
}

static void
leaves_one_empty_private_file(void **state)
{
	struct publish_error error;
	struct lock lock;
	struct stat st;

	(void)state;
	umask(0);
	assert_int_equal(lock_acquire(&lock, "routes.conf", NULL, 0, &error), PUBLISH_OK);
	assert_int_equal(scratch_fork(lock_here), 75);
	lock_release(&lock);
	lock_release(&lock);
	assert_int_equal(scratch_fork(lock_here), 0);
	assert_int_equal(stat(".routes.conf.lock", &st), 0);
	assert_int_equal(st.st_size, 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	assert_int_equal(scratch_count("."), 1);
}

static void
waits_as_long_as_told(void **state)
{
	struct publish_error error;
	struct lock first, second;
	int64_t begin;
	char text[200];

	(void)state;
	assert_int_equal(lock_acquire(&first, "routes.conf", NULL, 0, &error), PUBLISH_OK);
	begin = now_ms();
	assert_int_equal(lock_acquire(&second, "./routes.conf", NULL, 80, &error), PUBLISH_BUSY);
	assert_in_range(now_ms() - begin, 80, 5000);
	publish_error_text(&error, text, sizeof(text));
	assert_string_equal(text, "cannot lock './routes.conf': another edit holds the lock");
	/* The fallback is no way around a lock. */
	assert_int_equal(lock_acquire(&second, "routes.conf", "routes.idx", 0, &error),
	    PUBLISH_BUSY);
	lock_release(&second);
	lock_release(&first);
}

/* The child says through a pipe that it has the lock, then keeps it. */
static pid_t
child_that_locks(unsigned hold_ms)
{
	const struct timespec hold = {hold_ms / 1000, (long)(hold_ms % 1000) * 1000000};
	struct publish_error error;
	struct lock lock;
	int ends[2];
	char c = 0;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (lock_acquire(&lock, "routes.conf", NULL, 0, &error) != PUBLISH_OK ||
		    write(ends[1], "L", 1) != 1)
			_exit(1);
		nanosleep(&hold, NULL);
		_exit(0);
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &c, 1), 1);
	close(ends[0]);
	return pid;
}

static void
gets_the_lock_when_its_holder_ends(void **state)
{
	struct publish_error error;
	struct lock lock;
	pid_t pid = child_that_locks(150);

	(void)state;
	assert_int_equal(lock_acquire(&lock, "routes.conf", NULL, 10000, &error), PUBLISH_OK);
	lock_release(&lock);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void
kill_leaves_no_stale_lock(void **state)
{
	pid_t pid = child_that_locks(60000);

	(void)state;
	assert_int_equal(lock_here(), 75);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(lock_here(), 0);
}

/* A lock on a file that has lost its name excludes nobody. */
static void
removed_lock_is_taken_anew(void **state)
{
	struct publish_error error;
	struct lock lock;

	(void)state;
	scratch_put(".routes.conf.lock", "", 0600);
	remove_first = ".routes.conf.lock";
	assert_int_equal(lock_acquire(&lock, "routes.conf", NULL, 1000, &error), PUBLISH_OK);
	assert_null(remove_first);
	assert_int_equal(scratch_fork(lock_here), 75);
	lock_release(&lock);
}

static void
link_and_target_share_the_lock(void **state)
{
	struct publish_error error;
	struct lock lock;

	(void)state;
	assert_int_equal(mkdir("real", 0755), 0);
	scratch_put("real/tmail.conf", "", 0600);
	assert_int_equal(symlink("real/tmail.conf", "routes.conf"), 0);
	assert_int_equal(lock_acquire(&lock, "real/tmail.conf", NULL, 0, &error), PUBLISH_OK);
	assert_int_equal(scratch_fork(lock_here), 75);
	lock_release(&lock);
	assert_int_equal(access("real/.tmail.conf.lock", F_OK), 0);
	assert_int_equal(access(".routes.conf.lock", F_OK), -1);
}

static void
read_only_directory_locks_beside_the_index(void **state)
{
	(void)state;
	scratch_needs_root();
	scratch_put("routes.conf", "", 0644);
	assert_int_equal(mkdir("index", 0777), 0);
	assert_int_equal(chmod("index", 0777), 0);
	assert_int_equal(scratch_as(SCRATCH_NOBODY, SCRATCH_NOBODY, lock_here), 77);
	assert_int_equal(scratch_as(SCRATCH_NOBODY, SCRATCH_NOBODY,
	    lock_here_or_beside_the_index), 0);
	assert_int_equal(access("index/.routes.idx.lock", F_OK), 0);
	assert_int_equal(access(".routes.conf.lock", F_OK), -1);
	assert_int_equal(scratch_count("index"), 1);
}

static void
planted_names_are_refused(void **state)
{
	struct publish_error error;
	struct lock lock;
	char name[260];

	(void)state;
	scratch_put("victim", "text", 0600);
	assert_int_equal(symlink("victim", ".routes.conf.lock"), 0);
	assert_int_equal(lock_acquire(&lock, "routes.conf", NULL, 0, &error), PUBLISH_CREATE);
	assert_int_equal(error.sys_errno, ELOOP);
	assert_true(scratch_is("victim", "text"));
	assert_int_equal(mkdir(".other.conf.lock", 0700), 0);
	assert_int_equal(lock_acquire(&lock, "other.conf", NULL, 0, &error), PUBLISH_CREATE);
	assert_int_equal(lock_acquire(&lock, "no/routes.conf", NULL, 0, &error), PUBLISH_CREATE);
	assert_int_equal(error.sys_errno, ENOENT);
	assert_int_equal(lock_acquire(&lock, "no/", NULL, 0, &error), PUBLISH_NO_FILE);
	assert_int_equal(lock_acquire(&lock, ".", NULL, 0, &error), PUBLISH_NO_FILE);
	memset(name, 'n', sizeof(name));
	name[252] = '\0';
	assert_int_equal(lock_acquire(&lock, name, NULL, 0, &error), PUBLISH_CREATE);
	assert_int_equal(error.sys_errno, ENAMETOOLONG);
}

/* Root must not keep the owner of a conf out, nor give a file away. */
static void
root_hands_its_lock_to_the_owner(void **state)
{
	struct stat st;

	(void)state;
	scratch_needs_root();
	assert_int_equal(chmod(".", 0777), 0);
	scratch_put("routes.conf", "", 0600);
	assert_int_equal(chown("routes.conf", SCRATCH_NOBODY, SCRATCH_NOBODY), 0);
	assert_int_equal(lock_here(), 0);
	assert_int_equal(scratch_as(SCRATCH_NOBODY, SCRATCH_NOBODY, lock_here), 0);
	assert_int_equal(unlink(".routes.conf.lock"), 0);
	scratch_put("precious", "", 0600);
	assert_int_equal(link("precious", ".routes.conf.lock"), 0);
	assert_int_equal(lock_here(), 77);
	assert_int_equal(chmod(".", 0755), 0);
	assert_int_equal(lock_here(), 0);
	assert_int_equal(stat("precious", &st), 0);
	assert_int_equal(st.st_uid, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(leaves_one_empty_private_file),
		scratch_test(waits_as_long_as_told),
		scratch_test(gets_the_lock_when_its_holder_ends),
		scratch_test(kill_leaves_no_stale_lock),
		scratch_test(removed_lock_is_taken_anew),
		scratch_test(link_and_target_share_the_lock),
		scratch_test(read_only_directory_locks_beside_the_index),
		scratch_test(planted_names_are_refused),
		scratch_test(root_hands_its_lock_to_the_owner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
