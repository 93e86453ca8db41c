/*
 * scan.h - what only listings and answers ask of an index: all its groups, and
 * how routes were written.  Not part of the delivery library's interface.
 */
#ifndef RUNTIME_SCAN_H
#define RUNTIME_SCAN_H

#include "runtime/index.h"

/*
 * scan_groups - calls visit for each group, in the order of the tables, with
 * the match that a lookup would have given.  Returns TMAIL_OK, or
 * TMAIL_E_DAMAGED at the first record that cannot be right.
 */
enum tmail_status scan_groups(const struct tmail_routes *routes,
    void (*visit)(void *arg, const struct tmail_match *match), void *arg);

/*
 * scan_route - fills in route number n of the index, in no order; false: there is none,
 * or with *status TMAIL_E_DAMAGED: it cannot be right.
 */
bool scan_route(const struct tmail_routes *routes, uint32_t n, struct tmail_route *route,
    enum tmail_status *status);

/* scan_user_any - whether `user any` was written in route number n of a match. */
bool scan_user_any(const struct tmail_routes *routes, const struct tmail_match *match, uint32_t n);

/*
 * scan_is_name - whether a pattern of a match is a name of the index, and not
 * the `*` or `<>` that looks like one.
 */
bool scan_is_name(const struct tmail_routes *routes, struct tmail_slice pattern);

/* scan_has_name - whether a name, folded and not empty, is in some pattern of any selector. */
bool scan_has_name(const struct tmail_routes *routes, const char *name, size_t len);

/*
 * scan_attempt - a number for route number n of a match that is equal for
 * those routes of the match that a plan takes together, and for no others.
 * TMAIL_OK or TMAIL_E_DAMAGED.
 */
enum tmail_status scan_attempt(const struct tmail_routes *routes,
    const struct tmail_match *match, uint32_t n, uint64_t *attempt);

/*
 * scan_file - the name of file number n of the configuration, as seen from the
 * main one's directory; false: there is none, or it is damaged.
 */
bool scan_file(const struct tmail_routes *routes, uint32_t n, struct tmail_slice *name);

/* A rung that a query has, whether some group stands on it or not. */
struct scan_rung {
	struct tmail_slice to;		/* without the "*." of RUNG_TO_WILD */
	unsigned char user_kind, to_kind, from_kind;	/* RUNG_USER_x, RUNG_TO_x, RUNG_FROM_x */
	bool used;			/* some route stands on a rung of these kinds */
};

/*
 * scan_ladder - calls visit for each rung of a query's ladder, in the order of
 * tmail_routes_explain and beyond the one that is found.  The rung lives for the call.
 * TMAIL_OK or TMAIL_E_MEMORY.
 */
enum tmail_status scan_ladder(const struct tmail_routes *routes,
    const struct tmail_query *query,
    void (*visit)(void *arg, const struct scan_rung *rung), void *arg);

#endif
