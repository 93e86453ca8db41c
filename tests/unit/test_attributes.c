/* Whom a replaced file lets in: never more people than before. */
#include "scratch.h"

#include "publish/publish.h"

#include <errno.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

#define ACL "system.posix_acl_access"
#define NOBODY SCRATCH_NOBODY
#define GROUP 1
#define STRANGER 4242

/* An attribute that only some file systems have, put into what the kernel lists. */
static const char *listed_too;

ssize_t
flistxattr(int fd, char *list, size_t size)
{
	ssize_t n = syscall(SYS_flistxattr, fd, list, size);

	if (listed_too != NULL && n >= 0) {
		memcpy(list + n, listed_too, strlen(listed_too) + 1);
		n += (ssize_t)strlen(listed_too) + 1;
	}
	return n;
}

static enum publish_status
replace(const char *path, enum attributes_policy policy, const char *like,
    struct publish_error *error)
{
	const struct publish_request request = {
		.path = path, .data = "new", .len = 3, .expect = PUBLISH_ANY, .policy = policy,
		.like = like,
	};
	struct publish set;
	enum publish_status status;

	publish_init(&set);
	status = publish_add(&set, &request, error);
	if (status == PUBLISH_OK)
		status = publish_commit(&set, error);
	publish_release(&set);
	return status;
}

static void
assert_replaced(const char *path, enum attributes_policy policy, const char *like)
{
	struct publish_error error;

	assert_int_equal(replace(path, policy, like, &error), PUBLISH_OK);
	assert_true(scratch_is(path, "new"));
}

/*
 * ACLs in the shape of `user::rw-,user:N:r--,group::---,mask::r--,other::---`:
 * rights are digits as in a mode.
 */
struct acl {
	unsigned char bytes[4 + 5 * 8];
};

static struct acl
acl(unsigned owner, uid_t user, unsigned rights, unsigned group, unsigned mask, unsigned other)
{
	const unsigned entries[5][3] = {{0x01, owner, ~0u}, {0x02, rights, user},
	    {0x04, group, ~0u}, {0x10, mask, ~0u}, {0x20, other, ~0u}};
	struct acl a = {{2}};

	for (size_t i = 0; i < 5; i++) {
		unsigned char *p = a.bytes + 4 + i * 8;

		p[0] = (unsigned char)entries[i][0];
		p[2] = (unsigned char)entries[i][1];
		for (unsigned j = 0; j < 4; j++)
			p[4 + j] = (unsigned char)(entries[i][2] >> (8 * j));
	}
	return a;
}

static void
acl_put(const char *path, const char *name, struct acl a)
{
	assert_int_equal(setxattr(path, name, a.bytes, sizeof(a.bytes), 0), 0);
}

static void
assert_acl(const char *path, struct acl a)
{
	unsigned char got[256];

	assert_int_equal(getxattr(path, ACL, got, sizeof(got)), sizeof(a.bytes));
	assert_memory_equal(got, a.bytes, sizeof(a.bytes));
}

static void
assert_no_acl(const char *path)
{
	assert_int_equal(getxattr(path, ACL, NULL, 0), -1);
	assert_int_equal(errno, ENODATA);
}

static void
assert_owner(const char *path, uid_t uid, gid_t gid)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_uid, uid);
	assert_int_equal(st.st_gid, gid);
}

static int
read_conf(void)
{
	return open("routes.conf", O_RDONLY | O_CLOEXEC) >= 0 ? 0 : errno;
}

static int
read_index(void)
{
	return open("routes.idx", O_RDONLY | O_CLOEXEC) >= 0 ? 0 : errno;
}

