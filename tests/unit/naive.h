/*
 * naive.h - the ladder as routes.conf(5) has it, in loops over a list of
 * routes: what the library's lookup, explanation and plan are measured by, down
 * to its structures.  What the compiler makes of text, tests/property/routing.c
 * and tests/cli/vectors.bats tell.
 */
#ifndef NAIVE_H
#define NAIVE_H

#include <stdbool.h>

#include "mini_index.h"

enum { RUNGS_MAX = 4096, WILDS_MAX = 256, NAIVE_NAME_MAX = 300 };

/* Patterns; NULL: no selector. */
struct triple {
	const char *user;
	const char *to;
	const char *from;
};

/* The rungs of one mail. */
struct naive {
	struct triple rungs[RUNGS_MAX];
	size_t count;
	char names[WILDS_MAX][NAIVE_NAME_MAX];
	size_t names_count;
};

/*
 * naive_init - the rungs for folded names, which must outlive it: a recipient
 * or domain (NULL: one that cannot be folded), a login or NULL, a sender or
 * "<>" or, where it is not known or cannot be folded, NULL.
 */
void naive_init(struct naive *naive, const char *to, const char *login, const char *from);

/*
 * naive_check - asks for the mail that the rungs were made of, and holds the
 * answer, the explanation and the plan against a walk over the list.  The ID of
 * a route is its place in the list, from 1.  Aborts where they differ.
 */
void naive_check(const struct naive *naive, const struct mini_route *list, size_t count,
    const struct tmail_routes *routes, const struct tmail_query *query);

#endif
