/* What others can put into a directory is neither followed nor imitated. */
#include "scratch.h"

#include "publish/lock.h"
#include "publish/publish.h"

#include <errno.h>
#include <sys/file.h>

#define NOBODY SCRATCH_NOBODY
#define GAMES 5

/* The working directory is shared: mode 1777, or what a test sets. */
static int
setup(void **state)
{
	return scratch_setup(state) == 0 && chmod(".", 01777) == 0 ? 0 : -1;
}

#define planted_test(f) cmocka_unit_test_setup_teardown(f, setup, scratch_teardown)

/* A file of somebody else's. */
static void
put(const char *path, const char *text, mode_t mode, uid_t owner)
{
	scratch_put(path, text, mode);
	assert_int_equal(chown(path, owner, owner), 0);
}

static void
put_link(const char *to, const char *path, uid_t owner)
{
	assert_int_equal(symlink(to, path), 0);
	assert_int_equal(lchown(path, owner, owner), 0);
}

static void
put_directory(const char *path, mode_t mode, uid_t owner)
{
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(chmod(path, mode), 0);
	assert_int_equal(chown(path, owner, owner), 0);
}

/* Replaces the file, as a conf or as the index of "conf". */
static enum publish_status
replace(const char *path, enum attributes_policy policy, struct publish_error *error)
{
	const struct publish_request request = {.path = path, .data = "new", .len = 3,
		.expect = PUBLISH_ANY, .policy = policy, .like = "conf"};
	enum publish_status status;
	struct publish set;

	publish_init(&set);
	status = publish_add(&set, &request, error);
	if (status == PUBLISH_OK)
		status = publish_commit(&set, error);
	publish_release(&set);
	return status;
}

static void
assert_refused(const char *path, enum attributes_policy policy, enum publish_status expected,
    const char *text)
{
	struct publish_error error;
	char said[PATH_MAX + 200];

	assert_int_equal(replace(path, policy, &error), expected);
	assert_int_equal(publish_status_exit(error.status), 77);
	publish_error_text(&error, said, sizeof(said));
	assert_string_equal(said, text);
}

static void
assert_replaced(const char *path, enum attributes_policy policy, uid_t owner)
{
	struct publish_error error;
	struct stat st;

	assert_int_equal(replace(path, policy, &error), PUBLISH_OK);
	assert_true(scratch_is(path, "new"));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_uid, owner);
}

#define PLANTED_LINK "a link of another user in a directory that others can write to"
#define PLANTED_FILE \
	"a file of another user, or with a second name, in a directory that others can write to"

static void
link_of_another_is_not_followed(void **state)
{
	static const mode_t modes[] = {01777, 0777, 0775};

	(void)state;
	scratch_needs_root();
	put_directory("safe", 0755, 0);
	put("safe/victim", "text", 0600, 0);
	put("safe/his", "text", 0600, NOBODY);
	put_link("safe/victim", "idx", NOBODY);
	put_link("safe/his", "own", NOBODY);
	put_link("own", "hop", 0);
	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		assert_int_equal(chmod(".", modes[i]), 0);
		assert_refused("idx", ATTRIBUTES_INDEX, PUBLISH_PLANTED_LINK,
		    "cannot follow 'idx': " PLANTED_LINK);
		assert_refused("own", ATTRIBUTES_CONF, PUBLISH_PLANTED_LINK,
		    "cannot follow 'own': " PLANTED_LINK);
		assert_refused("hop", ATTRIBUTES_CONF, PUBLISH_PLANTED_LINK,
		    "cannot follow 'hop': " PLANTED_LINK);
	}
	assert_int_equal(chmod(".", 0755), 0);
	assert_int_equal(chown(".", NOBODY, NOBODY), 0);
	assert_refused("idx", ATTRIBUTES_INDEX, PUBLISH_PLANTED_LINK,
	    "cannot follow 'idx': " PLANTED_LINK);
	assert_true(scratch_is("safe/victim", "text"));
	assert_true(scratch_is("safe/his", "text"));
}

