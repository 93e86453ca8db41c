/* find.h - the statements that a command line names. */
#ifndef CHANGE_FIND_H
#define CHANGE_FIND_H

#include "conf/conf.h"

/* A route that is looked for by its ID, or a relay by its name, and where it stands. */
struct found {
	uint32_t id;
	const char *relay;		/* NULL: a route */
	struct stmt stmt;
	const struct source *source;	/* NULL: there is no such statement */
};

/* find_word - what an operand names, "ID" or "@NAME"; false: neither. */
bool find_word(const char *word, struct found *found);

/* find_statements - fills in, for so many, their statements and sources. */
void find_statements(struct conf *conf, struct found *found, size_t count);

/* find_all - the same; 0, or EXIT_NO after a message about the first that there is not. */
int find_all(struct conf *conf, struct found *found, size_t count);

/* The name of the relay that a route goes through; absent: of none. */
struct slice find_relay_of(struct conf *conf, const struct source *source,
    const struct stmt *stmt);

/*
 * find_uses - whether routes that are not among the found go through a relay that
 * is: EXIT_NO after a message with their places; else 0.
 */
int find_uses(struct conf *conf, const struct found *found, size_t count);

#endif
