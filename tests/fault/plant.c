/*
 * plant.c - mistakes to order, preloaded under tmail: syscalls.sh must notice
 * each of them, or it would not notice them in the program either.  The
 * environment variable PLANT names the mistake.  And short writes, which are
 * none: of the SHORT_WRITE-th write to a file, half is written, and a line goes
 * to the file SHORT_WRITE_LOG.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

static bool
planted(const char *mistake)
{
	const char *wanted = getenv("PLANT");

	return wanted != NULL && strcmp(wanted, mistake) == 0;
}

/* The temporary file can be read by all. */
EXPORT int
openat(int dir, const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list ap;

	if ((flags & O_CREAT) != 0) {
		va_start(ap, flags);
		mode = va_arg(ap, mode_t);
		va_end(ap);
		if (planted("mode") && strstr(path, "tmail-tmp") != NULL)
			mode |= 0044;
	}
	return (int)syscall(SYS_openat, dir, path, flags, mode);
}

/* Whether this write is to be short, which is logged. */
static bool
is_short(int fd, size_t len)
{
	static int writes;
	const char *wanted = getenv("SHORT_WRITE"), *log = getenv("SHORT_WRITE_LOG");
	int out;

	if (wanted == NULL || log == NULL || fd <= 2 || len < 2 || ++writes != atoi(wanted))
		return false;
	out = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CLOEXEC);
	(void)syscall(SYS_write, out, "short\n", 6);
	(void)syscall(SYS_close, out);
	return true;
}

/* A failed write, or a short one, goes unnoticed. */
EXPORT ssize_t
write(int fd, const void *data, size_t len)
{
	bool half = is_short(fd, len);
	ssize_t n = syscall(SYS_write, fd, data, half ? len / 2 : len);

	if (half && planted("short"))
		return (ssize_t)len;
	return n < 0 && fd > 2 && planted("write") ? (ssize_t)len : n;
}

/* Nothing, or nothing but the files, is synced; a failed sync is repeated. */
EXPORT int
fsync(int fd)
{
	struct stat st;

	if (planted("sync"))
		return 0;
	if (planted("directory-sync") && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	if (syscall(SYS_fsync, fd) == 0)
		return 0;
	return planted("sync-again") ? (int)syscall(SYS_fsync, fd) : -1;
}

/* The old file is overwritten in place. */
static int
overwrite(int from_dir, const char *from, int to_dir, const char *to)
{
	static char text[1 << 16];
	int in = openat(from_dir, from, O_RDONLY), out = openat(to_dir, to, O_WRONLY | O_TRUNC);
	ssize_t n;

	if (in < 0 || out < 0)
		return -1;
	n = read(in, text, sizeof(text));
	if (n < 0 || write(out, text, (size_t)n) != n)
		return -1;
	return close(in) == 0 && close(out) == 0 ? unlinkat(from_dir, from, 0) : -1;
}

EXPORT int
renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
	/* Long enough for writers without a lock to meet, however scheduled. */
	if (planted("lock"))
		usleep(20000);
	if (planted("overwrite"))
		return overwrite(from_dir, from, to_dir, to);
	/* No mistake: a file system that can do no more than a rename. */
	if (planted("no-exchange") && flags != 0) {
		errno = EINVAL;
		return -1;
	}
	return (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, flags);
}

/* Temporary files stay. */
EXPORT int
unlinkat(int dir, const char *path, int flags)
{
	return planted("leftover") ? 0 : (int)syscall(SYS_unlinkat, dir, path, flags);
}

/* No lock. */
EXPORT int
flock(int fd, int operation)
{
	return planted("lock") ? 0 : (int)syscall(SYS_flock, fd, operation);
}
