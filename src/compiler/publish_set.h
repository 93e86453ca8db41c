/* publish_set.h - what a set of files consists of, for publish.c and commit.c alone. */
#ifndef COMPILER_PUBLISH_SET_H
#define COMPILER_PUBLISH_SET_H

#include "compiler/attributes.h"
#include "compiler/publish.h"
#include "compiler/temporary.h"

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

static inline int
directory_fd(const struct publish *set, const struct publish_file *file)
{
	return set->directories[file->directory].fd;
}

static inline bool
stat_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	    a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	    a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

#endif
