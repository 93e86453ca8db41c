/* expect.h - expectations: one mail each, and what it is to get. */
#ifndef CONF_EXPECT_H
#define CONF_EXPECT_H

#include "conf/judging.h"

/* What the mail is expected to get. */
enum outcome {
	OUTCOME_VIA,		/* all candidates */
	OUTCOME_FIRST,		/* those of the lowest priority */
	OUTCOME_ROUTE,		/* the routes of the group */
	OUTCOME_MX,		/* its own MX, or that of a domain, alone */
	OUTCOME_REPLY		/* reject, defer or discard */
};

/* A candidate, or a route's ID. */
struct wanted_hop {
	struct host host;
	uint32_t id;
};

/* The value of `local`, `login`, `tls`, `helo` or `transport`: see option_allowed. */
struct expected {
	enum option option;
	uint16_t tls;
	struct span at;
	struct slice text;		/* of `login`, `helo` and `transport`; empty: none */
	struct local local;		/* of that; no address: none */
};

struct expectation {
	const struct source *source;
	uint32_t pos;			/* of its statement */
	struct span at;			/* of what is expected */
	struct slice to, user, from;	/* as written, without quotes; absent: not given */
	enum outcome outcome;
	enum tmail_action action;	/* of OUTCOME_REPLY */
	struct wanted_hop *wanted;	/* of all others */
	uint32_t count;
	struct expected *expected;	/* as written */
	uint32_t expected_count;
};

/* Adds an expectation to the configuration's, or says what is wrong with it. */
void check_expect(struct check *check, const struct stmt *stmt);

#endif
