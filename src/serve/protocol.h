/*
 * protocol.h - what the protocols have in common: each takes requests from what a
 * client has sent and puts answers behind one another.
 */
#ifndef SERVE_PROTOCOL_H
#define SERVE_PROTOCOL_H

#include <stdbool.h>
#include <stdint.h>

#include "answer/as_plan.h"
#include "serve/conflicts.h"
#include "serve/handle.h"

/* A request is at most so long; what a protocol puts around it comes on top. */
#define REQUEST_MAX 16384
#define REQUEST_ROOM (REQUEST_MAX + 64)

enum kind { KIND_POLICY, KIND_SOCKETMAP, KIND_EXIM, KIND_COUNT };
extern const char *const kind_names[KIND_COUNT];

/* What an answer came to, for the metrics. */
enum result {
	RESULT_FOUND,
	RESULT_NONE,
	RESULT_REJECT,
	RESULT_DEFER,
	RESULT_DISCARD,
	RESULT_CONFLICT,
	RESULT_FAULT,
	RESULT_REFUSED,		/* a question that is not answered here */
	RESULT_COUNT
};

enum on_conflict { CONFLICT_DEFER, CONFLICT_FIRST, CONFLICT_LAST };

/* What all connections share. */
struct service {
	struct handle handle;
	struct as_plan plan;
	struct tmail_random random;	/* where a mail has no instance */
	struct conflicts conflicts;
	enum on_conflict on_conflict;
	bool log_queries;
	uint64_t queries[KIND_COUNT][RESULT_COUNT];
	uint64_t broken[KIND_COUNT];	/* protocol errors */
};

enum step {
	STEP_MORE,	/* the request is not whole yet */
	STEP_ANSWERED,
	STEP_BROKEN	/* this is not the protocol; what is in `out` is still sent */
};

/* One request from the front of `in`; *used says how long it was. */
typedef enum step take_request(struct service *service, bool local, struct slice in,
    size_t *used, struct as_text *out);

take_request policy_take, socketmap_take, exim_take;

/* exim_refuse - answers what is no line, or does not become one. */
void exim_refuse(struct service *service, struct slice in, const char *why,
    struct as_text *out);

static inline struct tmail_slice
tmail_slice_of(struct slice s)
{
	return (struct tmail_slice){s.ptr, s.len};
}

/* What the outcome of a plan counts as. */
enum result result_of(enum as_outcome outcome);

/* The query as the log tells it, with --log-queries. */
void service_log(const struct service *service, const char *protocol,
    const struct tmail_query *query, struct slice answer);

#endif