/* The group bits of the mode are the mask here: the group itself has nothing. */
static void
acl_of_a_user_keeps_the_group_out(void **state)
{
	struct acl a = acl(6, NOBODY, 4, 0, 4, 0);

	(void)state;
	scratch_needs_root();
	scratch_put("routes.conf", "old", 0600);
	assert_int_equal(chown("routes.conf", 0, GROUP), 0);
	acl_put("routes.conf", ACL, a);
	assert_int_equal(scratch_mode("routes.conf"), 0640);
	assert_int_equal(scratch_as(STRANGER, GROUP, read_conf), EACCES);

	assert_replaced("routes.conf", ATTRIBUTES_CONF, NULL);
	assert_acl("routes.conf", a);
	assert_int_equal(scratch_mode("routes.conf"), 0640);
	assert_owner("routes.conf", 0, GROUP);
	assert_int_equal(scratch_as(STRANGER, GROUP, read_conf), EACCES);
	assert_int_equal(scratch_as(NOBODY, NOBODY, read_conf), 0);
}

/* No need to be root to see the bytes of the ACL arrive. */
static void
acl_is_copied(void **state)
{
	struct acl a = acl(6, NOBODY, 6, 4, 6, 4);

	(void)state;
	scratch_put("routes.conf", "old", 0600);
	acl_put("routes.conf", ACL, a);
	assert_replaced("routes.conf", ATTRIBUTES_CONF, NULL);
	assert_acl("routes.conf", a);
}

/* A default ACL lacks only a mask to let its users in. */
static void
default_acl_of_the_directory_adds_nobody(void **state)
{
	(void)state;
	scratch_put("routes.conf", "old", 0640);
	acl_put(".", "system.posix_acl_default", acl(7, NOBODY, 7, 7, 7, 7));
	assert_replaced("routes.conf", ATTRIBUTES_CONF, NULL);
	assert_no_acl("routes.conf");
	assert_int_equal(scratch_mode("routes.conf"), 0640);
	assert_replaced("fresh.conf", ATTRIBUTES_CONF, NULL);
	assert_no_acl("fresh.conf");
	assert_int_equal(scratch_mode("fresh.conf"), 0600);
}

static void
other_access_control_is_refused(void **state)
{
	struct publish_error error;

	(void)state;
	scratch_put("routes.conf", "old", 0600);
	listed_too = "system.nfs4_acl";
	assert_int_equal(replace("routes.conf", ATTRIBUTES_CONF, NULL, &error),
	    PUBLISH_PERMISSION);
	assert_int_equal(replace("routes.idx", ATTRIBUTES_INDEX, "routes.conf", &error),
	    PUBLISH_PERMISSION);
	listed_too = NULL;
	assert_string_equal(error.what, "keep the access control list of");
	assert_true(scratch_is("routes.conf", "old"));
	assert_int_equal(scratch_count("."), 1);
}

static void
owner_and_mode_are_kept(void **state)
{
	(void)state;
	scratch_needs_root();
	scratch_put("routes.conf", "old", 0600);
	assert_int_equal(chown("routes.conf", NOBODY, GROUP), 0);
	assert_int_equal(chmod("routes.conf", 02604), 0);
	assert_replaced("routes.conf", ATTRIBUTES_CONF, NULL);
	assert_owner("routes.conf", NOBODY, GROUP);
	assert_int_equal(scratch_mode("routes.conf"), 02604);
	assert_no_acl("routes.conf");
}

static void
mode_is_kept(void **state)
{
	(void)state;
	umask(0);
	scratch_put("routes.conf", "old", 0644);
	assert_replaced("routes.conf", ATTRIBUTES_CONF, NULL);
	assert_int_equal(scratch_mode("routes.conf"), 0644);
	umask(0777);
	assert_replaced("routes.conf", ATTRIBUTES_CONF, NULL);
	assert_int_equal(scratch_mode("routes.conf"), 0644);
}

static void
new_file_is_private(void **state)
{
	(void)state;
	umask(0);
	assert_replaced("routes.conf", ATTRIBUTES_CONF, NULL);
	assert_int_equal(scratch_mode("routes.conf"), 0600);
	assert_owner("routes.conf", geteuid(), getegid());
	assert_replaced("other.conf", ATTRIBUTES_CONF, "/etc/passwd");
	assert_int_equal(scratch_mode("other.conf"), 0600);
	assert_replaced("routes.idx", ATTRIBUTES_INDEX, "no.conf");
	assert_int_equal(scratch_mode("routes.idx"), 0600);
	assert_replaced("other.idx", ATTRIBUTES_INDEX, NULL);
	assert_int_equal(scratch_mode("other.idx"), 0600);
}