static void
link_of_another_leads_to_what_is_his(void **state)
{
	(void)state;
	scratch_needs_root();
	assert_int_equal(chmod(".", 0755), 0);
	put_directory("his", 0755, NOBODY);
	put_directory("safe", 0755, 0);
	put("safe/victim", "text", 0600, 0);
	put("his/conf", "text", 0600, NOBODY);
	put_link("safe/victim", "idx", NOBODY);
	put_link("his/conf", "conf", NOBODY);
	put_link("safe", "aside", NOBODY);
	put_link("his", "away", NOBODY);
	assert_refused("idx", ATTRIBUTES_INDEX, PUBLISH_FOREIGN_LINK,
	    "cannot follow 'idx': a link of another user to what is not his");
	assert_refused("aside/victim", ATTRIBUTES_INDEX, PUBLISH_FOREIGN_LINK,
	    "cannot follow 'aside/victim': a link of another user to what is not his");
	assert_true(scratch_is("safe/victim", "text"));
	assert_replaced("conf", ATTRIBUTES_CONF, NOBODY);
	scratch_put("his/conf", "text", 0600);
	assert_replaced("away/conf", ATTRIBUTES_CONF, NOBODY);
}

static void
directory_that_is_a_link_of_another(void **state)
{
	(void)state;
	scratch_needs_root();
	put_directory("safe", 0755, 0);
	put("safe/idx", "text", 0600, 0);
	put_link("safe", "aside", NOBODY);
	put_link(".", "here", 0);
	assert_refused("aside/idx", ATTRIBUTES_INDEX, PUBLISH_PLANTED_LINK,
	    "cannot follow 'aside/idx': " PLANTED_LINK);
	assert_refused("here/aside/idx", ATTRIBUTES_INDEX, PUBLISH_PLANTED_LINK,
	    "cannot follow 'here/aside/idx': " PLANTED_LINK);
	assert_true(scratch_is("safe/idx", "text"));
	assert_replaced("here/safe/idx", ATTRIBUTES_INDEX, 0);
}

/* The kernel's bound holds here, too: 40 links, one after the other. */
static void
own_links_are_followed(void **state)
{
	struct publish_error error;
	char from[20], to[20] = "./real";

	(void)state;
	put("real", "text", 0600, geteuid());
	for (int i = 1; i <= 41; i++) {
		snprintf(from, sizeof(from), "link%d", i);
		assert_int_equal(symlink(to, from), 0);
		memcpy(to, from, sizeof(to));
	}
	assert_replaced("link40", ATTRIBUTES_CONF, geteuid());
	assert_int_equal(replace("link41", ATTRIBUTES_CONF, &error), PUBLISH_CREATE);
	assert_int_equal(error.sys_errno, ELOOP);
}

static void
old_file_of_another_is_not_imitated(void **state)
{
	(void)state;
	scratch_needs_root();
	put("conf", "text", 0600, 0);
	put("idx", "text", 0644, NOBODY);
	assert_refused("idx", ATTRIBUTES_INDEX, PUBLISH_PLANTED_FILE,
	    "cannot replace 'idx': " PLANTED_FILE);
	assert_int_equal(chmod(".", 0775), 0);
	assert_refused("idx", ATTRIBUTES_INDEX_SECRET, PUBLISH_PLANTED_FILE,
	    "cannot replace 'idx': " PLANTED_FILE);
	assert_replaced("idx", ATTRIBUTES_CONF, NOBODY);
	assert_int_equal(chmod(".", 0755), 0);
	assert_replaced("idx", ATTRIBUTES_INDEX, NOBODY);
	assert_int_equal(chown(".", GAMES, GAMES), 0);
	assert_refused("idx", ATTRIBUTES_INDEX, PUBLISH_PLANTED_FILE,
	    "cannot replace 'idx': " PLANTED_FILE);
	assert_int_equal(chmod(".", 0777), 0);
	assert_refused("idx", ATTRIBUTES_CONF, PUBLISH_PLANTED_FILE,
	    "cannot replace 'idx': " PLANTED_FILE);
	/* The index gets the conf's owner. */
	assert_int_equal(chown("conf", NOBODY, NOBODY), 0);
	assert_replaced("idx", ATTRIBUTES_INDEX, NOBODY);
}

