/* generic.h - the mail that stands for a group of routes: what else would match is left out. */
#ifndef REVIEW_GENERIC_H
#define REVIEW_GENERIC_H

#include <stdbool.h>

#include "base/fold.h"
#include "review/outcome.h"

struct generic {
	struct tmail_query query;
	char to[FOLD_DOMAIN_MAX + 1];
	char from[FOLD_DOMAIN_MAX + 3];
};

/*
 * generic_mail - the mail of a group of one side: its own patterns; for `*`, `*.NAME` and a
 * domain a name that no pattern of either side has.  A lookup by a side that has the group
 * finds it.  False: no mail can match, since NAME is as long as a domain may be.  Slices
 * point into match and generic, which must not be copied.
 */
bool generic_mail(struct generic *generic, const struct outcomes *outcomes, int side,
    const struct tmail_match *match);

/* A login or local part that no pattern has. */
extern const struct tmail_slice generic_name;

/* Whether two matches, by the old and the new index, are of the same group. */
bool generic_same_group(const struct outcomes *outcomes, const struct tmail_match *old,
    const struct tmail_match *new);

#endif
