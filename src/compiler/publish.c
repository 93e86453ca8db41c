#include "compiler/publish.h"

#include "compiler/publish_set.h"
#include "compiler/target.h"
#include "compiler/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
publish_init(struct publish *set)
{
	*set = (struct publish){NULL, 0, NULL, 0};
}

void
publish_release(struct publish *set)
{
	for (size_t i = 0; i < set->count; i++) {
		struct publish_file *file = &set->files[i];

		if (file->old >= 0)
			close(file->old);
		attributes_release(&file->attributes);
	}
	for (size_t i = 0; i < set->directory_count; i++)
		close(set->directories[i].fd);
	free(set->files);
	free(set->directories);
	publish_init(set);
}

/* Takes over fd, whose fstat is *status; 0 or an errno. */
static int
directory_add(struct publish *set, int fd, const struct stat *status, size_t *index)
{
	struct publish_directory *grown;
	int failed = 0;

	for (*index = 0; *index < set->directory_count; ++*index) {
		grown = &set->directories[*index];
		if (grown->status.st_dev == status->st_dev &&
		    grown->status.st_ino == status->st_ino)
			goto out;
	}
	grown = realloc(set->directories, (set->directory_count + 1) * sizeof(*grown));
	if (grown == NULL) {
		failed = ENOMEM;
		goto out;
	}
	set->directories = grown;
	grown[set->directory_count++] = (struct publish_directory){fd, *status};
	return 0;
out:
	close(fd);
	return failed;
}

/* Appends an empty file to the set; NULL: out of memory. */
static struct publish_file *
file_new(struct publish *set, const char *path)
{
	struct publish_file *file;

	file = realloc(set->files, (set->count + 1) * sizeof(*file));
	if (file == NULL)
		return NULL;
	set->files = file;
	file += set->count;
	memset(file, 0, sizeof(*file));
	file->old = -1;
	attributes_init(&file->attributes);
	temporary_init(&file->temporary);
	snprintf(file->path, sizeof(file->path), "%s", path);
	set->count++;
	return file;
}

/* Finds where the file is, and that it is not in the set yet. */
static enum publish_status
file_locate(struct publish *set, struct publish_file *file, const char *path,
    struct publish_error *error)
{
	struct target target;
	enum publish_status status = target_open(&target, path, error);
	int failed;

	if (status != PUBLISH_OK)
		return status;
	memcpy(file->name, target.name, sizeof(file->name));
	failed = directory_add(set, target.directory, &target.parent, &file->directory);
	if (failed != 0)
		return publish_error_errno(error, PUBLISH_CREATE, failed, "write", file->path);
	for (const struct publish_file *f = set->files; f < file; f++) {
		if (f->directory == file->directory && strcmp(f->name, file->name) == 0)
			return publish_error_set(error, PUBLISH_TWICE, 0, "write", file->path);
	}
	return PUBLISH_OK;
}

/*
 * A file that others may have put there is neither replaced nor imitated, or
 * its owner would get to read the new one.  The owner of the conf may have put
 * its index there; and a group that shares a directory edits its confs.
 */
static enum publish_status
file_trust_old(const struct publish *set, const struct publish_file *file,
    const struct publish_request *request, struct publish_error *error)
{
	const struct stat *directory = &set->directories[file->directory].status;
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
file_open_old(const struct publish *set, struct publish_file *file,
    const struct publish_request *request, struct publish_error *error)
{
	file->old = openat(directory_fd(set, file), file->name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (file->old < 0 && errno == ENOENT) {
		if (request->expect != PUBLISH_AS_READ)
			return PUBLISH_OK;
		return publish_error_set(error, PUBLISH_CHANGED, 0, "write", file->path);
	}
	if (file->old < 0 && errno == ELOOP) /* just became a link */
		return publish_error_set(error, PUBLISH_CHANGED, 0, "write", file->path);
	if (file->old < 0 || fstat(file->old, &file->seen) != 0)
		return publish_error_errno(error, PUBLISH_CREATE, errno, "write", file->path);
	if (!S_ISREG(file->seen.st_mode) || request->expect == PUBLISH_NEW ||
	    (request->expect == PUBLISH_AS_READ && !stat_same(&file->seen, request->seen)))
		return publish_error_set(error, PUBLISH_CHANGED, 0, "write", file->path);
	return file_trust_old(set, file, request, error);
}

/*
 * What would make rename(2) fail, when an earlier file of the set may already
 * have been renamed.  Best effort: where statx tells nothing, rename will.
 */
static enum publish_status
file_replaceable(const struct publish *set, const struct publish_file *file,
    enum attributes_policy policy, struct publish_error *error)
{
	struct statx sx;

	if (policy == ATTRIBUTES_CONF &&
	    faccessat(directory_fd(set, file), file->name, W_OK, AT_EACCESS) != 0)
		return publish_error_errno(error, PUBLISH_WRITE, errno, "write", file->path);
	if (statx(file->old, "", AT_EMPTY_PATH, 0, &sx) != 0)
		return PUBLISH_OK;
	if ((sx.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0)
		return publish_error_set(error, PUBLISH_MOUNTED, EBUSY, "replace", file->path);
	if ((sx.stx_attributes & (STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND)) != 0)
		return publish_error_set(error, PUBLISH_PERMISSION, EPERM, "write", file->path);
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
file_read_attributes(struct publish_file *file, const struct publish_request *request,
    struct publish_error *error)
{
	enum publish_status status = PUBLISH_OK;

	if (file->old >= 0)
		status = attributes_read(&file->attributes, ATTRIBUTES_MUST, file->old, &file->seen,
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

	if (file == NULL)
		return publish_error_set(error, PUBLISH_MEMORY, ENOMEM, "write", request->path);
	file->data = request->data;
	file->len = request->len;
	file->late = request->late;
	file->complete = request->complete;
	file->whole = request->whole;
	status = file_locate(set, file, request->path, error);
	if (status == PUBLISH_OK)
		status = file_open_old(set, file, request, error);
	if (status == PUBLISH_OK && file->old >= 0)
		status = file_replaceable(set, file, request->policy, error);
	if (status == PUBLISH_OK)
		status = file_read_attributes(file, request, error);
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
	struct target target;

	if (target_open(&target, path, &error) == PUBLISH_OK)
		temporary_sweep(target.directory, is_name, target.name);
	target_close(&target);
}
