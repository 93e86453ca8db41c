/* error.h - why files were not locked or replaced, and how far it got. */
#ifndef PUBLISH_ERROR_H
#define PUBLISH_ERROR_H

#include <limits.h>
#include <stddef.h>

enum publish_status {
	PUBLISH_OK,
	PUBLISH_PERMISSION,	/* may not: file, directory, owner or ACL; read-only mount */
	PUBLISH_CREATE,		/* cannot create: no such directory, a name too long, ... */
	PUBLISH_PLANTED_LINK,	/* a link of somebody else where others can write; see trust.h */
	PUBLISH_FOREIGN_LINK,	/* a link of somebody who does not own what it leads to */
	PUBLISH_PLANTED_FILE,	/* a file that others may have put there; see trust.h */
	PUBLISH_NO_FILE,	/* a directory, a device: nothing that can be replaced */
	PUBLISH_TWICE,		/* two files of the set are the same (conf and index) */
	PUBLISH_WRITE,		/* cannot write: disk full, I/O error, ... */
	PUBLISH_MOUNTED,	/* the file is a mount point: rename(2) cannot replace it */
	PUBLISH_CHANGED,	/* not the file that was read any more */
	PUBLISH_BUSY,		/* another process is publishing */
	PUBLISH_INTERRUPTED,	/* SIGINT, SIGTERM, SIGHUP or SIGQUIT; delivered on return */
	PUBLISH_MEMORY
};

/*
 * What went wrong.  what says what could not be done, in words that follow
 * "cannot" and go before a file name ("write", "keep the owner of"): static
 * text, like NULL only with PUBLISH_OK.  path is that file as the caller
 * named it (or one beside it: a lock, a leftover).  sys_errno is 0 where no
 * system call failed.  renamed counts the files of the set that stay replaced
 * all the same, in the order they were added; 0 says that nothing changed.
 */
struct publish_error {
	enum publish_status status;
	int sys_errno;
	const char *what;
	size_t renamed;
	char path[PATH_MAX];
};

/*
 * publish_error_text - writes one line without its end, e.g. "cannot write
 * '/etc/tmail/routes.conf': No space left on device", cut to size (> 0) and
 * NUL-terminated.  Bytes of the path are written as they are.
 */
void publish_error_text(const struct publish_error *error, char *buf, size_t size);

/*
 * publish_status_exit - the exit code (sysexits.h) for a status: 0, 71, 73,
 * 74, 75 or 77.  Does not look at renamed: that a part was replaced is for the
 * caller to judge.
 */
int publish_status_exit(enum publish_status status);

/*
 * publish_error_set - fills *error (renamed becomes 0) and returns status.
 * For the modules that publish.
 */
enum publish_status publish_error_set(struct publish_error *error, enum publish_status status,
    int sys_errno, const char *what, const char *path);

/*
 * publish_error_errno - the same, the status being chosen by sys_errno:
 * permission, mounted, out of space and the like; otherwise it is `other`.
 */
enum publish_status publish_error_errno(struct publish_error *error, enum publish_status other,
    int sys_errno, const char *what, const char *path);

#endif
