/* commit.c - writes the files of a set and gives them their names. */
#include "compiler/parallel.h"
#include "compiler/publish_set.h"
#include "compiler/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

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

static struct place
file_place(const struct publish *set, const struct publish_file *file)
{
	const struct publish_directory *directory = &set->directories[file->directory];

	return (struct place){.directory = directory->fd, .status = &directory->status,
		.name = file->name, .owner = file->old >= 0 ? file->seen.st_uid : 0};
}

/* Brings one file to the disk under its temporary name. */
static enum publish_status
file_write(const struct publish *set, struct publish_file *file, struct publish_error *error)
{
	struct temporary *temporary = &file->temporary;
	enum publish_status status;
	const struct place place = file_place(set, file);
	int failed = temporary_open(temporary, &place, 1);

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
