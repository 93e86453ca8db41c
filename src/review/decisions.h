/* decisions.h - the groups of two indexes that decide otherwise. */
#ifndef REVIEW_DECISIONS_H
#define REVIEW_DECISIONS_H

#include "review/generic.h"

struct decision {
	struct tmail_match group;	/* of this side, the old one where both have it */
	int side;
	bool user_is_name;		/* and not the `*` that looks like one */
	bool alone;			/* the other side has no such group */
	bool stranger;			/* it is the mail with a login unknown that decides it */
};

/* Zero the struct to start. */
struct decisions {
	struct decision *list;	/* by to, user and from */
	size_t count, capacity;
	uint32_t groups[SIDES];
};

/*
 * decisions_find - every group whose mail gets something else by the other side, and every
 * group that only one side has: it counts as a change from or to what its mail gets
 * otherwise.
 *
 * decisions_at_risk - the groups of the old side that are gone, or of which some mail gets
 * something else: where a group has no login, mail with one that no pattern names counts,
 * too.  (A sender that no pattern names gets what no sender gets.)
 *
 * outcomes->status tells of damage.
 */
void decisions_find(struct decisions *decisions, struct outcomes *outcomes);
void decisions_at_risk(struct decisions *decisions, struct outcomes *outcomes);
void decisions_release(struct decisions *decisions);

/* decision_matches - what its mail gets by both sides; a match of no routes: the MX. */
void decision_matches(const struct decision *decision, struct outcomes *outcomes,
    struct tmail_match matches[SIDES]);

#endif
