/* commit.c - writes the files of a set and gives them their names. */
#include "store/parallel.h"
#include "publish/set.h"
#include "publish/signals.h"
#include "publish/swap.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* The rest, written while the first bytes are completed. */
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

/* Where the file is to be built; its directory must be open. */
static struct place
file_place(const struct publish_file *file)
{
	const struct stat *old = file->first->exists ? &file->first->seen : NULL;

	return (struct place){.directory = file->directory->fd,
		.status = &file->directory->status, .name = file->name,
		.owner = old == NULL ? 0 : old->st_uid, .old = old};
}

/* Opens the old file for what only it has; *old -1: there is none. */
static enum publish_status
file_reopen(const struct publish_file *file, int *old, struct publish_error *error)
{
	struct stat st;

	*old = -1;
	if (!file->first->exists)
		return PUBLISH_OK;
	*old = openat(file->directory->fd, file->name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (*old < 0 && errno != ENOENT && errno != ELOOP)
		return publish_error_errno(error, PUBLISH_WRITE, errno, "write", file->path);
	if (*old >= 0 && fstat(*old, &st) != 0)
		return publish_error_errno(error, PUBLISH_WRITE, errno, "write", file->path);
	if (*old < 0 || !stat_same(&st, &file->first->seen))
		return publish_error_set(error, PUBLISH_CHANGED, 0, "write", file->path);
	return PUBLISH_OK;
}

/* Fills the file that has the temporary name. */
static enum publish_status
file_build(struct publish_file *file, int old, struct publish_error *error)
{
	enum publish_status status;
	int failed = file_write_data(file);

	if (failed != 0)
		return publish_error_errno(error, PUBLISH_WRITE, failed, "write", file->path);
	status = attributes_apply(&file->first->attributes, file->temporary.fd, old, file->path,
	    error);
	if (status != PUBLISH_OK)
		return status;
	failed = temporary_finish(&file->temporary);
	if (failed != 0)
		return publish_error_errno(error, PUBLISH_WRITE, failed, "write", file->path);
	return PUBLISH_OK;
}

/* Brings one file to the disk under its temporary name. */
static enum publish_status
file_write(struct publish *set, struct publish_file *file, struct publish_error *error)
{
	enum publish_status status = directories_open(&set->directories, file->directory, error);
	struct place place;
	int old, failed;

	if (status != PUBLISH_OK)
		return status;
	status = file_reopen(file, &old, error);
	if (status == PUBLISH_OK) {
		place = file_place(file);
		failed = temporary_open(&file->temporary, &place, file->number);
		status = failed == 0 ? file_build(file, old, error) :
		    publish_error_errno(error, PUBLISH_CREATE, failed, "write", file->path);
	}
	if (old >= 0)
		close(old);
	return status;
}

/* Sees that the name still is the file that was read, or still is free. */
static enum publish_status
file_verify(struct publish *set, const struct publish_file *file, struct publish_error *error)
{
	enum publish_status status = directories_open(&set->directories, file->directory, error);
	struct stat st;
	bool exists;

	if (status != PUBLISH_OK || file->before != NULL)
		return status;
	exists = fstatat(file->directory->fd, file->name, &st, AT_SYMLINK_NOFOLLOW) == 0;
	if (!exists && errno != ENOENT)
		return publish_error_errno(error, PUBLISH_WRITE, errno, "write", file->path);
	if (exists != file->exists || (exists && !stat_same(&st, &file->seen)))
		return publish_error_set(error, PUBLISH_CHANGED, 0, "write", file->path);
	return PUBLISH_OK;
}

/* All that comes before the first rename. */
static enum publish_status
set_prepare(struct publish *set, const struct held *held, struct publish_error *error)
{
	enum publish_status status = PUBLISH_OK;
	const char *changed = NULL;

	for (size_t i = 0; i < set->count && status == PUBLISH_OK; i++) {
		struct publish_file *file = set->files[i];

		status = file_write(set, file, error);
		if (i >= PUBLISH_HELD)
			temporary_let_go(&file->temporary);
		if (status == PUBLISH_OK && signals_arrived(held))
			status = publish_error_set(error, PUBLISH_INTERRUPTED, 0, "write",
			    file->path);
	}
	for (size_t i = 0; i < set->count && status == PUBLISH_OK; i++)
		status = file_verify(set, set->files[i], error);
	if (status == PUBLISH_OK && set->changed != NULL)
		changed = set->changed(set->watched);
	return changed == NULL ? status :
	    publish_error_set(error, PUBLISH_CHANGED, 0, "go by", changed);
}

/* What the file takes the place of; NULL: of none. */
static const struct stat *
file_old(const struct publish_file *file)
{
	if (file->before != NULL)
		return &file->before->temporary.status;
	return file->exists ? &file->seen : NULL;
}

static enum publish_status
file_swap(struct publish *set, struct publish_file *file, struct publish_error *error)
{
	enum publish_status status = directories_open(&set->directories, file->directory, error);
	enum publish_status other = PUBLISH_WRITE;
	struct place place;
	int failed;

	if (status != PUBLISH_OK)
		return status;
	place = file_place(file);
	failed = swap_in(&file->temporary, &place, file_old(file));
	if (failed == EBUSY || failed == EXDEV)
		other = PUBLISH_MOUNTED;
	else if (failed == ENOENT || failed == EEXIST || failed == ESTALE)
		other = PUBLISH_CHANGED;
	return failed == 0 ? PUBLISH_OK :
	    publish_error_errno(error, other, failed, "replace", file->path);
}

static bool
file_swap_back(struct publish *set, struct publish_file *file)
{
	struct publish_error error;
	struct place place;

	if (directories_open(&set->directories, file->directory, &error) != PUBLISH_OK)
		return false;
	place = file_place(file);
	return swap_back(&file->temporary, &place) == 0;
}

/* EINVAL: this file system has nothing to sync there. */
static enum publish_status
directory_sync(struct publish *set, struct directory *directory, struct publish_error *error)
{
	enum publish_status status = directories_open(&set->directories, directory, error);

	if (status == PUBLISH_OK && fsync(directory->fd) != 0 && errno != EINVAL)
		status = publish_error_errno(error, PUBLISH_WRITE, errno,
		    "flush the directory of", directory->path);
	return status;
}

/* What comes before an ordered file is on the disk, unless one directory orders both. */
static enum publish_status
set_order(struct publish *set, size_t next, struct publish_error *error)
{
	const struct publish_file *file = set->files[next];
	struct directory *before = next == 0 ? file->directory : set->files[next - 1]->directory;

	if (!file->ordered || before == file->directory)
		return PUBLISH_OK;
	return directory_sync(set, before, error);
}

/* Undoes the last first, so that what stays replaced is the beginning of the set. */
static enum publish_status
set_swap(struct publish *set, size_t *renamed, struct publish_error *error)
{
	enum publish_status status = PUBLISH_OK;

	for (*renamed = 0; *renamed < set->count; ++*renamed) {
		status = set_order(set, *renamed, error);
		if (status == PUBLISH_OK)
			status = file_swap(set, set->files[*renamed], error);
		if (status != PUBLISH_OK)
			break;
	}
	while (status != PUBLISH_OK && *renamed > 0 &&
	    file_swap_back(set, set->files[*renamed - 1]))
		--*renamed;
	return status;
}

/* Removes new files that were not renamed and old files that were, and lets go of all. */
static void
set_drop(struct publish *set)
{
	struct publish_error error;

	for (size_t i = 0; i < set->count; i++) {
		struct publish_file *file = set->files[i];

		if (file->temporary.named &&
		    directories_open(&set->directories, file->directory, &error) != PUBLISH_OK)
			file->temporary.named = false;
		temporary_drop(&file->temporary, file->directory->fd);
	}
}

/* What leftovers are looked for, where. */
struct sweep {
	const struct publish *set;
	struct directory *directory;
};

static bool
sweep_wants(const void *arg, const char *name)
{
	const struct sweep *sweep = arg;

	return publish_find(sweep->set, sweep->directory, name) != NULL;
}

void
publish_clean(struct publish *set)
{
	struct publish_error error;

	for (size_t i = 0; i < set->directories.count; i++) {
		const struct sweep sweep = {set, set->directories.list[i]};

		if (directories_open(&set->directories, sweep.directory, &error) == PUBLISH_OK)
			temporary_sweep(sweep.directory->fd, sweep_wants, &sweep);
	}
}

/* All of them, even if one fails. */
static enum publish_status
set_sync(struct publish *set, struct publish_error *error)
{
	enum publish_status status = PUBLISH_OK;
	struct publish_error first;

	for (size_t i = 0; i < set->directories.count; i++) {
		if (directory_sync(set, set->directories.list[i], &first) == PUBLISH_OK ||
		    status != PUBLISH_OK)
			continue;
		*error = first;
		status = first.status;
	}
	return status;
}

enum publish_status
publish_commit(struct publish *set, struct publish_error *error)
{
	enum publish_status status, synced = PUBLISH_OK;
	struct publish_error ignored;
	struct held held;
	size_t renamed = 0;
	bool prepared;

	signals_hold(&held);
	status = set_prepare(set, &held, error);
	prepared = status == PUBLISH_OK;
	if (prepared)
		status = set_swap(set, &renamed, error);
	set_drop(set);
	publish_clean(set);
	if (prepared)
		synced = set_sync(set, status == PUBLISH_OK ? error : &ignored);
	if (status == PUBLISH_OK)
		status = synced;
	if (status != PUBLISH_OK)
		error->renamed = renamed;
	signals_release(&held);
	return status;
}
