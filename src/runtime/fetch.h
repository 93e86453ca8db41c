/*
 * fetch.h - for who asks for many mails: fetches what the index has of them, so
 * that they wait for memory together.  Nothing fetched is believed.
 */
#ifndef RUNTIME_FETCH_H
#define RUNTIME_FETCH_H

#include "base/fold.h"
#include "runtime/route.h"

/* The names of recipients, as their domains are spelt: first fetch_filter for all. */
static inline void
fetch_filter(const struct tmail_routes *routes, struct slice recipient, struct probe *probe)
{
	size_t at = fold_at(recipient), begin = at < recipient.len ? at + 1 : 0;

	probe_aim(probe, routes, &routes->names, recipient.ptr + begin, recipient.len - begin);
}

static inline void
fetch_line(const struct tmail_routes *routes, const struct probe *probe)
{
	probe_slot(probe, &routes->names);
}

/* The route that a match leads to, or the first of several. */
static inline void
fetch_route(const struct tmail_routes *routes, const struct tmail_match *match)
{
	struct route_list list;

	if (match_list(routes, match, &list) == TMAIL_OK)
		__builtin_prefetch(section_element(&routes->sections[SECTION_ROUTES],
		    route_list_get(&list, 0), ROUTE_SIZE));
}

#endif
