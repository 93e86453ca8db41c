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
static inline bool
route_entry(const struct tmail_routes *routes, const struct members *members,
    uint32_t n, struct route_entry *entry)
{
	uint32_t target;

	entry->member = members_get(members, n);
	target = le32_get(entry->member + MEMBER_TARGET) & MEMBER_TARGET_MASK;
	entry->target = section_element(&routes->sections[SECTION_TARGETS],
	    target, TARGET_SIZE);
	if (entry->target == NULL)
		return false;
	entry->hop = section_element(&routes->sections[SECTION_HOPS],
	    le32_get(entry->target + TARGET_HOP), HOP_SIZE);
	return entry->hop != NULL;
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

/* What the library keeps in match->priv: the ref of the member list. */
enum { MATCH_MEMBERS = 0 };

/*
 * route_fill_match - fills all of a match but its patterns from the member
 * list at a ref.  TMAIL_OK or TMAIL_E_DAMAGED.
 */
static inline enum tmail_status
route_fill_match(const struct tmail_routes *routes, uint32_t list,
    struct tmail_match *match)
{
	struct members members;
	struct route_entry entry;
	struct tmail_slice text;

	if (!members_at(routes, list, &members) ||
	    !route_entry(routes, &members, 0, &entry) ||
	    entry.hop[HOP_ACTION] > TMAIL_DEFER ||
	    !hop_string(routes, entry.hop, STRING_TEXT, &text))
		return TMAIL_E_DAMAGED;
	match->text = text;
	match->action = entry.hop[HOP_ACTION];
	match->count = members.count;
	match->priv[MATCH_MEMBERS] = list;
	match->priv[1] = match->priv[2] = match->priv[3] = 0;
	return TMAIL_OK;
}

/*
 * route_members - the member list that a match holds, n in it.
 * TMAIL_OK, TMAIL_E_ARGUMENT or TMAIL_E_DAMAGED.
 */
enum tmail_status route_members(const struct tmail_routes *routes,
    const struct tmail_match *match, struct members *members);

#endif
