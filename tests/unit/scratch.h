/* scratch.h - a new directory for each test that writes files. */
#ifndef UNIT_SCRATCH_H
#define UNIT_SCRATCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SCRATCH_NOBODY 65534

static inline int
scratch_remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

/* cmocka set-up: the working directory becomes a new, empty one. */
static inline int
scratch_setup(void **state)
{
	char *dir = strdup("/tmp/tmail-test-XXXXXX");

	umask(022);
	if (dir == NULL || mkdtemp(dir) == NULL || chmod(dir, 0755) != 0 || chdir(dir) != 0)
		return -1;
	*state = dir;
	return 0;
}

static inline int
scratch_teardown(void **state)
{
	char *dir = *state;
	int failed = chdir("/");

	if (nftw(dir, scratch_remove_one, 8, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) != 0)
		failed = -1;
	free(dir);
	return failed;
}

#define scratch_test(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

/* Makes a file of this text and mode; whether that worked. */
static inline int
scratch_try_put(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	int ok;

	if (fd < 0)
		return 0;
	ok = write(fd, text, strlen(text)) == (ssize_t)strlen(text) && fchmod(fd, mode) == 0;
	return close(fd) == 0 && ok;
}

static inline void
scratch_put(const char *path, const char *text, mode_t mode)
{
	assert_true(scratch_try_put(path, text, mode));
}

/* Whether the file has exactly this text. */
static inline int
scratch_is(const char *path, const char *text)
{
	char buf[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return 0;
	n = read(fd, buf, sizeof(buf));
	close(fd);
	return n == (ssize_t)strlen(text) && memcmp(buf, text, strlen(text)) == 0;
}

static inline mode_t
scratch_mode(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

/* The number of files in a directory, -1: cannot be read. */
static inline int
scratch_count(const char *path)
{
	DIR *dir = opendir(path);
	int n = 0;

	if (dir == NULL)
		return -1;
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n - 2;
}

/*
 * Runs f in a child as this user and group alone (needs root); returns what f
 * returned, or 1000 plus the number of the signal it died of.  No assertions in
 * f: the child would go on with the other tests.
 */
static inline int
scratch_as(uid_t uid, gid_t gid, int (*f)(void))
{
	int status = 0;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (geteuid() == 0 && (setgroups(0, NULL) != 0 || setresgid(gid, gid, gid) != 0 ||
		    setresuid(uid, uid, uid) != 0))
			_exit(99);
		_exit(f());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* The same without a change of user. */
static inline int
scratch_fork(int (*f)(void))
{
	return scratch_as(geteuid(), getegid(), f);
}

/* Somebody who is not root: oneself, if possible. */
static inline uid_t
scratch_user(void)
{
	return geteuid() == 0 ? SCRATCH_NOBODY : geteuid();
}

/* Skips the test, and says so, unless run as root. */
static inline void
scratch_needs_root(void)
{
	if (geteuid() == 0)
		return;
	print_message("SKIP: needs root, or newuidmap and your line in /etc/subuid\n");
	skip();
}

#endif
