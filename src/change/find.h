/* find.h - the statements that a command line names. */
#ifndef CHANGE_FIND_H
#define CHANGE_FIND_H

#include "conf/conf.h"

/* A route that is looked for by its ID, and where it stands. */
struct found {
	uint32_t id;
	struct stmt stmt;
	const struct source *source;	/* NULL: there is no such route */
};

/* change_find - fills in, for so many IDs, their statements and sources. */
void change_find(const struct conf *conf, struct found *found, size_t count);

/* A route ID of the command line; false: it is none. */
bool change_id(const char *text, uint32_t *id);

#endif
