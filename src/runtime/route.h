/* route.h - targets and hops: what the members of a group are. */
#ifndef RUNTIME_ROUTE_H
#define RUNTIME_ROUTE_H

#include "runtime/table.h"

/* A member with its target and hop, all of them inside the index. */
struct route_entry {
	const unsigned char *member;
	const unsigned char *target;
	const unsigned char *hop;
};

/* route_entry - finds member number n of a list.  False: damaged. */
bool route_entry(const struct tmail_routes *routes,
    const struct members *members, uint32_t n, struct route_entry *entry);

/*
 * route_members - the member list that a match holds, n in it.
 * TMAIL_OK, TMAIL_E_ARGUMENT or TMAIL_E_DAMAGED.
 */
enum tmail_status route_members(const struct tmail_routes *routes,
    const struct tmail_match *match, struct members *members);

/*
 * route_fill_match - fills all of a match but its patterns from the member
 * list at a ref.  TMAIL_OK or TMAIL_E_DAMAGED.
 */
enum tmail_status route_fill_match(const struct tmail_routes *routes,
    uint32_t list, struct tmail_match *match);

#endif
