#include "publish/attributes.h"

#include "base/le.h"
#include "base/slice.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

/* The bytes of a list of names, and of a value, in Linux. */
#define EXTRA_MAX 65536
#define ACL_NAME "system.posix_acl_access"
#define ACL_WHAT "keep the access control list of"
#define EXTRA_WHAT "keep the extended attributes of"
#define OWNER_WHAT "keep the owner of"

/* The bytes of ACL_NAME: a version, then entries of tag, permissions and id. */
#define ACL_VERSION 2
#define ACL_HEADER 4
#define ACL_ENTRY 8
#define ACL_PERM 2
enum acl_tag {
	ACL_TAG_OWNER = 0x01,
	ACL_TAG_USER = 0x02,
	ACL_TAG_OWNING_GROUP = 0x04,
	ACL_TAG_GROUP = 0x08,
	ACL_TAG_MASK = 0x10,
	ACL_TAG_OTHER = 0x20
};

/* Here EOPNOTSUPP and EINVAL (an id without a name here) mean "you may not". */
static enum publish_status
attributes_error(struct publish_error *error, int sys_errno, const char *what, const char *path)
{
	enum publish_status other = PUBLISH_WRITE;

	if (sys_errno == EOPNOTSUPP || sys_errno == EINVAL)
		other = PUBLISH_PERMISSION;
	return publish_error_errno(error, other, sys_errno, what, path);
}

void
attributes_init(struct attributes *a)
{
	a->owner = ATTRIBUTES_BORN;
	a->uid = 0;
	a->gid = 0;
	a->mode = 0600;
	a->acl = NULL;
	a->acl_len = 0;
}

void
attributes_release(struct attributes *a)
{
	free(a->acl);
	attributes_init(a);
}

/* The names of all extended attributes of fd: their length, or -1. */
static ssize_t
extra_list(int fd, char list[EXTRA_MAX])
{
	ssize_t n = flistxattr(fd, list, EXTRA_MAX);

	return n < 0 && errno == EOPNOTSUPP ? 0 : n;
}

/* Whether any attribute grants access in a way that is not understood here. */
static bool
extra_grants(const char *list, ssize_t len)
{
	for (const char *p = list; p < list + len; p += strlen(p) + 1) {
		if (strncmp(p, "system.", 7) == 0 && strcmp(p, ACL_NAME) != 0)
			return true;
	}
	return false;
}

/* Reads the ACL; 0 or an errno. */
static int
acl_read(struct attributes *a, int fd)
{
	ssize_t n = fgetxattr(fd, ACL_NAME, NULL, 0);

	if (n < 0)
		return errno == ENODATA || errno == EOPNOTSUPP ? 0 : errno;
	a->acl = malloc((size_t)n + 1);
	if (a->acl == NULL)
		return ENOMEM;
	n = fgetxattr(fd, ACL_NAME, a->acl, (size_t)n);
	if (n < 0)
		return errno;
	a->acl_len = (size_t)n;
	if (n < ACL_HEADER || (n - ACL_HEADER) % ACL_ENTRY != 0 ||
	    le32_get(a->acl) != ACL_VERSION)
		return EOPNOTSUPP;
	return 0;
}

enum publish_status
attributes_read(struct attributes *a, enum attributes_owner owner, int fd, const struct stat *st,
    const char *path, struct publish_error *error)
{
	char list[EXTRA_MAX];
	ssize_t len = extra_list(fd, list);
	int failed;

	a->owner = owner;
	a->uid = st->st_uid;
	a->gid = st->st_gid;
	a->mode = st->st_mode & 07777;
	if (len < 0)
		return attributes_error(error, errno, EXTRA_WHAT, path);
	if (extra_grants(list, len))
		return attributes_error(error, EOPNOTSUPP, ACL_WHAT, path);
	failed = acl_read(a, fd);
	if (failed != 0)
		return attributes_error(error, failed, ACL_WHAT, path);
	return PUBLISH_OK;
}

/* The part of a mode that bounds what an ACL entry can grant. */
static unsigned
acl_bound(unsigned tag, mode_t mode)
{
	switch (tag) {
	case ACL_TAG_OWNER:
		return mode >> 6 & 7;
	case ACL_TAG_USER:
	case ACL_TAG_OWNING_GROUP:
	case ACL_TAG_GROUP:
	case ACL_TAG_MASK:
		return mode >> 3 & 7;
	default:
		return mode & 7;
	}
}

