/* route.h - routes, targets and hops: what the lists of groups lead to. */
#ifndef RUNTIME_ROUTE_H
#define RUNTIME_ROUTE_H

#include "runtime/table.h"

/* A route with its target and hop, all of them inside the index. */
struct route_entry {
	const unsigned char *route;
	const unsigned char *target;
	const unsigned char *hop;
};

/* route_target - finds a target, whatever flags it has, and its hop.  False: damaged. */
static inline bool
route_target(const struct tmail_routes *routes, uint32_t target, struct route_entry *entry)
{
	entry->target = section_element(&routes->sections[SECTION_TARGETS],
	    target & ROUTE_TARGET_MASK, TARGET_SIZE);
	if (entry->target == NULL)
		return false;
	entry->hop = section_element(&routes->sections[SECTION_HOPS],
	    le32_get(entry->target + TARGET_HOP), HOP_SIZE);
	return entry->hop != NULL;
}

/* route_entry - finds route n of a list.  False: damaged. */
static inline bool
route_entry(const struct tmail_routes *routes, const struct route_list *list,
    uint32_t n, struct route_entry *entry)
{
	entry->route = section_element(&routes->sections[SECTION_ROUTES],
	    route_list_get(list, n), ROUTE_SIZE);
	return entry->route != NULL &&
	    route_target(routes, le32_get(entry->route + ROUTE_TARGET), entry);
}

/* route_string - reads a { u32 offset, u32 length }.  False: damaged. */
static inline bool
route_string(const struct tmail_routes *routes, const unsigned char *field,
    struct tmail_slice *out)
{
	const struct section *s = &routes->sections[SECTION_STRINGS];
	uint32_t offset = le32_get(field), len = le32_get(field + 4);

	*out = tmail_slice(NULL, 0);
	if (offset == STRING_ABSENT)
		return len == 0;
	if (offset > s->len || len > s->len - offset)
		return false;
	*out = tmail_slice(s->ptr + offset, len);
	return true;
}

static inline bool
hop_string(const struct tmail_routes *routes, const unsigned char *hop, int n,
    struct tmail_slice *out)
{
	return route_string(routes, hop + HOP_STRINGS + 8 * n, out);
}

/* route_action - what a hop says of a match.  False: damaged. */
static inline bool
route_action(const struct tmail_routes *routes, const unsigned char *hop,
    struct tmail_match *match)
{
	match->action = hop[HOP_ACTION];
	return hop[HOP_ACTION] <= TMAIL_DISCARD &&
	    hop_string(routes, hop, STRING_TEXT, &match->text);
}

/* What the library keeps in match->priv: the list of routes. */
enum { MATCH_LIST = 0 };

/*
 * route_fill_match - fills all of a match but its patterns from a list.
 * TMAIL_OK or TMAIL_E_DAMAGED.
 */
static inline enum tmail_status
route_fill_match(const struct tmail_routes *routes, uint32_t number,
    struct tmail_match *match)
{
	struct route_entry entry;
	struct route_list list;

	match->text = tmail_slice(NULL, 0);
	match->action = TMAIL_RELAY;
	if (!route_list_open(routes, number, &list))
		return TMAIL_E_DAMAGED;
	if (!list.relays) {
		if (!route_entry(routes, &list, 0, &entry) ||
		    !route_action(routes, entry.hop, match))
			return TMAIL_E_DAMAGED;
	}
	match->count = list.count;
	match->priv[MATCH_LIST] = number;
	match->priv[1] = match->priv[2] = match->priv[3] = 0;
	return TMAIL_OK;
}

/*
 * match_list - the list that a match holds.
 * TMAIL_OK, TMAIL_E_ARGUMENT or TMAIL_E_DAMAGED.
 */
enum tmail_status match_list(const struct tmail_routes *routes,
    const struct tmail_match *match, struct route_list *list);

/* route_fill - what is effective of a route that is zero.  False: damaged. */
bool route_fill(const struct tmail_routes *routes, const struct route_entry *entry,
    struct tmail_route *route);

/* route_read - the same with its ID and its place. */
bool route_read(const struct tmail_routes *routes, const struct route_entry *entry,
    struct tmail_route *route);

#endif
