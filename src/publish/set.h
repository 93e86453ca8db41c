/* set.h - what a set of files consists of, for publish.c and commit.c alone. */
#ifndef PUBLISH_SET_H
#define PUBLISH_SET_H

#include "publish/attributes.h"
#include "store/file_stat.h"
#include "publish/publish.h"
#include "publish/temporary.h"

struct publish_file {
	char *path;		/* as the caller named it */
	char *name;
	struct directory *directory;
	struct publish_file *before;	/* the version before; NULL: this is the first */
	struct publish_file *first;	/* the first version, itself or another */
	struct publish_file *latest;	/* of the first: the last version so far */
	unsigned number;	/* of the version, from 1 */
	bool ordered;
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

/* publish_clean - removes what earlier runs left beside the files of the set. */
void publish_clean(struct publish *set);

#endif