static void
user_attributes_are_kept(void **state)
{
	char got[16];

	(void)state;
	scratch_put("routes.conf", "old", 0600);
	assert_int_equal(setxattr("routes.conf", "user.ticket", "4711", 4, 0), 0);
	assert_int_equal(setxattr("routes.conf", "user.empty", "", 0, 0), 0);
	assert_replaced("routes.conf", ATTRIBUTES_CONF, NULL);
	assert_int_equal(getxattr("routes.conf", "user.ticket", got, sizeof(got)), 4);
	assert_memory_equal(got, "4711", 4);
	assert_int_equal(getxattr("routes.conf", "user.empty", got, sizeof(got)), 0);
	/* They are about that file, not about the index that goes with it. */
	assert_replaced("routes.idx", ATTRIBUTES_INDEX, "routes.conf");
	assert_int_equal(getxattr("routes.idx", "user.ticket", got, sizeof(got)), -1);
}

/* The label says who may read; a checksum of the old bytes would be a lie. */
static void
security_label_is_kept(void **state)
{
	const char *label = "system_u:object_r:etc_t:s0";
	char got[64];

	(void)state;
	scratch_needs_root();
	scratch_put("routes.conf", "old", 0600);
	if (setxattr("routes.conf", "security.selinux", label, strlen(label), 0) != 0 ||
	    setxattr("routes.conf", "trusted.checksum", "0", 1, 0) != 0) {
		print_message("SKIP: this file system takes no labels\n");
		skip();
	}
	assert_replaced("routes.conf", ATTRIBUTES_CONF, NULL);
	assert_int_equal(getxattr("routes.conf", "security.selinux", got, sizeof(got)),
	    strlen(label));
	assert_memory_equal(got, label, strlen(label));
	assert_int_equal(getxattr("routes.conf", "trusted.checksum", got, sizeof(got)), -1);
}

/* As the old index, whatever the conf says; else as the conf. */
static void
index_follows_index_then_conf(void **state)
{
	(void)state;
	scratch_put("routes.conf", "conf", 0644);
	assert_replaced("routes.idx", ATTRIBUTES_INDEX, "routes.conf");
	assert_int_equal(scratch_mode("routes.idx"), 0644);
	assert_int_equal(chmod("routes.idx", 0604), 0);
	assert_replaced("routes.idx", ATTRIBUTES_INDEX, "routes.conf");
	assert_int_equal(scratch_mode("routes.idx"), 0604);
	assert_int_equal(chmod("routes.idx", 06775), 0);
	assert_replaced("routes.idx", ATTRIBUTES_INDEX, "routes.conf");
	assert_int_equal(scratch_mode("routes.idx"), 0664);
}

static void
index_with_secrets_is_narrow(void **state)
{
	(void)state;
	scratch_put("routes.conf", "conf", 0666);
	assert_replaced("routes.idx", ATTRIBUTES_INDEX_SECRET, "routes.conf");
	assert_int_equal(scratch_mode("routes.idx"), 0640);
	assert_int_equal(chmod("routes.idx", 0777), 0);
	assert_replaced("routes.idx", ATTRIBUTES_INDEX_SECRET, "routes.conf");
	assert_int_equal(scratch_mode("routes.idx"), 0640);
	assert_int_equal(chmod("routes.idx", 0600), 0);
	assert_replaced("routes.idx", ATTRIBUTES_INDEX_SECRET, "routes.conf");
	assert_int_equal(scratch_mode("routes.idx"), 0600);
}

static void
index_with_secrets_has_a_narrow_acl(void **state)
{
	(void)state;
	scratch_put("routes.conf", "conf", 0600);
	acl_put("routes.conf", ACL, acl(7, NOBODY, 7, 6, 7, 7));
	assert_replaced("routes.idx", ATTRIBUTES_INDEX_SECRET, "routes.conf");
	assert_acl("routes.idx", acl(6, NOBODY, 4, 4, 4, 0));
	assert_replaced("other.idx", ATTRIBUTES_INDEX, "routes.conf");
	assert_acl("other.idx", acl(6, NOBODY, 6, 6, 6, 6));
}

