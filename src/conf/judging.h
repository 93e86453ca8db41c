/* judging.h - what all that judge a configuration share. */
#ifndef CONF_JUDGING_H
#define CONF_JUDGING_H

#include "conf/conf.h"
#include "conf/option.h"

enum selector { SELECT_TO, SELECT_USER, SELECT_FROM, SELECT_COUNT };

/* Keys of patterns, in the order written. */
struct keys {
	uint32_t *list;
	size_t count;
	size_t capacity;
};

struct relay {
	struct span at;		/* of its name */
	struct host host;
	struct options options;
	struct slice comment;	/* with keep_patterns: behind the statement */
	bool broken;		/* reported already: routes through it are not judged */
	bool used;
};

/* What an address greets with. */
struct source_helo {
	struct span at;		/* of the address */
	struct slice helo;
	bool used;
};

struct list {
	struct span at;		/* of its name */
	const struct source *source;	/* of the values; NULL: unreadable */
	const struct item *items;
	uint32_t count;
	bool broken;
	bool used;
	struct {
		bool read;
		struct keys keys;
	} as[SELECT_COUNT];
};

/* A route whose weight was written. */
struct weighed {
	uint32_t route;
	struct span at;
};

/* An ID as written. */
struct written_id {
	uint32_t id;
	uint32_t order;		/* in file order */
	struct span at;
	uint32_t pos;		/* of its statement */
	bool broken;		/* that has its error already */
};

struct ids {
	struct written_id *list;	/* filled if there may be duplicates */
	size_t count;
	size_t capacity;
	uint32_t previous;
	bool descends;		/* not in ascending order: there may be duplicates */
	uint64_t unnumbered;	/* routes without one */
	uint32_t last;		/* position of the last of those */
};

struct check {
	struct conf *conf;
	struct model *model;
	const struct source *source;	/* of the statement being judged */
	struct via *vias;		/* of its unit */
	struct options defaults;
	struct names relay_names;
	struct relay *relays;
	size_t relay_capacity;
	struct names source_names;	/* addresses */
	struct source_helo *source_helos;
	size_t source_capacity;
	struct names list_names;
	struct list *lists;
	size_t list_capacity;
	size_t list_files;		/* of conf->list_files, met so far */
	struct ids ids;
	uint32_t smtp;			/* the transport, see put_known in hop.c */
	uint32_t next_route;		/* number of the next route statement */
	uint32_t next_id;		/* of the next one without a written ID */
	bool plain_added;		/* plain routes are in the model */
	bool plain_left;		/* ...except some whose relay is at fault */
	struct keys refused;		/* positions of routes with another's ID */
	struct keys keys[SELECT_COUNT];
	uint64_t combinations;		/* of all routes that have several */
	struct weighed *weighed;
	size_t weighed_count, weighed_capacity;
};

/* Whether a position is in a file of expectations. */
static inline bool
is_test(const struct conf *conf, uint32_t pos)
{
	return conf->tested && pos >= conf->tests_from;
}

/*
 * Combinations of patterns, as written, of one route and of all routes with
 * several together: what a short text can ask for in time and memory.
 */
enum { COMBINATIONS_MAX = 1000000, COMBINATIONS_TOTAL = 10000000 };

#endif