/* A hard link would lend the new index the mode of any file of root's. */
static void
second_name_is_not_imitated(void **state)
{
	(void)state;
	put("open", "text", 0666, geteuid());
	assert_int_equal(link("open", "idx"), 0);
	assert_refused("idx", ATTRIBUTES_INDEX, PUBLISH_PLANTED_FILE,
	    "cannot replace 'idx': " PLANTED_FILE);
	assert_int_equal(chmod(".", 0755), 0);
	assert_replaced("idx", ATTRIBUTES_INDEX, geteuid());
}

/* Tries to lock, waiting for ever if it would have to. */
static void
assert_lock(const char *path, enum publish_status expected)
{
	struct publish_error error;
	struct lock lock;

	assert_int_equal(lock_acquire(&lock, path, NULL, 1000000000, &error), expected);
	lock_release(&lock);
}

static void
lock_of_another_blocks_nobody(void **state)
{
	struct stat st;
	int fd;

	(void)state;
	scratch_needs_root();
	put("conf", "text", 0600, 0);
	put(".conf.lock", "", 0666, NOBODY);
	fd = open(".conf.lock", O_RDONLY | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_lock("conf", PUBLISH_PLANTED_FILE);
	close(fd);
	assert_int_equal(stat(".conf.lock", &st), 0);
	assert_int_equal(st.st_uid, NOBODY);
	/* A file of root's that anybody can lock, under another name. */
	put("public", "", 0644, 0);
	assert_int_equal(rename("public", ".conf.lock"), 0);
	assert_int_equal(link(".conf.lock", "public"), 0);
	assert_lock("conf", PUBLISH_PLANTED_FILE);
	assert_int_equal(unlink("public"), 0);
	assert_lock("conf", PUBLISH_OK);
	/* His conf is his to lock. */
	assert_int_equal(chown(".conf.lock", NOBODY, NOBODY), 0);
	assert_int_equal(chown("conf", NOBODY, NOBODY), 0);
	assert_lock("conf", PUBLISH_OK);
	assert_int_equal(unlink(".conf.lock"), 0);
	put_link("victim", ".conf.lock", NOBODY);
	assert_lock("conf", PUBLISH_PLANTED_LINK);
	assert_int_equal(access("victim", F_OK), -1);
	assert_int_equal(unlink(".conf.lock"), 0);
	assert_int_equal(mkfifo(".conf.lock", 0600), 0);
	assert_lock("conf", PUBLISH_PLANTED_FILE);
}

/* A conf is read, too, where it cannot be locked. */
static void
lock_beside_the_index_instead(void **state)
{
	struct publish_error error;
	struct lock lock;

	(void)state;
	scratch_needs_root();
	put_directory("safe", 0755, 0);
	put("conf", "text", 0644, 0);
	put(".conf.lock", "", 0666, NOBODY);
	assert_int_equal(lock_acquire(&lock, "conf", "safe/idx", 0, &error), PUBLISH_OK);
	lock_release(&lock);
	assert_int_equal(access("safe/.idx.lock", F_OK), 0);
	put_link("conf", "link", NOBODY);
	assert_int_equal(lock_acquire(&lock, "link", "safe/idx", 0, &error), PUBLISH_OK);
	lock_release(&lock);
	assert_int_equal(lock_acquire(&lock, "link", "link", 0, &error), PUBLISH_PLANTED_LINK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		planted_test(link_of_another_is_not_followed),
		planted_test(link_of_another_leads_to_what_is_his),
		planted_test(directory_that_is_a_link_of_another),
		planted_test(own_links_are_followed),
		planted_test(old_file_of_another_is_not_imitated),
		planted_test(second_name_is_not_imitated),
		planted_test(lock_of_another_blocks_nobody),
		planted_test(lock_beside_the_index_instead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
