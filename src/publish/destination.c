#include "publish/destination.h"

#include "publish/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINKS_MAX 40	/* as many as the kernel follows */

/*
 * A path on the way: the directory it has come to and what is left of it.
 * owed: a link of `owner`, who is not trusted, has been followed; what it
 * leads to, with `mark` bytes left behind it, must be his.
 */
struct walk {
	int directory;		/* to search only */
	struct stat status;	/* of the directory */
	char rest[PATH_MAX];
	char name[NAME_MAX + 1]; /* the component at hand */
	bool last;		/* nothing is behind it */
	bool done;
	unsigned links;
	bool followed;		/* a link in the last place */
	bool owed;
	uid_t owner;
	size_t mark;
};

/* Takes over fd as the directory to go on from; 0 or an errno. */
static int
walk_enter(struct walk *walk, int fd)
{
	if (fd < 0)
		return errno;
	if (walk->directory >= 0)
		close(walk->directory);
	walk->directory = fd;
	if (fstat(fd, &walk->status) != 0)
		return errno;
	return S_ISDIR(walk->status.st_mode) ? 0 : ENOTDIR;
}

/* Where the path is absolute, or at its begin; 0 or an errno. */
static int
walk_anchor(struct walk *walk)
{
	size_t slashes = strspn(walk->rest, "/");

	if (slashes == 0 && walk->directory >= 0)
		return 0;
	memmove(walk->rest, walk->rest + slashes, strlen(walk->rest + slashes) + 1);
	return walk_enter(walk,
	    open(slashes > 0 ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
}

/* Moves the first component from `rest` to `name`; 0 or an errno. */
static int
walk_component(struct walk *walk)
{
	size_t len = strcspn(walk->rest, "/");
	const char *after = walk->rest + len + strspn(walk->rest + len, "/");

	if (len > NAME_MAX)
		return ENAMETOOLONG;
	memcpy(walk->name, walk->rest, len);
	walk->name[len] = '\0';
	walk->last = walk->rest[len] == '\0';
	memmove(walk->rest, after, strlen(after) + 1);
	return 0;
}

/* Whether a link in the directory may be followed, as destination.h has it. */
static enum publish_status
walk_trust(struct walk *walk, const struct stat *link)
{
	if (trust_owner(link->st_uid))
		return PUBLISH_OK;
	if (walk->last ? trust_shared(&walk->status)
		       : (walk->status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return PUBLISH_PLANTED_LINK;
	if (walk->owed)
		return PUBLISH_FOREIGN_LINK;
	walk->owed = true;
	walk->owner = link->st_uid;
	walk->mark = strlen(walk->rest);
	return PUBLISH_OK;
}

/* Puts the text of the open link in front of what is left; 0 or an errno. */
static int
walk_follow(struct walk *walk, int link)
{
	char text[PATH_MAX];
	size_t left = strlen(walk->rest), len;
	ssize_t n = readlinkat(link, "", text, sizeof(text));

	if (n < 0)
		return errno;
	if (++walk->links > LINKS_MAX)
		return ELOOP;
	len = (size_t)n;
	if (len + 1 + left >= sizeof(walk->rest))
		return ENAMETOOLONG;
	if (walk->last)
		walk->followed = true;
	else
		text[len++] = '/';
	memmove(walk->rest + len, walk->rest, left + 1);
	memcpy(walk->rest, text, len);
	return 0;
}

/* Whether the one who led here is somebody to follow, or owns this. */
static bool
walk_settles(struct walk *walk, const struct stat *reached)
{
	bool good = !walk->owed || walk->owner == reached->st_uid;

	walk->owed = false;
	return good;
}

static enum publish_status
walk_link(struct walk *walk, int link, const struct stat *st, const char *path,
    struct publish_error *error)
{
	enum publish_status status = walk_trust(walk, st);
	int failed;

	if (status != PUBLISH_OK)
		return publish_error_set(error, status, 0, "follow", path);
	failed = walk_follow(walk, link);
	if (failed != 0)
		return publish_error_errno(error, PUBLISH_CREATE, failed, "create", path);
	return PUBLISH_OK;
}

static enum publish_status
walk_end(struct walk *walk, const struct stat *st, const char *path, struct publish_error *error)
{
	walk->done = true;
	if (!S_ISREG(st->st_mode))
		return publish_error_set(error, PUBLISH_NO_FILE, 0, "replace", path);
	if (!walk_settles(walk, st))
		return publish_error_set(error, PUBLISH_FOREIGN_LINK, 0, "follow", path);
	return PUBLISH_OK;
}

/* Goes on to what the open component is. */
static enum publish_status
walk_into(struct walk *walk, int fd, const char *path, struct publish_error *error)
{
	enum publish_status status = PUBLISH_OK;
	struct stat st;
	int failed = fstat(fd, &st) == 0 ? 0 : errno;

	if (failed == 0 && S_ISLNK(st.st_mode)) {
		status = walk_link(walk, fd, &st, path, error);
	} else if (failed == 0 && walk->last) {
		status = walk_end(walk, &st, path, error);
	} else if (failed == 0) {
		failed = walk_enter(walk, fd);
		fd = -1;
	}
	if (failed != 0)
		status = publish_error_errno(error, PUBLISH_CREATE, failed, "create", path);
	if (fd >= 0)
		close(fd);
	return status;
}

static bool
is_name(const char *name)
{
	return *name != '\0' && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

/* One component further. */
static enum publish_status
walk_step(struct walk *walk, const char *path, struct publish_error *error)
{
	int failed = walk_anchor(walk), fd;

	if (failed == 0 && walk->owed && strlen(walk->rest) <= walk->mark &&
	    !walk_settles(walk, &walk->status))
		return publish_error_set(error, PUBLISH_FOREIGN_LINK, 0, "follow", path);
	if (failed == 0)
		failed = walk_component(walk);
	if (failed != 0)
		return publish_error_errno(error, PUBLISH_CREATE, failed, "create", path);
	if (walk->last && !is_name(walk->name))
		return publish_error_set(error, PUBLISH_NO_FILE, 0, "replace", path);
	fd = openat(walk->directory, walk->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0)
		return walk_into(walk, fd, path, error);
	if (errno == ENOENT && walk->followed)
		return publish_error_set(error, PUBLISH_CREATE, ENOENT, "follow", path);
	walk->done = errno == ENOENT && walk->last;
	return walk->done ? PUBLISH_OK :
	    publish_error_errno(error, PUBLISH_CREATE, errno, "create", path);
}

enum publish_status
destination_open(struct destination *destination, const char *path, struct publish_error *error)
{
	const char *slash = strrchr(path, '/');
	struct walk walk = {.directory = -1};
	enum publish_status status = PUBLISH_OK;

	destination->directory = -1;
	if (!is_name(slash == NULL ? path : slash + 1))
		return publish_error_set(error, PUBLISH_NO_FILE, 0, "replace", path);
	if (strlen(path) >= sizeof(walk.rest))
		return publish_error_set(error, PUBLISH_CREATE, ENAMETOOLONG, "create", path);
	memcpy(walk.rest, path, strlen(path) + 1);
	while (status == PUBLISH_OK && !walk.done)
		status = walk_step(&walk, path, error);
	if (status == PUBLISH_OK) {
		destination->directory =
		    openat(walk.directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (destination->directory < 0)
			status = publish_error_errno(error, PUBLISH_CREATE, errno, "create", path);
	}
	destination->parent = walk.status;
	memcpy(destination->name, walk.name, sizeof(destination->name));
	if (walk.directory >= 0)
		close(walk.directory);
	return status;
}

void
destination_close(struct destination *destination)
{
	if (destination->directory >= 0)
		close(destination->directory);
	destination->directory = -1;
}

bool
destination_beside(const char *name, const char *suffix, char beside[NAME_MAX + 1])
{
	int n = snprintf(beside, NAME_MAX + 1, ".%s%s", name, suffix);

	return n > 0 && n <= NAME_MAX;
}

int
destination_names(int directory, const char *name, int fd)
{
	struct stat named, opened;

	if (fstat(fd, &opened) != 0)
		return -1;
	if (fstatat(directory, name, &named, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? 0 : -1;
	return named.st_dev == opened.st_dev && named.st_ino == opened.st_ino;
}
