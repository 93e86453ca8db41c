/* rungs.h - groups of routes as rungs of the ladder: which comes first, which have mail in common. */
#ifndef REVIEW_RUNGS_H
#define REVIEW_RUNGS_H

#include <stdbool.h>

#include "base/slice.h"
#include "tmail/routes.h"

/* The patterns of a group, and what kinds they are: RUNG_USER_x, RUNG_TO_x, RUNG_FROM_x. */
struct rung_patterns {
	struct slice user, to, from;	/* to: without the "*." of RUNG_TO_WILD */
	unsigned char user_kind, to_kind, from_kind;
};

/* Those of a match that the index gave. */
struct rung_patterns rung_of(const struct tmail_routes *routes, const struct tmail_match *match);

/* rung_order - below 0: a comes before b on every ladder that has both; else a total order. */
int rung_order(const struct rung_patterns *a, const struct rung_patterns *b);

/* rung_above - whether some mail of b's is taken by a, which comes before it. */
bool rung_above(const struct rung_patterns *a, const struct rung_patterns *b);

#endif
