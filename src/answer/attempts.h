/* attempts.h - a drawn plan, with the routes that each attempt stands for. */
#ifndef ANSWER_ATTEMPTS_H
#define ANSWER_ATTEMPTS_H

#include "answer/line_text.h"
#include "tmail/routes.h"

/* Zero the struct to start; one serves many plans. */
struct attempts {
	struct tmail_candidate *list;
	size_t count;
	size_t capacity;
	struct alike *alike;		/* the routes, equal ones side by side... */
	size_t alike_count;		/* ...0: no two are equal */
	size_t alike_capacity;
	struct text scratch;
};

/* A route of the match by the hash of what is effective. */
struct alike {
	uint64_t hash;
	uint32_t number;	/* for tmail_match_route */
};

/*
 * attempts_draw - draws a plan.  The match must be one of TMAIL_RELAY.
 * TMAIL_OK or TMAIL_E_DAMAGED.
 */
enum tmail_status attempts_draw(struct attempts *attempts, const struct tmail_routes *routes,
    const struct tmail_match *match, struct tmail_random *random);

/* The routes of attempt number i: *count elements, by ID. */
const struct alike *attempts_routes(struct attempts *attempts,
    const struct tmail_routes *routes, const struct tmail_route *route, size_t i,
    struct alike *single, size_t *count);

void attempts_release(struct attempts *attempts);

#endif
