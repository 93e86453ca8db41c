#include "publish/temporary.h"

#include "store/file_stat.h"
#include "publish/destination.h"
#include "publish/trust.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define TEMPORARY_SUFFIX ".tmail-tmp"
#define TEMPORARY_TRIES 8
#define TEMPORARY_NAMES 64	/* that are tried, one after the other */
/* Linux writes at most 2 GiB less a page at once. */
#define WRITE_MAX ((size_t)1 << 30)

void
temporary_init(struct temporary *t)
{
	t->fd = -1;
	t->held = -1;
	t->named = t->born = t->kept = false;
	t->name[0] = '\0';
}

static bool
is_old(const struct place *place, int fd)
{
	struct stat st;

	return place != NULL && place->old != NULL && fstat(fd, &st) == 0 &&
	    stat_same_file(&st, place->old);
}

/* Whether the lock may have been put there only to be in the way. */
static bool
is_planted(const struct place *place, int fd)
{
	struct stat st;

	return place != NULL && trust_shared(place->status) &&
	    (fstat(fd, &st) != 0 || !trust_file(&st, place->owner));
}

/*
 * Removes the file of this name unless a process that builds it is alive; place
 * NULL: whoever holds it.  0 or an errno.
 */
static int
leftover_remove(int directory, const char *name, const struct place *place)
{
	int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	int failed = 0, named;

	if (fd < 0 && errno == ELOOP) /* a symbolic link was never ours */
		return unlinkat(directory, name, 0) == 0 || errno == ENOENT ? 0 : errno;
	if (fd < 0)
		return errno == ENOENT ? 0 : errno;
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		failed = errno == EWOULDBLOCK && is_planted(place, fd) ? EACCES : errno;
		goto out;
	}
	named = destination_names(directory, name, fd);
	if (named == 1 && is_old(place, fd))
		failed = EEXIST;
	else if (named < 0 || (named == 1 && unlinkat(directory, name, 0) != 0))
		failed = errno;
out:
	close(fd);
	return failed;
}

/* Whether somebody else's file, or something that is no file, has the name. */
static bool
is_obstacle(int sys_errno)
{
	return sys_errno == EACCES || sys_errno == EPERM || sys_errno == EISDIR ||
	    sys_errno == ENXIO || sys_errno == EEXIST;
}

/* The name of the file that a temporary file is for; false: it is none. */
static bool
temporary_of(const char *temporary, char name[NAME_MAX + 1])
{
	const char *suffix = NULL, *p = temporary;

	while ((p = strstr(p + 1, TEMPORARY_SUFFIX)) != NULL)
		suffix = p;
	if (*temporary != '.' || suffix == NULL)
		return false;
	p = suffix + strlen(TEMPORARY_SUFFIX);
	if (*p == '-' && p[1] != '\0')
		p += 1 + strspn(p + 1, "0123456789");
	snprintf(name, NAME_MAX + 1, "%.*s", (int)(suffix - temporary - 1), temporary + 1);
	return *p == '\0' && *name != '\0';
}

/* By system calls, as a commit allocates nothing. */
void
temporary_sweep(int directory, bool (*wanted)(const void *arg, const char *name), const void *arg)
{
	_Alignas(struct dirent64) char entries[1 << 14];
	char name[NAME_MAX + 1];
	ssize_t n;

	if (lseek(directory, 0, SEEK_SET) != 0)
		return;
	while ((n = getdents64(directory, (void *)entries, sizeof(entries))) > 0) {
		const struct dirent64 *entry;

		for (ssize_t at = 0; at < n; at += entry->d_reclen) {
			entry = (const void *)(entries + at);
			if (temporary_of(entry->d_name, name) && wanted(arg, name))
				leftover_remove(directory, entry->d_name, NULL);
		}
	}
}

/*
 * Between making the file and locking it, it looks like a leftover to others:
 * EWOULDBLOCK says that one of them removed it or is about to.
 */
static int
temporary_hold(struct temporary *t, int directory)
{
	int named;

	if (flock(t->fd, LOCK_EX | LOCK_NB) != 0) {
		t->named = errno != EWOULDBLOCK;
		return errno;
	}
	named = destination_names(directory, t->name, t->fd);
	if (named < 0)
		return errno;
	t->named = named == 1;
	if (!t->named)
		return EWOULDBLOCK;
	t->held = fcntl(t->fd, F_DUPFD_CLOEXEC, 0);
	return t->held < 0 ? errno : 0;
}

