/* publish_set.h - what a set of files consists of, for publish.c and commit.c alone. */
#ifndef COMPILER_PUBLISH_SET_H
#define COMPILER_PUBLISH_SET_H

#include "compiler/attributes.h"
#include "compiler/publish.h"
#include "compiler/temporary.h"

struct publish_file {
	char *path;		/* as the caller named it */
	char *name;
	struct directory *directory;
	const void *data;
	size_t len;
	size_t late;
	void (*complete)(void *whole);
	void *whole;
	bool exists;		/* there is an old one */
	struct stat seen;	/* of it */
	struct attributes attributes;
	struct temporary temporary;
};

/* publish_find - the file of this name in the set; NULL: there is none. */
struct publish_file *publish_find(const struct publish *set, struct directory *directory,
    const char *name);

static inline bool
stat_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	    a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	    a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

#endif