static int
replace_conf(void)
{
	struct publish_error error;

	return publish_status_exit(replace("routes.conf", ATTRIBUTES_CONF, NULL, &error));
}

static int
replace_index(void)
{
	struct publish_error error;

	return publish_status_exit(replace("routes.idx", ATTRIBUTES_INDEX, "routes.conf", &error));
}

/* Who cannot give the file back to its owner must not take it. */
static void
foreign_owner_is_not_replaced(void **state)
{
	(void)state;
	scratch_needs_root();
	scratch_put("routes.conf", "old", 0666);
	scratch_put("routes.idx", "old", 0666);
	assert_int_equal(chmod(".", 0777), 0);
	assert_int_equal(scratch_as(NOBODY, NOBODY, replace_conf), 77);
	assert_int_equal(scratch_as(NOBODY, NOBODY, replace_index), 77);
	assert_true(scratch_is("routes.conf", "old"));
	assert_true(scratch_is("routes.idx", "old"));
	assert_owner("routes.idx", 0, 0);
	assert_int_equal(scratch_count("."), 2);
}

/* Compiling somebody else's conf is fine, but my group is not his. */
static void
foreign_conf_can_be_compiled(void **state)
{
	(void)state;
	scratch_needs_root();
	scratch_put("routes.conf", "conf", 0644);
	assert_int_equal(chmod(".", 0777), 0);
	assert_int_equal(scratch_as(NOBODY, NOBODY, replace_index), 0);
	assert_owner("routes.idx", NOBODY, NOBODY);
	assert_int_equal(scratch_mode("routes.idx"), 0644);
	assert_int_equal(unlink("routes.idx"), 0);
	assert_int_equal(chmod("routes.conf", 0664), 0);
	assert_int_equal(scratch_as(NOBODY, NOBODY, replace_index), 0);
	assert_int_equal(scratch_mode("routes.idx"), 0644);
}

static void
foreign_conf_with_acl_can_be_compiled(void **state)
{
	(void)state;
	scratch_needs_root();
	scratch_put("routes.conf", "conf", 0600);
	acl_put("routes.conf", ACL, acl(6, NOBODY, 4, 4, 4, 0));
	assert_int_equal(chmod(".", 0777), 0);
	assert_int_equal(scratch_as(NOBODY, GROUP, replace_index), 0);
	assert_owner("routes.idx", NOBODY, GROUP);
	assert_acl("routes.idx", acl(6, NOBODY, 4, 0, 4, 0));
	assert_int_equal(scratch_as(STRANGER, GROUP, read_index), EACCES);
}

/* In the group of the conf: the index belongs to it as well. */
static void
own_group_is_taken_over(void **state)
{
	(void)state;
	scratch_needs_root();
	scratch_put("routes.conf", "conf", 0640);
	assert_int_equal(chown("routes.conf", 0, GROUP), 0);
	assert_int_equal(chmod(".", 0777), 0);
	assert_int_equal(scratch_as(NOBODY, GROUP, replace_index), 0);
	assert_owner("routes.idx", NOBODY, GROUP);
	assert_int_equal(scratch_mode("routes.idx"), 0640);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(acl_of_a_user_keeps_the_group_out),
		scratch_test(acl_is_copied),
		scratch_test(default_acl_of_the_directory_adds_nobody),
		scratch_test(other_access_control_is_refused),
		scratch_test(owner_and_mode_are_kept),
		scratch_test(mode_is_kept),
		scratch_test(new_file_is_private),
		scratch_test(user_attributes_are_kept),
		scratch_test(security_label_is_kept),
		scratch_test(index_follows_index_then_conf),
		scratch_test(index_with_secrets_is_narrow),
		scratch_test(index_with_secrets_has_a_narrow_acl),
		scratch_test(foreign_owner_is_not_replaced),
		scratch_test(foreign_conf_can_be_compiled),
		scratch_test(foreign_conf_with_acl_can_be_compiled),
		scratch_test(own_group_is_taken_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
