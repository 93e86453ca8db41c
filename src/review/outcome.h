/*
 * outcome.h - what mail gets by two indexes, and whether it is the same.
 *
 * The same is what no mail can tell apart: action and text; of relays the candidates, with
 * their effective values, priorities and shares.  IDs, places, comments, names of relays
 * and passwords do not count.
 */
#ifndef REVIEW_OUTCOME_H
#define REVIEW_OUTCOME_H

#include <stdbool.h>

#include "answer/line_text.h"
#include "tmail/routes.h"

enum { OLD, NEW, SIDES };

struct outcomes {
	const struct tmail_routes *routes[SIDES];
	struct hop_values *hops[SIDES];	/* by number, as far as they were looked at */
	struct candidates *candidates[SIDES];
	uint64_t seed;			/* of the digests of values */
	struct text scratch;
	enum tmail_status status;	/* TMAIL_E_DAMAGED once a record cannot be right */
};

/* The handles stay the caller's.  outcomes_release is wanted in every case. */
void outcomes_init(struct outcomes *outcomes, const struct tmail_routes *old,
    const struct tmail_routes *new);
void outcomes_release(struct outcomes *outcomes);

/* outcomes_ask - a lookup by one side; a match of no routes where nothing matches. */
void outcomes_ask(struct outcomes *outcomes, int side, const struct tmail_query *query,
    struct tmail_match *match);

/* Whether what an old and a new match give is the same. */
bool outcomes_equal(struct outcomes *outcomes, const struct tmail_match *old,
    const struct tmail_match *new);

/* What samples ask of an outcome. */
struct carriage {
	bool sent;		/* to relays or MX; not rejected, deferred or discarded */
	bool tls;		/* required, verified or implicit on every candidate */
	bool login;		/* on any candidate */
};
struct carriage outcomes_carriage(struct outcomes *outcomes, int side,
    const struct tmail_match *match);

/* Whether the relays are the same, each a host and its port or an MX; in whatever order. */
bool outcomes_same_relays(struct outcomes *outcomes, const struct tmail_match *old,
    const struct tmail_match *new);

#endif
