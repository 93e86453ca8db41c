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

/* A candidate, or a route's ID.  There may be a hundred thousand of them, so they are small. */
struct wanted_hop {
	struct slice name;		/* of a host: see struct host */
	uint32_t id;			/* of OUTCOME_ROUTE */
	uint16_t port;			/* 0: none is written */
	uint8_t kind;			/* HOST_... */
};

/* The value of `local`, `login`, `tls`, `helo` or `transport`: see option_allowed. */
struct expected {
	enum option option;
	struct span at;
	union {
		uint16_t tls;
		struct slice text;		/* of `login`, `helo` and `transport`; empty: none */
		const struct local *local;	/* NULL: none */
	};
};

struct expectation {
	const struct source *source;
	struct slice to, user, from;	/* as written, without quotes; absent: not given */
	struct wanted_hop *wanted;	/* of all outcomes but OUTCOME_REPLY */
	struct wanted_hop first;	/* it stands there if it is the only one */
	struct expected *expected;	/* as written */
	uint32_t count;			/* of those wanted */
	uint32_t pos;			/* of its statement */
	struct span at;			/* of what is expected */
	uint8_t expected_count;
	uint8_t outcome;		/* OUTCOME_... */
	uint8_t action;			/* of OUTCOME_REPLY: TMAIL_... */
};

/* Makes room for all expectations of a configuration, which stay where they are then. */
void make_expectations(struct conf *conf);

/* Adds an expectation to the configuration's, or says what is wrong with it. */
void check_expect(struct check *check, const struct stmt *stmt);

#endif
