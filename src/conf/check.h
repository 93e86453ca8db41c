/*
 * check.h - judges what was written, and builds the model.  One pass over
 * the statements defines relays, lists, defaults and IDs; a second one makes
 * the routes.  Each broken statement gives one error.
 *
 *   check.c    the two passes          route.c    one route
 *   plain.c    most routes, quickly
 *   pattern.c  selectors and lists     group.c    what routes of a group ask
 *   relay.c    relays and defaults     hop.c      options merged: the target
 *   route_id.c IDs
 */
#ifndef CONF_CHECK_H
#define CONF_CHECK_H

#include "conf/conf.h"
#include "conf/value.h"

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
	bool broken;		/* reported already: routes through it are not judged */
	bool used;
};

struct list {
	struct span at;		/* of its name */
	const struct source *source;	/* of the values; NULL: none to be had */
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
	struct written_id *list;	/* if there may be twins */
	size_t count;
	size_t capacity;
	uint32_t previous;
	bool descends;		/* not in ascending order: there may be twins */
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
	struct names list_names;
	struct list *lists;
	size_t list_capacity;
	size_t list_files;		/* of conf->list_files, met so far */
	struct ids ids;
	uint32_t smtp;			/* the transport, see put_known in hop.c */
	uint32_t next_route;		/* number of the next route statement */
	uint32_t next_id;		/* of the next one without a written ID */
	bool plain_added;		/* plain routes are in the model */
	bool plain_left;		/* ...but some, whose relay is at fault */
	struct keys refused;		/* positions of routes with another's ID */
	struct keys keys[SELECT_COUNT];
	uint64_t combinations;		/* of all routes that have several */
	struct weighed *weighed;
	size_t weighed_count, weighed_capacity;
};

/*
 * route_id.c: ids_note takes every route statement - ids_note_all those of an
 * ordered vector at once - then ids_settle judges the written IDs and
 * sets next_id for the others.  ids_refused: the route statement at pos has
 * another's ID.  id_number: the number of an ID item; false: it is none.
 */
void ids_note(struct check *check, const struct stmt *stmt);
void ids_note_all(struct check *check, const struct stmts *stmts);
void ids_settle(struct check *check);
bool ids_find_refused(const struct check *check, uint32_t pos);

static inline bool
ids_refused(const struct check *check, uint32_t pos)
{
	return check->refused.count > 0 && ids_find_refused(check, pos);
}

bool id_number(const struct source *source, struct item item, uint32_t *id);

/* relay.c */
void check_relay(struct check *check, const struct stmt *stmt);
void check_default(struct check *check, const struct stmt *stmt);
struct relay *relay_find(struct check *check, struct slice name, struct span at);
bool check_credentials(struct check *check, const struct stmt *stmt,
    const struct options *options);
bool check_one_port(struct check *check, const struct host *host,
    const struct options *options);
/* at: on the statement being judged; other: on its relay, or the same place. */
bool check_login_tls(struct check *check, struct span at, enum tmail_tls tls,
    struct span other);
/* hop.c: source addresses written beside a relay's literal address. */
bool check_families(struct check *check, const struct host *host,
    const struct options *options);
/* Says that `name` is not defined, and which one was perhaps meant. */
void say_undefined(struct check *check, const struct names *names, struct slice name,
    struct span at, const char *what, const char *slug);
/* Whether a relay or list may be called so. */
bool check_name(struct check *check, struct item item, struct slice *name);

/*
 * Combinations of patterns, as written, of one route and of all routes with
 * several together: what a short text can ask for in time and memory.
 */
enum { COMBINATIONS_MAX = 1000000, COMBINATIONS_TOTAL = 10000000 };

/* pattern.c */
void check_list(struct check *check, const struct stmt *stmt);
bool pattern_add(struct check *check, enum selector selector, struct item item);

static inline void
keys_add(struct keys *keys, uint32_t key)
{
	keys->list = mem_grow(keys->list, keys->count, &keys->capacity, sizeof(*keys->list));
	keys->list[keys->count++] = key;
}

/*
 * plain.c: adds the plain routes to the model, but those whose relay is at
 * fault, or all of them if their patterns are to be kept: check_route adds what
 * is left.
 */
void check_plain(struct check *check);

/*
 * route.c: adds the next route to the model, or says what is wrong with it.
 * via_target: sets the target of the routes without options through a relay.
 */
void check_route(struct check *check, const struct stmt *stmt);
bool via_target(struct check *check, struct item via);
int by_key(const void *a, const void *b);	/* for qsort: 32-bit numbers */

/* hop.c: a route's action and options to a target (no flags). */
struct action {
	enum tmail_action action;
	struct host *host;		/* of TMAIL_RELAY */
	struct slice text;		/* of the others */
	struct span at;
};
bool effective_hop(struct check *check, const struct stmt *stmt, const struct action *action,
    const struct options *options, uint32_t *hop);
uint32_t effective_target(struct model *model, uint32_t hop, const struct options *options);

/* group.c: what can be judged only when all routes are known. */
void check_groups(struct check *check);

#endif
