/*
 * directories.h - the directories of a set of files, however many, of which a
 * few are open at a time.
 */
#ifndef PUBLISH_DIRECTORIES_H
#define PUBLISH_DIRECTORIES_H

#include "publish/error.h"
#include "publish/destination.h"

#include <stddef.h>
#include <sys/stat.h>

struct directory {
	struct stat status;
	const char *path;	/* of a file in it */
	int fd;			/* -1: closed for now */
};

enum { DIRECTORIES_OPEN = 8 };

/* Zero it to start. */
struct directories {
	struct directory **list;
	size_t count, capacity;
	void *tree;		/* by device and inode */
	struct directory *open[DIRECTORIES_OPEN];
	size_t oldest;		/* of those, the one to be closed next */
};

/*
 * directories_add - finds or adds the directory of a destination, whose descriptor
 * it takes over; path led to the destination and must stay.  NULL: out of memory.
 */
struct directory *directories_add(struct directories *directories, struct destination *destination,
    const char *path);

/*
 * directories_open - opens a directory again, if it is not open, and sees that
 * it is the same.  Its descriptor is good until another one is opened.
 * PUBLISH_OK, _CHANGED or any status of destination_open, with *error filled.
 */
enum publish_status directories_open(struct directories *directories,
    struct directory *directory, struct publish_error *error);

void directories_release(struct directories *directories);

/* For tdestroy: what a tree finds is freed elsewhere. */
static inline void
tree_keep(void *key)
{
	(void)key;
}

#endif
