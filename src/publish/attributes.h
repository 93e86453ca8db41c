/*
 * attributes.h - owner, mode, ACL and extended attributes of the file that
 * takes another one's place.
 *
 * A mode copied without its ACL lets the wrong people in: with an ACL the
 * group bits of the mode are the ACL's mask, not the rights of the group.
 * So either everything that grants access is copied or nothing is written.
 *
 * The ACL is handled as the bytes of system.posix_acl_access, the kernel's own
 * stable format: what is copied is what was there, and libacl would add a
 * library and more ways to fail for no more than that.
 */
#ifndef PUBLISH_ATTRIBUTES_H
#define PUBLISH_ATTRIBUTES_H

#include "publish/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/*
 * What a new file looks like.
 * CONF: as the old file in all respects; where there is none, mode 0600, as
 *   born by the process (`like` is not used).
 * INDEX: owner, mode and ACL as the old index, else as `like` (the conf), else
 *   0600; no x, set-uid, set-gid and sticky bits.  The owner of `like` only
 *   where the process may give files away: anyone who can read a conf can
 *   compile it for himself.
 * INDEX_SECRET: the same, and never wider than 0640: others get nothing, and
 *   the group and every user and group named in the ACL at most may read.
 */
enum attributes_policy {
	ATTRIBUTES_CONF,
	ATTRIBUTES_INDEX,
	ATTRIBUTES_INDEX_SECRET
};

enum attributes_owner {
	ATTRIBUTES_BORN,	/* the one that the file is born with */
	ATTRIBUTES_TRY,		/* uid and gid; if not allowed, the group is as others */
	ATTRIBUTES_MUST		/* uid and gid */
};

/* Owner, mode and ACL of one file. */
struct attributes {
	enum attributes_owner owner;
	uid_t uid;
	gid_t gid;
	mode_t mode;		/* 07777 bits */
	unsigned char *acl;	/* as in system.posix_acl_access; NULL: none */
	size_t acl_len;
};

/* attributes_init - mode 0600, ATTRIBUTES_BORN, no ACL. */
void attributes_init(struct attributes *a);

void attributes_release(struct attributes *a);

/*
 * attributes_read - takes the attributes of the open file fd, whose fstat is
 * *st, into *a, which must be initialised and is to be released in any case.
 * owner is ATTRIBUTES_TRY or _MUST; path is for *error only.
 * PUBLISH_OK, _WRITE, _MEMORY, or _PERMISSION where access is also granted by
 * something else than a POSIX ACL (NFSv4, ...), which cannot be carried over.
 */
enum publish_status attributes_read(struct attributes *a, enum attributes_owner owner, int fd,
    const struct stat *st, const char *path, struct publish_error *error);

/* attributes_narrow - takes away what the policy never grants. */
void attributes_narrow(struct attributes *a, enum attributes_policy policy);

/*
 * attributes_apply - gives them to the new file fd, which nobody but its owner
 * can read so far: owner and group where they differ, ACL (one that the file
 * inherited from its directory goes), mode; then from the open file `old`,
 * if it is not -1, the user.* attributes and the security label.
 * PUBLISH_OK, _PERMISSION or _WRITE; on failure the file must not be used.
 */
enum publish_status attributes_apply(struct attributes *a, int fd, int old, const char *path,
    struct publish_error *error);

#endif