/* Makes the file under its name, which is free; EWOULDBLOCK: somebody was faster. */
static int
temporary_make(struct temporary *t, int directory)
{
	int failed;

	t->fd = openat(directory, t->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    0600);
	if (t->fd < 0)
		return errno == EEXIST ? EWOULDBLOCK : errno;
	t->named = true;
	failed = temporary_hold(t, directory);
	if (failed != 0)
		temporary_drop(t, directory);
	return failed;
}

/* 0 or an errno; negative: the one of a file that is in the way. */
static int
temporary_try(struct temporary *t, const struct place *place)
{
	int failed = EWOULDBLOCK;

	for (int i = 0; i < TEMPORARY_TRIES && failed == EWOULDBLOCK; i++) {
		failed = leftover_remove(place->directory, t->name, place);
		if (failed != 0)
			return is_obstacle(failed) ? -failed : failed;
		failed = temporary_make(t, place->directory);
	}
	return failed;
}

/* The temporary name with this number; false: too long. */
static bool
temporary_name(const char *name, unsigned number, char temporary[NAME_MAX + 1])
{
	char suffix[40];

	if (number == 1)
		snprintf(suffix, sizeof(suffix), "%s", TEMPORARY_SUFFIX);
	else
		snprintf(suffix, sizeof(suffix), "%s-%u", TEMPORARY_SUFFIX, number);
	return destination_beside(name, suffix, temporary);
}

int
temporary_open(struct temporary *t, const struct place *place, unsigned number)
{
	int failed = -1;

	for (unsigned i = 0; i < TEMPORARY_NAMES && failed < 0; i++) {
		if (!temporary_name(place->name, number + i, t->name))
			return ENAMETOOLONG;
		failed = temporary_try(t, place);
	}
	return failed < 0 ? -failed : failed;
}

int
temporary_link(const struct place *place, char name[NAME_MAX + 1])
{
	int failed = EEXIST;

	for (unsigned i = 1; i <= TEMPORARY_NAMES && failed == EEXIST; i++) {
		if (!temporary_name(place->name, i, name))
			return ENAMETOOLONG;
		failed = linkat(place->directory, place->name, place->directory, name, 0) == 0 ?
		    0 : errno;
	}
	return failed;
}

int
temporary_write(struct temporary *t, const void *data, size_t len, size_t offset)
{
	const char *p = data;
	ssize_t n;

	if (lseek(t->fd, (off_t)offset, SEEK_SET) < 0)
		return errno;
	while (len > 0) {
		n = write(t->fd, p, len < WRITE_MAX ? len : WRITE_MAX);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? errno : EIO;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int
temporary_finish(struct temporary *t)
{
	int failed = 0;

	/* Never a second fsync: it would succeed and the bytes be lost all the same. */
	if (fsync(t->fd) != 0 || fstat(t->fd, &t->status) != 0)
		failed = errno;
	/* After EINTR it is closed. */
	if (close(t->fd) != 0 && errno != EINTR && failed == 0)
		failed = errno;
	t->fd = -1;
	return failed;
}

void
temporary_let_go(struct temporary *t)
{
	if (t->held >= 0)
		close(t->held);
	t->held = -1;
}

int
temporary_take(struct temporary *t, int directory)
{
	struct stat st;

	if (t->held >= 0)
		return 0;
	t->held = openat(directory, t->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (t->held < 0)
		return errno == ENOENT ? EWOULDBLOCK : errno;
	if (flock(t->held, LOCK_EX | LOCK_NB) != 0 || fstat(t->held, &st) != 0)
		return errno;
	if (stat_same_file(&st, &t->status) && destination_names(directory, t->name, t->held) == 1)
		return 0;
	/* By now it is another process's. */
	t->named = false;
	return EWOULDBLOCK;
}

void
temporary_drop(struct temporary *t, int directory)
{
	if (t->named)
		unlinkat(directory, t->name, 0);
	t->named = false;
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
	temporary_let_go(t);
}
