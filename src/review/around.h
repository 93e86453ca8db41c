/* around.h - what stands around a route: its groups, who comes before, who expects it. */
#ifndef REVIEW_AROUND_H
#define REVIEW_AROUND_H

#include "conf/conf.h"
#include "review/rungs.h"

/* A group, in the order of the ladder. */
struct around_group {
	struct tmail_match match;
	struct rung_patterns patterns;
};

struct around_groups {
	struct around_group *list;
	size_t count, capacity;
};

struct around {
	const struct conf *conf;
	const struct tmail_routes *routes;	/* its index */
	uint32_t route;			/* its number in the model */
	struct around_groups own;	/* the groups it stands in */
	struct around_groups above;	/* others that could take mail from these */
	uint32_t *expected;		/* numbers of conf's expectations that reach it */
	size_t expected_count, expected_capacity;
	enum tmail_status status;
};

/* around_find - set the first group, zero the rest.  TMAIL_OK or TMAIL_E_DAMAGED. */
enum tmail_status around_find(struct around *around);
void around_release(struct around *around);

#endif
