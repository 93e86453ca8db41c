#include "compiler/target.h"

#include "base/slice.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Splits a path in front of its last component; 0 or an errno. */
static int
path_split(const char *path, char directory[PATH_MAX], char name[NAME_MAX + 1])
{
	const char *slash = strrchr(path, '/');
	const char *base = slash == NULL ? path : slash + 1;
	struct slice parent = slice(path, (size_t)(base - path));

	if (*base == '\0' || strcmp(base, ".") == 0 || strcmp(base, "..") == 0)
		return EISDIR;
	if (parent.len == 0)
		parent = slice_str(".");
	if (parent.len >= PATH_MAX || strlen(base) > NAME_MAX)
		return ENAMETOOLONG;
	memcpy(directory, parent.ptr, parent.len);
	directory[parent.len] = '\0';
	memcpy(name, base, strlen(base) + 1);
	return 0;
}

enum publish_status
target_open(struct target *target, const char *path, struct publish_error *error)
{
	char real[PATH_MAX], directory[PATH_MAX];
	const char *followed = path;
	struct stat st;
	int failed;

	target->directory = -1;
	if (realpath(path, real) != NULL)
		followed = real;
	else if (errno != ENOENT)
		return publish_error_errno(error, PUBLISH_CREATE, errno, "create", path);
	else if (lstat(path, &st) == 0)
		return publish_error_set(error, PUBLISH_CREATE, ENOENT, "follow", path);
	failed = path_split(followed, directory, target->name);
	if (failed == EISDIR)
		return publish_error_set(error, PUBLISH_NO_FILE, 0, "replace", path);
	if (failed != 0)
		return publish_error_set(error, PUBLISH_CREATE, failed, "create", path);
	target->directory = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (target->directory < 0)
		return publish_error_errno(error, PUBLISH_CREATE, errno, "create", path);
	if (fstatat(target->directory, target->name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    !S_ISREG(st.st_mode)) {
		target_close(target);
		return publish_error_set(error, PUBLISH_NO_FILE, 0, "replace", path);
	}
	return PUBLISH_OK;
}

void
target_close(struct target *target)
{
	if (target->directory >= 0)
		close(target->directory);
	target->directory = -1;
}

bool
target_beside(const char *name, const char *suffix, char beside[NAME_MAX + 1])
{
	int n = snprintf(beside, NAME_MAX + 1, ".%s%s", name, suffix);

	return n > 0 && n <= NAME_MAX;
}

int
target_names(int directory, const char *name, int fd)
{
	struct stat named, opened;

	if (fstat(fd, &opened) != 0)
		return -1;
	if (fstatat(directory, name, &named, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? 0 : -1;
	return named.st_dev == opened.st_dev && named.st_ino == opened.st_ino;
}
