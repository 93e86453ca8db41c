/*
 * model.h - what a configuration means: routes with their effective values,
 * and which of them form which group.  No text, no positions but for messages.
 */
#ifndef CONF_MODEL_H
#define CONF_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "store/names.h"
#include "store/pool.h"
#include "text/source.h"
#include "runtime/format.h"

/*
 * A pattern: KEY_NONE, KEY_STAR, KEY_NULL, or KEY_NAME + the number of a name,
 * with KEY_WILD added for "*.NAME".  (In the index slots replace the numbers.)
 */
struct model_route {
	uint32_t id;
	uint32_t line;		/* counted through all files */
	uint32_t target;	/* with ROUTE_USER_* flags */
	uint32_t pos;		/* of its statement */
};

/* One route in one group; lists run from the last member back. */
struct member {
	uint32_t route;
	uint32_t before;
};

/* A group of several names, or of none. */
struct model_group {
	uint32_t user, to, from;
};

struct model {
	struct names names;
	struct model_route *routes;
	size_t route_count;
	struct member *members;
	size_t member_count, member_capacity;
	struct pool groups;	/* a struct model_group each */
	uint32_t *group_members;	/* by group: the last one */
	size_t group_capacity;
	struct pool strings;
	struct pool locals;	/* entries are lists of LOCAL_SIZE records */
	struct pool hops;	/* HOP_SIZE each */
	struct pool targets;	/* TARGET_SIZE each */
	uint64_t rungs;		/* see rung_bit */
	uint32_t wild_labels;
	uint32_t inline_groups;
	bool shared;		/* some group has several routes */
	bool secrets;		/* a password is in it */
};

/* Allocates `routes` zeroed routes; the checks fill them in. */
void model_init(struct model *model, uint64_t seed, size_t routes);
void model_release(struct model *model);

/* The key of a folded name, which is copied; of a plain word, by its hash (names.h). */
uint32_t model_name(struct model *model, struct slice name);
uint32_t model_name_hashed(struct model *model, struct slice name, uint32_t hash);

/* Puts a route into the group of three patterns. */
void model_member(struct model *model, uint32_t route, uint32_t user, uint32_t to, uint32_t from);

/*
 * model_each_group - calls visit with the members of every group of at least
 * `least` routes (1 or 2), in ascending priority, then ID.  The array may be
 * written to.
 */
typedef void model_visit(void *arg, uint32_t *routes, size_t count);
void model_each_group(const struct model *model, size_t least, model_visit *visit, void *arg);

/* The members of one list, sorted so, in *buffer, which grows. */
struct route_buffer {
	uint32_t *list;
	size_t capacity;
};
size_t model_members(const struct model *model, uint32_t last, struct route_buffer *buffer);

static inline uint16_t
model_priority(const struct model *model, uint32_t route)
{
	uint32_t target = model->routes[route].target & ROUTE_TARGET_MASK;

	return le16_get(pool_get(&model->targets, target).ptr + TARGET_PRIORITY);
}

static inline uint32_t
model_hop(const struct model *model, uint32_t route)
{
	uint32_t target = model->routes[route].target & ROUTE_TARGET_MASK;

	return le32_get(pool_get(&model->targets, target).ptr + TARGET_HOP);
}

#endif
