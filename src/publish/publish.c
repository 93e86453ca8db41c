#include "publish/publish.h"

#include "publish/set.h"
#include "publish/destination.h"
#include "publish/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if !defined(STATX_ATTR_MOUNT_ROOT) && !defined(STATX_TYPE)	/* in musl before 1.2.5 */
#include <linux/stat.h>
#include <sys/syscall.h>

static int
statx(int dir, const char *path, int flags, unsigned mask, struct statx *sx)
{
	return (int)syscall(SYS_statx, dir, path, flags, mask, sx);
}
#endif

void
publish_init(struct publish *set)
{
	*set = (struct publish){0};
}

void
publish_watch(struct publish *set, const char *(*changed)(const void *watched),
    const void *watched)
{
	set->changed = changed;
	set->watched = watched;
}

void
publish_release(struct publish *set)
{
	tdestroy(set->names, tree_keep);
	for (size_t i = 0; i < set->count; i++) {
		struct publish_file *file = set->files[i];

		attributes_release(&file->attributes);
		free(file->path);
		free(file->name);
		free(file);
	}
	free(set->files);
	directories_release(&set->directories);
	publish_init(set);
}

static int
by_name(const void *a, const void *b)
{
	const struct publish_file *x = a, *y = b;

	if (x->directory != y->directory)
		return (uintptr_t)x->directory < (uintptr_t)y->directory ? -1 : 1;
	return strcmp(x->name, y->name);
}

struct publish_file *
publish_find(const struct publish *set, struct directory *directory, const char *name)
{
	char copy[NAME_MAX + 1];
	const struct publish_file key = {.directory = directory, .name = copy};
	struct publish_file **found;

	snprintf(copy, sizeof(copy), "%s", name);
	found = tfind(&key, &set->names, by_name);
	return found == NULL ? NULL : *found;
}

/* Makes room for one more; false: out of memory. */
static bool
set_grow(struct publish *set)
{
	size_t capacity = set->capacity == 0 ? 4 : set->capacity * 2;
	struct publish_file **grown;

	if (set->count < set->capacity)
		return true;
	grown = realloc(set->files, capacity * sizeof(struct publish_file *));
	if (grown == NULL)
		return false;
	set->files = grown;
	set->capacity = capacity;
	return true;
}

/* Appends an empty file to the set; NULL: out of memory. */
static struct publish_file *
file_new(struct publish *set, const char *path)
{
	struct publish_file *file = set_grow(set) ? calloc(1, sizeof(*file)) : NULL;

	if (file == NULL)
		return NULL;
	set->files[set->count++] = file;
	attributes_init(&file->attributes);
	temporary_init(&file->temporary);
	file->path = strdup(path);
	return file->path == NULL ? NULL : file;
}

/* Puts the file into the tree, or behind its version before. */
static enum publish_status
file_enter(struct publish *set, struct publish_file *file, bool again, struct publish_error *error)
{
	struct publish_file *first = publish_find(set, file->directory, file->name);

	if (first != NULL && !again)
		return publish_error_set(error, PUBLISH_TWICE, 0, "write", file->path);
	if (first == NULL) {
		first = file;
		if (tsearch(file, &set->names, by_name) == NULL)
			return publish_error_set(error, PUBLISH_MEMORY, ENOMEM, "write",
			    file->path);
	}
	file->first = first;
	file->before = first->latest;
	file->number = file->before == NULL ? 1 : file->before->number + 1;
	first->latest = file;
	return PUBLISH_OK;
}

/* Finds where the file is; its directory is open then. */
static enum publish_status
file_locate(struct publish *set, struct publish_file *file, struct publish_error *error)
{
	struct destination destination;
	enum publish_status status = destination_open(&destination, file->path, error);

	if (status != PUBLISH_OK)
		return status;
	file->directory = directories_add(&set->directories, &destination, file->path);
	file->name = strdup(destination.name);
	if (file->directory == NULL || file->name == NULL)
		return publish_error_set(error, PUBLISH_MEMORY, ENOMEM, "write", file->path);
	return directories_open(&set->directories, file->directory, error);
}

/*
 * A file that others may have put there is neither replaced nor imitated, or
 * its owner would get to read the new one.  The owner of the conf may have put
 * its index there; and a group that shares a directory edits its confs.
 */
static enum publish_status
file_trust_old(const struct publish_file *file, const struct publish_request *request,
    struct publish_error *error)
{
	const struct stat *directory = &file->directory->status;
	bool index = request->policy != ATTRIBUTES_CONF;
	uid_t owner = 0;
	struct stat like;

	if (index ? !trust_shared(directory) : (directory->st_mode & S_IWOTH) == 0)
		return PUBLISH_OK;
	if (index && request->like != NULL && stat(request->like, &like) == 0)
		owner = like.st_uid;
	if (trust_file(&file->seen, owner))
		return PUBLISH_OK;
	return publish_error_set(error, PUBLISH_PLANTED_FILE, 0, "replace", file->path);
}

