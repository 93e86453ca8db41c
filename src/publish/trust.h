/*
 * trust.h - whose links and files count in a directory that others can write
 * to.
 *
 * Root and the effective user are trusted.  Anybody else who can put a name
 * into a directory could lead a write elsewhere, own what is written, or hold a
 * lock for ever.  The kernel's fs.protected_* settings forbid a part of that;
 * nothing here relies on them.
 */
#ifndef PUBLISH_TRUST_H
#define PUBLISH_TRUST_H

#include <stdbool.h>
#include <sys/stat.h>

bool trust_owner(uid_t owner);

/*
 * trust_shared - whether anybody else can write to this directory: its group
 * (or, by an ACL, which shows in the same bits, somebody), everybody, its owner.
 */
bool trust_shared(const struct stat *directory);

/*
 * trust_file - whether a file in a shared directory is what it seems: of a
 * trusted owner or of `owner`, and under this name alone, since anybody can
 * link a file of root's to a name of his choice.
 */
bool trust_file(const struct stat *file, uid_t owner);

#endif
