#include "compiler/publish.h"

#include "compiler/parallel.h"
#include "compiler/target.h"
#include "compiler/temporary.h"
#include "compiler/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Each directory is open once, however many files of the set are in it. */
struct publish_directory {
	int fd;
	struct stat status;
};

struct publish_file {
	char path[PATH_MAX];	/* as the caller named it, for errors */
	char name[NAME_MAX + 1];
	size_t directory;
	const void *data;
	size_t len;
	size_t late;
	void (*complete)(void *whole);
	void *whole;
	int old;		/* open to read, -1: there is none */
	struct stat seen;	/* of old */
	struct attributes attributes;
	struct temporary temporary;
};

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

static int
directory_fd(const struct publish *set, const struct publish_file *file)
{
	return set->directories[file->directory].fd;
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

static bool
stat_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	    a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	    a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
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

/*
 * The signals that would end the process and leave temporary files behind.
 * Those that are ignored, as under nohup, are left alone: once blocked they
 * would look as if somebody wanted an end.
 */
struct held {
	sigset_t before;
	sigset_t waiting;
};

static void
signals_hold(struct held *held)
{
	static const int ends[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
	struct sigaction action;

	sigprocmask(SIG_BLOCK, NULL, &held->before);
	sigemptyset(&held->waiting);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		if (sigaction(ends[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN &&
		    sigismember(&held->before, ends[i]) == 0)
			sigaddset(&held->waiting, ends[i]);
	}
	sigprocmask(SIG_BLOCK, &held->waiting, NULL);
}

static bool
signals_arrived(const struct held *held)
{
	sigset_t pending;

	if (sigpending(&pending) != 0)
		return false;
	return sigandset(&pending, &pending, &held->waiting) == 0 && !sigisemptyset(&pending);
}

static void
signals_release(const struct held *held)
{
	sigprocmask(SIG_SETMASK, &held->before, NULL);
}

/* What is written while the first bytes are completed. */
struct rest {
	struct publish_file *file;
	int failed;
};

static void
rest_write(void *arg)
{
	struct rest *rest = arg;
	struct publish_file *file = rest->file;

	rest->failed = temporary_write(&file->temporary, (const char *)file->data + file->late,
	    file->len - file->late, file->late);
}

/* 0 or an errno. */
static int
file_write_data(struct publish_file *file)
{
	enum { BYTES_AN_ITEM = 64 };	/* completing takes no longer, a byte */
	struct rest rest = {file, 0};

	if (file->late == 0)
		return temporary_write(&file->temporary, file->data, file->len, 0);
	parallel(file->len / BYTES_AN_ITEM, rest_write, &rest, file->complete, file->whole);
	return rest.failed != 0 ? rest.failed :
	    temporary_write(&file->temporary, file->data, file->late, 0);
}

/* Brings one file to the disk under its temporary name. */
static enum publish_status
file_write(const struct publish *set, struct publish_file *file, struct publish_error *error)
{
	struct temporary *temporary = &file->temporary;
	enum publish_status status;
	int failed = temporary_open(temporary, directory_fd(set, file), file->name);

	if (failed != 0)
		return publish_error_errno(error, PUBLISH_CREATE, failed, "write", file->path);
	failed = file_write_data(file);
	if (failed != 0)
		return publish_error_errno(error, PUBLISH_WRITE, failed, "write", file->path);
	status = attributes_apply(&file->attributes, temporary->fd, file->old, file->path, error);
	if (status != PUBLISH_OK)
		return status;
	failed = temporary_finish(temporary);
	if (failed != 0)
		return publish_error_errno(error, PUBLISH_WRITE, failed, "write", file->path);
	return PUBLISH_OK;
}

/* Sees that the name still is the file that was read, or still is free. */
static enum publish_status
file_verify(const struct publish *set, const struct publish_file *file,
    struct publish_error *error)
{
	struct stat st;
	bool exists = fstatat(directory_fd(set, file), file->name, &st, AT_SYMLINK_NOFOLLOW) == 0;

	if (!exists && errno != ENOENT)
		return publish_error_errno(error, PUBLISH_WRITE, errno, "write", file->path);
	if (exists != (file->old >= 0) || (exists && !stat_same(&st, &file->seen)))
		return publish_error_set(error, PUBLISH_CHANGED, 0, "write", file->path);
	return PUBLISH_OK;
}

/* All that comes before the first rename. */
static enum publish_status
set_prepare(const struct publish *set, const struct held *held, struct publish_error *error)
{
	enum publish_status status = PUBLISH_OK;

	for (size_t i = 0; i < set->count && status == PUBLISH_OK; i++) {
		status = file_write(set, &set->files[i], error);
		if (status == PUBLISH_OK && signals_arrived(held))
			status = publish_error_set(error, PUBLISH_INTERRUPTED, 0, "write",
			    set->files[i].path);
	}
	for (size_t i = 0; i < set->count && status == PUBLISH_OK; i++)
		status = file_verify(set, &set->files[i], error);
	return status;
}

static enum publish_status
set_rename(const struct publish *set, size_t *renamed, struct publish_error *error)
{
	for (*renamed = 0; *renamed < set->count; ++*renamed) {
		struct publish_file *file = &set->files[*renamed];
		enum publish_status other = PUBLISH_WRITE;
		int failed;

		failed = temporary_rename(&file->temporary, directory_fd(set, file), file->name);
		if (failed == EBUSY || failed == EXDEV)
			other = PUBLISH_MOUNTED;
		if (failed != 0)
			return publish_error_errno(error, other, failed, "replace", file->path);
	}
	return PUBLISH_OK;
}

/* EINVAL: a file system without anything to sync there.  0 or an errno. */
static int
directories_sync(const struct publish *set)
{
	int failed = 0;

	for (size_t i = 0; i < set->directory_count; i++) {
		if (fsync(set->directories[i].fd) != 0 && errno != EINVAL)
			failed = errno;
	}
	return failed;
}

enum publish_status
publish_commit(struct publish *set, struct publish_error *error)
{
	enum publish_status status;
	struct held held;
	size_t renamed = 0;
	int failed = 0;

	signals_hold(&held);
	status = set_prepare(set, &held, error);
	if (status == PUBLISH_OK)
		status = set_rename(set, &renamed, error);
	for (size_t i = 0; i < set->count; i++)
		temporary_drop(&set->files[i].temporary, directory_fd(set, &set->files[i]));
	if (renamed > 0)
		failed = directories_sync(set);
	if (failed != 0 && status == PUBLISH_OK)
		status = publish_error_errno(error, PUBLISH_WRITE, failed,
		    "flush the directory of", set->files[0].path);
	if (status != PUBLISH_OK)
		error->renamed = renamed;
	signals_release(&held);
	return status;
}

void
publish_sweep(const char *path)
{
	struct publish_error error;
	struct target target;

	if (target_open(&target, path, &error) == PUBLISH_OK)
		temporary_sweep(target.directory, target.name);
	target_close(&target);
}