/* Opens the old file, if there is one, and sees that it is what is expected. */
static enum publish_status
file_open_old(struct publish_file *file, const struct publish_request *request, int *old,
    struct publish_error *error)
{
	*old = openat(file->directory->fd, file->name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (*old < 0 && errno == ENOENT) {
		if (request->expect != PUBLISH_AS_READ)
			return PUBLISH_OK;
		return publish_error_set(error, PUBLISH_CHANGED, 0, "write", file->path);
	}
	if (*old < 0 && errno == ELOOP) /* just became a link */
		return publish_error_set(error, PUBLISH_CHANGED, 0, "write", file->path);
	if (*old < 0 || fstat(*old, &file->seen) != 0)
		return publish_error_errno(error, PUBLISH_CREATE, errno, "write", file->path);
	file->exists = true;
	if (!S_ISREG(file->seen.st_mode) || request->expect == PUBLISH_NEW ||
	    (request->expect == PUBLISH_AS_READ && !stat_same(&file->seen, request->seen)))
		return publish_error_set(error, PUBLISH_CHANGED, 0, "write", file->path);
	return file_trust_old(file, request, error);
}

/*
 * What would make rename(2) fail, when an earlier file of the set may already
 * have been renamed.  Best effort: where there is no statx, or it tells nothing,
 * rename will.
 */
static enum publish_status
file_replaceable(const struct publish_file *file, int old, enum attributes_policy policy,
    struct publish_error *error)
{
	if (policy == ATTRIBUTES_CONF &&
	    faccessat(file->directory->fd, file->name, W_OK, AT_EACCESS) != 0)
		return publish_error_errno(error, PUBLISH_WRITE, errno, "write", file->path);
#ifdef STATX_ATTR_MOUNT_ROOT
	struct statx sx;

	if (statx(old, "", AT_EMPTY_PATH, 0, &sx) != 0)
		return PUBLISH_OK;
	if ((sx.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0)
		return publish_error_set(error, PUBLISH_MOUNTED, EBUSY, "replace", file->path);
	if ((sx.stx_attributes & (STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND)) != 0)
		return publish_error_set(error, PUBLISH_PERMISSION, EPERM, "write", file->path);
#else
	(void)old;
#endif
	return PUBLISH_OK;
}

/* Attributes from the file that a new index goes with. */
static enum publish_status
file_read_like(struct publish_file *file, const char *like, struct publish_error *error)
{
	enum publish_status status = PUBLISH_OK;
	struct stat st;
	int fd = open(like, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return PUBLISH_OK;
	if (fd < 0 || fstat(fd, &st) != 0)
		status = publish_error_errno(error, PUBLISH_WRITE, errno, "read", like);
	else if (S_ISREG(st.st_mode))
		status = attributes_read(&file->attributes, ATTRIBUTES_TRY, fd, &st, like, error);
	if (fd >= 0)
		close(fd);
	return status;
}

static enum publish_status
file_read_attributes(struct publish_file *file, int old, const struct publish_request *request,
    struct publish_error *error)
{
	enum publish_status status = PUBLISH_OK;

	if (old >= 0)
		status = attributes_read(&file->attributes, ATTRIBUTES_MUST, old, &file->seen,
		    file->path, error);
	else if (request->policy != ATTRIBUTES_CONF && request->like != NULL)
		status = file_read_like(file, request->like, error);
	attributes_narrow(&file->attributes, request->policy);
	return status;
}

enum publish_status
publish_add(struct publish *set, const struct publish_request *request,
    struct publish_error *error)
{
	struct publish_file *file = file_new(set, request->path);
	enum publish_status status;
	int old = -1;

	if (file == NULL)
		return publish_error_set(error, PUBLISH_MEMORY, ENOMEM, "write", request->path);
	file->data = request->data;
	file->len = request->len;
	file->late = request->late;
	file->complete = request->complete;
	file->whole = request->whole;
	file->ordered = request->ordered;
	status = file_locate(set, file, error);
	if (status == PUBLISH_OK)
		status = file_enter(set, file, request->again, error);
	if (status != PUBLISH_OK || file->before != NULL)
		return status;
	status = file_open_old(file, request, &old, error);
	if (status == PUBLISH_OK && old >= 0)
		status = file_replaceable(file, old, request->policy, error);
	if (status == PUBLISH_OK)
		status = file_read_attributes(file, old, request, error);
	if (old >= 0)
		close(old);
	return status;
}

static bool
is_name(const void *arg, const char *name)
{
	return strcmp(arg, name) == 0;
}

void
publish_sweep(const char *path)
{
	struct publish_error error;
	struct destination destination;

	if (destination_open(&destination, path, &error) == PUBLISH_OK)
		temporary_sweep(destination.directory, is_name, destination.name);
	destination_close(&destination);
}

void
publish_sweep_all(const char *const *paths, size_t count)
{
	struct publish_error error;
	struct publish set;
	struct publish_file *file;

	publish_init(&set);
	for (size_t i = 0; i < count; i++) {
		file = file_new(&set, paths[i]);
		if (file == NULL)
			break;
		if (file_locate(&set, file, &error) == PUBLISH_OK)
			file_enter(&set, file, true, &error);
	}
	publish_clean(&set);
	publish_release(&set);
}
