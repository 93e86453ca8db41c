/*
 * lock.h - one edit at a time.
 *
 * The lock is a flock(2) on an empty file beside the conf, ".routes.conf.lock"
 * for routes.conf, never on the conf itself, which gets replaced.  It ends with
 * its process, so there is no stale lock.  The file is never removed: whoever
 * waited on a removed one would hold a lock that nobody else sees.
 */
#ifndef PUBLISH_LOCK_H
#define PUBLISH_LOCK_H

#include "publish/error.h"

struct lock {
	int fd;
};

/*
 * lock_acquire - locks the file beside path (its symbolic links followed),
 * which itself need not exist.  Where nothing may be written in that
 * directory, or nothing that is there can be trusted, it locks beside
 * `fallback` instead, unless that is NULL: a compile that reads a conf in a
 * read-only directory passes its index.
 * Waits up to wait_ms milliseconds, 0 for not at all; never for a file that
 * others may have put under the lock's name (PUBLISH_PLANTED_FILE, trust.h): it
 * must belong to whom we trust or to whom the conf does.
 * PUBLISH_OK, and *lock is to be released; else any status of destination_open, or
 * PUBLISH_BUSY or _PLANTED_FILE, with *error filled.
 */
enum publish_status lock_acquire(struct lock *lock, const char *path, const char *fallback,
    unsigned wait_ms, struct publish_error *error);

/* lock_release - gives the lock up; its file stays. */
void lock_release(struct lock *lock);

#endif