/* Takes from the entries with these tags what the mode does not have. */
static void
acl_narrow(struct attributes *a, unsigned tags, mode_t mode)
{
	for (size_t at = ACL_HEADER; at + ACL_ENTRY <= a->acl_len; at += ACL_ENTRY) {
		unsigned char *entry = a->acl + at;
		unsigned tag = le16_get(entry);

		if ((tag & tags) != 0)
			le16_put(entry + ACL_PERM,
			    (uint16_t)(le16_get(entry + ACL_PERM) & acl_bound(tag, mode)));
	}
}

void
attributes_narrow(struct attributes *a, enum attributes_policy policy)
{
	mode_t mode;

	if (policy == ATTRIBUTES_CONF)
		return;
	mode = policy == ATTRIBUTES_INDEX_SECRET ? 0640 : 0666;
	a->mode &= mode;
	acl_narrow(a, ~0u, mode);
}

/* The file has another group than its rights are meant for: to them, its members are others. */
static void
attributes_ungroup(struct attributes *a)
{
	mode_t strangers = (a->mode & 07) << 3;

	if (a->acl == NULL)
		a->mode &= ~(mode_t)070 | strangers;
	else
		acl_narrow(a, ACL_TAG_OWNING_GROUP, strangers);
}

/*
 * Sets owner and group where they differ; 0 or an errno.  EINVAL: an id that a
 * user namespace does not know.
 */
static int
owner_apply(struct attributes *a, int fd)
{
	struct stat st;
	bool try = a->owner == ATTRIBUTES_TRY;

	if (a->owner == ATTRIBUTES_BORN)
		return 0;
	if (fstat(fd, &st) != 0)
		return errno;
	if (st.st_gid != a->gid && fchown(fd, (uid_t)-1, a->gid) != 0) {
		if (!try || (errno != EPERM && errno != EINVAL))
			return errno;
		attributes_ungroup(a);
	}
	if (st.st_uid != a->uid && fchown(fd, a->uid, (gid_t)-1) != 0) {
		if (!try || (errno != EPERM && errno != EINVAL))
			return errno;
	}
	return 0;
}

/* Sets the ACL, or removes the one that the directory gave; 0 or an errno. */
static int
acl_apply(const struct attributes *a, int fd)
{
	if (a->acl != NULL)
		return fsetxattr(fd, ACL_NAME, a->acl, a->acl_len, 0) == 0 ? 0 : errno;
	if (fremovexattr(fd, ACL_NAME) == 0 || errno == ENODATA || errno == EOPNOTSUPP)
		return 0;
	return errno;
}

/*
 * Others belong to the bytes (security.ima, .evm, .capability) or to the file
 * system (trusted.*, btrfs.*).
 */
static bool
extra_wanted(const char *name)
{
	return strncmp(name, "user.", 5) == 0 || strcmp(name, "security.selinux") == 0 ||
	    strcmp(name, "security.SMACK64") == 0;
}

/* Copies one attribute unless the new file was born with it; 0 or an errno. */
static int
extra_copy(int fd, int old, const char *name)
{
	char value[EXTRA_MAX], born[EXTRA_MAX];
	ssize_t len = fgetxattr(old, name, value, sizeof(value));
	ssize_t born_len;

	if (len < 0)
		return errno;
	born_len = fgetxattr(fd, name, born, sizeof(born));
	if (born_len == len && memcmp(value, born, (size_t)len) == 0)
		return 0;
	return fsetxattr(fd, name, value, (size_t)len, 0) == 0 ? 0 : errno;
}

static int
extra_apply(int fd, int old)
{
	char list[EXTRA_MAX];
	ssize_t len = extra_list(old, list);
	int failed = 0;

	if (len < 0)
		return errno;
	for (const char *p = list; p < list + len && failed == 0; p += strlen(p) + 1) {
		if (extra_wanted(p))
			failed = extra_copy(fd, old, p);
	}
	return failed;
}

enum publish_status
attributes_apply(struct attributes *a, int fd, int old, const char *path,
    struct publish_error *error)
{
	int failed = owner_apply(a, fd);

	if (failed != 0)
		return attributes_error(error, failed, OWNER_WHAT, path);
	failed = acl_apply(a, fd);
	if (failed != 0)
		return attributes_error(error, failed, ACL_WHAT, path);
	if (fchmod(fd, a->mode) != 0)
		return attributes_error(error, errno, "keep the mode of", path);
	failed = old < 0 ? 0 : extra_apply(fd, old);
	if (failed != 0)
		return attributes_error(error, failed, EXTRA_WHAT, path);
	return PUBLISH_OK;
}
