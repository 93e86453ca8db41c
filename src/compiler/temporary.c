#include "compiler/temporary.h"

#include "compiler/target.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#define TEMPORARY_SUFFIX ".tmail-tmp"
#define TEMPORARY_TRIES 8
/* Linux writes at most 2 GiB less a page at once. */
#define WRITE_MAX ((size_t)1 << 30)

void
temporary_init(struct temporary *t)
{
	t->fd = -1;
	t->held = -1;
	t->named = false;
	t->name[0] = '\0';
}

/* Removes the file of this name unless a process that builds it is alive. */
static int
leftover_remove(int directory, const char *name)
{
	int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	int failed = 0, named;

	if (fd < 0 && errno == ELOOP) /* a symbolic link was never ours */
		return unlinkat(directory, name, 0) == 0 || errno == ENOENT ? 0 : errno;
	if (fd < 0)
		return errno == ENOENT ? 0 : errno;
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		failed = errno;
		goto out;
	}
	named = target_names(directory, name, fd);
	if (named < 0 || (named == 1 && unlinkat(directory, name, 0) != 0))
		failed = errno;
out:
	close(fd);
	return failed;
}

int
temporary_sweep(int directory, const char *name)
{
	char leftover[NAME_MAX + 1];

	if (!target_beside(name, TEMPORARY_SUFFIX, leftover))
		return ENAMETOOLONG;
	return leftover_remove(directory, leftover);
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
	named = target_names(directory, t->name, t->fd);
	if (named < 0)
		return errno;
	t->named = named == 1;
	if (!t->named)
		return EWOULDBLOCK;
	t->held = fcntl(t->fd, F_DUPFD_CLOEXEC, 0);
	return t->held < 0 ? errno : 0;
}

int
temporary_open(struct temporary *t, int directory, const char *name)
{
	int failed = EWOULDBLOCK;

	if (!target_beside(name, TEMPORARY_SUFFIX, t->name))
		return ENAMETOOLONG;
	for (int i = 0; i < TEMPORARY_TRIES && failed == EWOULDBLOCK; i++) {
		failed = leftover_remove(directory, t->name);
		if (failed != 0)
			break;
		t->fd = openat(directory, t->name,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (t->fd < 0) {
			failed = errno == EEXIST ? EWOULDBLOCK : errno;
			continue;
		}
		t->named = true;
		failed = temporary_hold(t, directory);
		if (failed != 0)
			temporary_drop(t, directory);
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
	if (fsync(t->fd) != 0)
		failed = errno;
	/* After EINTR it is closed. */
	if (close(t->fd) != 0 && errno != EINTR && failed == 0)
		failed = errno;
	t->fd = -1;
	return failed;
}

int
temporary_rename(struct temporary *t, int directory, const char *name)
{
	if (renameat(directory, t->name, directory, name) != 0)
		return errno;
	t->named = false;
	return 0;
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
	if (t->held >= 0)
		close(t->held);
	t->held = -1;
}
