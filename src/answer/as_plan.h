/*
 * as_plan.h - the decision for one mail, before it is put into the words of a
 * mail server that keeps its own delivery.
 */
#ifndef ANSWER_AS_PLAN_H
#define ANSWER_AS_PLAN_H

#include "answer/as_text.h"

/* What a mail server is told when there is no answer, behind its own word for "later". */
#define AS_FAULT_TEXT "4.3.0 the routes cannot be read"

enum as_outcome {
	AS_FAULT,	/* no answer: the mail waits */
	AS_NONE,	/* nothing matched */
	AS_RELAYS,
	AS_REJECT,
	AS_DEFER,
	AS_DISCARD
};

/* Zero the struct to start; one serves many mails. */
struct as_plan {
	enum as_outcome outcome;
	enum tmail_status status;	/* of the lookup, or what failed behind it */
	const struct tmail_routes *routes;
	struct tmail_match match;
	size_t count;			/* of candidates, in the order drawn */
	struct tmail_candidate *list;
	size_t capacity;
};

/*
 * as_plan_draw - looks a mail up and draws its plan.  Allocates only for a group
 * of more routes than any before it.
 */
void as_plan_draw(struct as_plan *plan, const struct tmail_routes *routes,
    const struct tmail_query *query, struct tmail_random *random);

/* as_plan_route - the route of candidate number n; false: the index is damaged. */
bool as_plan_route(const struct as_plan *plan, size_t n, struct tmail_route *route);

/* What a route calls its transport; `smtp` where it names none. */
struct slice as_transport(const struct tmail_route *route);

/* Whether the bytes can stand between the blanks and commas of an answer. */
bool as_is_word(struct tmail_slice word);

void as_plan_release(struct as_plan *plan);

#endif
