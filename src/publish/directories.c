#include "publish/directories.h"

#include <search.h>
#include <stdlib.h>
#include <unistd.h>

static int
by_inode(const void *a, const void *b)
{
	const struct stat *x = &((const struct directory *)a)->status;
	const struct stat *y = &((const struct directory *)b)->status;

	if (x->st_dev != y->st_dev)
		return x->st_dev < y->st_dev ? -1 : 1;
	return x->st_ino == y->st_ino ? 0 : x->st_ino < y->st_ino ? -1 : 1;
}

/* Takes over fd, closing another one if need be. */
static void
keep_open(struct directories *directories, struct directory *directory, int fd)
{
	struct directory **oldest = &directories->open[directories->oldest];

	if (*oldest != NULL) {
		close((*oldest)->fd);
		(*oldest)->fd = -1;
	}
	directories->oldest = (directories->oldest + 1) % DIRECTORIES_OPEN;
	*oldest = directory;
	directory->fd = fd;
}

/* Appends a directory that is in no tree yet; NULL: out of memory. */
static struct directory *
append(struct directories *directories, const struct stat *status, const char *path)
{
	size_t capacity = directories->capacity == 0 ? 4 : directories->capacity * 2;
	struct directory *directory, **grown;

	if (directories->count == directories->capacity) {
		grown = realloc(directories->list, capacity * sizeof(struct directory *));
		if (grown == NULL)
			return NULL;
		directories->list = grown;
		directories->capacity = capacity;
	}
	directory = malloc(sizeof(*directory));
	if (directory != NULL) {
		*directory = (struct directory){*status, path, -1};
		directories->list[directories->count++] = directory;
	}
	return directory;
}

struct directory *
directories_add(struct directories *directories, struct destination *destination, const char *path)
{
	const struct directory key = {.status = destination->parent};
	struct directory **found, *directory;

	found = tfind(&key, &directories->tree, by_inode);
	if (found != NULL) {
		destination_close(destination);
		return *found;
	}
	directory = append(directories, &destination->parent, path);
	if (directory == NULL || tsearch(directory, &directories->tree, by_inode) == NULL) {
		destination_close(destination);
		return NULL;
	}
	keep_open(directories, directory, destination->directory);
	destination->directory = -1;
	return directory;
}

enum publish_status
directories_open(struct directories *directories, struct directory *directory,
    struct publish_error *error)
{
	enum publish_status status;
	struct destination destination;

	if (directory->fd >= 0)
		return PUBLISH_OK;
	status = destination_open(&destination, directory->path, error);
	if (status != PUBLISH_OK)
		return status;
	if (destination.parent.st_dev != directory->status.st_dev ||
	    destination.parent.st_ino != directory->status.st_ino) {
		destination_close(&destination);
		return publish_error_set(error, PUBLISH_CHANGED, 0, "write", directory->path);
	}
	keep_open(directories, directory, destination.directory);
	return PUBLISH_OK;
}

void
directories_release(struct directories *directories)
{
	tdestroy(directories->tree, tree_keep);
	for (size_t i = 0; i < directories->count; i++) {
		if (directories->list[i]->fd >= 0)
			close(directories->list[i]->fd);
		free(directories->list[i]);
	}
	free(directories->list);
	*directories = (struct directories){0};
}
