#include "publish/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

/* Said instead of the text of an errno. */
static const char *
status_reason(enum publish_status status)
{
	switch (status) {
	case PUBLISH_PLANTED_LINK:
		return "a link of another user in a directory that others can write to";
	case PUBLISH_FOREIGN_LINK:
		return "a link of another user to what is not his";
	case PUBLISH_PLANTED_FILE:
		return "a file of another user, or with a second name, in a directory that "
		       "others can write to";
	case PUBLISH_NO_FILE:
		return "not a regular file";
	case PUBLISH_TWICE:
		return "another file is written there";
	case PUBLISH_MOUNTED:
		return "it is a mount point: mount the directory, not the file";
	case PUBLISH_CHANGED:
		return "it was changed meanwhile";
	case PUBLISH_BUSY:
		return "another edit holds the lock";
	case PUBLISH_INTERRUPTED:
		return "interrupted";
	case PUBLISH_OK:
	case PUBLISH_PERMISSION:
	case PUBLISH_CREATE:
	case PUBLISH_WRITE:
	case PUBLISH_MEMORY:
		break;
	}
	return NULL;
}

void
publish_error_text(const struct publish_error *error, char *buf, size_t size)
{
	const char *reason = status_reason(error->status);

	if (reason == NULL)
		reason = strerror(error->sys_errno);
	snprintf(buf, size, "cannot %s '%s': %s", error->what, error->path, reason);
}

int
publish_status_exit(enum publish_status status)
{
	switch (status) {
	case PUBLISH_OK:
		return EX_OK;
	case PUBLISH_PERMISSION:
	case PUBLISH_PLANTED_LINK:
	case PUBLISH_FOREIGN_LINK:
	case PUBLISH_PLANTED_FILE:
		return EX_NOPERM;
	case PUBLISH_CREATE:
	case PUBLISH_NO_FILE:
	case PUBLISH_TWICE:
		return EX_CANTCREAT;
	case PUBLISH_WRITE:
	case PUBLISH_MOUNTED:
		return EX_IOERR;
	case PUBLISH_CHANGED:
	case PUBLISH_BUSY:
	case PUBLISH_INTERRUPTED:
		return EX_TEMPFAIL;
	case PUBLISH_MEMORY:
		return EX_OSERR;
	}
	return EX_SOFTWARE;
}

enum publish_status
publish_error_set(struct publish_error *error, enum publish_status status, int sys_errno,
    const char *what, const char *path)
{
	error->status = status;
	error->sys_errno = sys_errno;
	error->what = what;
	error->renamed = 0;
	snprintf(error->path, sizeof(error->path), "%s", path);
	return status;
}

enum publish_status
publish_error_errno(struct publish_error *error, enum publish_status other, int sys_errno,
    const char *what, const char *path)
{
	enum publish_status status = other;

	switch (sys_errno) {
	case EACCES:
	case EPERM:
	case EROFS:
		status = PUBLISH_PERMISSION;
		break;
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
	case EIO:
		status = PUBLISH_WRITE;
		break;
	case EWOULDBLOCK:
		status = PUBLISH_BUSY;
		break;
	case ENOMEM:
		status = PUBLISH_MEMORY;
		break;
	default:
		break;
	}
	return publish_error_set(error, status, sys_errno, what, path);
}
