#include "publish/lock.h"

#include "publish/destination.h"
#include "publish/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/file.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#define LOCK_SUFFIX ".lock"
#define LOCK_POLL_MS 10

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/*
 * A lock that root made would keep the owner of the conf out for good, as it
 * is for its owner alone: hand it over.  Only one that we have just made; else
 * a hard link planted under this name would be given away.
 */
static void
lock_hand_over(int fd, const struct destination *destination)
{
	struct stat st;

	if (geteuid() != 0)
		return;
	if (fstatat(destination->directory, destination->name, &st, AT_SYMLINK_NOFOLLOW) != 0 &&
	    fstat(destination->directory, &st) != 0)
		return;
	if (st.st_uid != 0 && fchown(fd, st.st_uid, st.st_gid) != 0)
		return; /* root's lock locks as well */
}

/* Opens the lock file, making it if need be; -1 with errno set. */
static int
lock_open(const struct destination *destination, const char *name)
{
	int fd = openat(destination->directory, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0 || errno != ENOENT)
		return fd;
	fd = openat(destination->directory, name,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd >= 0)
		lock_hand_over(fd, destination);
	return fd;
}

/*
 * Whoever can write to the directory could put a file of his there and keep it
 * locked.  Where the lock belongs, lock_hand_over says.
 */
static bool
lock_is_planted(const struct destination *destination, int fd)
{
	struct stat st, conf;

	if (!trust_shared(&destination->parent))
		return false;
	if (fstatat(destination->directory, destination->name, &conf, AT_SYMLINK_NOFOLLOW) != 0)
		conf = destination->parent;
	return fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || !trust_file(&st, conf.st_uid);
}

/*
 * One try: PUBLISH_OK and the locked file, or why not with errno set;
 * PUBLISH_BUSY: try again.
 */
static enum publish_status
lock_try(const struct destination *destination, const char *name, int *locked)
{
	enum publish_status status = PUBLISH_CREATE;
	int fd = lock_open(destination, name), named, failed;

	if (fd < 0 && errno == ELOOP && trust_shared(&destination->parent))
		return PUBLISH_PLANTED_LINK;
	if (fd < 0)
		return errno == EEXIST ? PUBLISH_BUSY : status; /* somebody made it just now */
	if (lock_is_planted(destination, fd)) {
		status = PUBLISH_PLANTED_FILE;
	} else if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		named = destination_names(destination->directory, name, fd);
		if (named == 1) {
			*locked = fd;
			return PUBLISH_OK;
		}
		status = named == 0 ? PUBLISH_BUSY : status;
	} else if (errno == EINTR || errno == EWOULDBLOCK) {
		status = PUBLISH_BUSY;
	}
	failed = errno;
	close(fd);
	errno = failed;
	return status;
}

/* Tries until it has the lock or the time is over. */
static enum publish_status
lock_wait(const struct destination *destination, const char *name, unsigned wait_ms, int *locked)
{
	const struct timespec pause = {0, LOCK_POLL_MS * 1000000L};
	int64_t end = now_ms() + wait_ms;
	enum publish_status status;

	for (;;) {
		status = lock_try(destination, name, locked);
		if (status != PUBLISH_BUSY || now_ms() >= end)
			return status;
		nanosleep(&pause, NULL);
	}
}

static enum publish_status
lock_beside(struct lock *lock, const char *path, unsigned wait_ms, struct publish_error *error)
{
	char name[NAME_MAX + 1];
	struct destination destination;
	enum publish_status status = destination_open(&destination, path, error);

	if (status != PUBLISH_OK)
		return status;
	if (!destination_beside(destination.name, LOCK_SUFFIX, name)) {
		status = publish_error_set(error, PUBLISH_CREATE, ENAMETOOLONG, "lock", path);
		goto out;
	}
	status = lock_wait(&destination, name, wait_ms, &lock->fd);
	if (status == PUBLISH_CREATE)
		status = publish_error_errno(error, status, errno, "lock", path);
	else if (status != PUBLISH_OK)
		publish_error_set(error, status, 0, "lock", path);
out:
	destination_close(&destination);
	return status;
}

enum publish_status
lock_acquire(struct lock *lock, const char *path, const char *fallback, unsigned wait_ms,
    struct publish_error *error)
{
	enum publish_status status;

	lock->fd = -1;
	status = lock_beside(lock, path, wait_ms, error);
	if (publish_status_exit(status) == EX_NOPERM && fallback != NULL)
		status = lock_beside(lock, fallback, wait_ms, error);
	return status;
}

void
lock_release(struct lock *lock)
{
	if (lock->fd >= 0)
		close(lock->fd);
	lock->fd = -1;
}
