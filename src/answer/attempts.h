/* attempts.h - a drawn plan, with the routes that each attempt stands for. */
#ifndef ANSWER_ATTEMPTS_H
#define ANSWER_ATTEMPTS_H

#include "answer/line_text.h"
#include "tmail/routes.h"

/* Zero the struct to start; one serves many plans. */
struct attempts {
	struct tmail_candidate *list;
	size_t count;
	size_t capacity;	/* of each array */
	bool shared;		/* some attempt has several routes: next is filled */
	uint32_t *next;		/* by route: the next one of the same attempt; 0: none */
	struct alike *alike;
};

/*
 * attempts_draw - draws a plan.  The match must be one of TMAIL_RELAY.
 * TMAIL_OK or TMAIL_E_DAMAGED.
 */
enum tmail_status attempts_draw(struct attempts *attempts, const struct tmail_routes *routes,
    const struct tmail_match *match, struct tmail_random *random);

/* The next route of the same attempt, by ID: from the candidate's on.  False: that was the last. */
bool attempts_next(const struct attempts *attempts, uint32_t *route);

void attempts_release(struct attempts *attempts);

#endif
