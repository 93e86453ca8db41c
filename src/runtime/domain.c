#include "runtime/domain.h"

#include "base/fold.h"

enum tmail_status
domain_find_folded(const struct tmail_routes *routes, struct slice recipient,
    struct tmail_match *match)
{
	enum tmail_status status;
	unsigned char roles;
	struct probe probe;
	struct folded f;
	uint32_t slot, list;

	switch (fold_domain_of(recipient, &f)) {
	case FOLD_OK:
		break;
	case FOLD_MEMORY:
		return TMAIL_E_MEMORY;
	default:
		return TMAIL_NO_ROUTE;
	}
	probe_aim(&probe, routes, &routes->names, f.domain.ptr, f.domain.len);
	if (!probe_may(&probe))
		return TMAIL_NO_ROUTE;
	slot = table_slot_of(&routes->names, probe.hash);
	status = table_find(routes, &routes->names, slot, f.domain.ptr, f.domain.len,
	    &list);
	if (status != TMAIL_OK)
		return status;
	if (!name_roles(routes, list, &roles))
		return TMAIL_E_DAMAGED;
	if ((roles & ROLE_TO) == 0)
		return TMAIL_NO_ROUTE;
	match->user = match->from = tmail_slice(NULL, 0);
	if (!name_list(routes, list, ROLE_TO, &list) ||
	    !name_text(routes, slot, false, &match->to))
		return TMAIL_E_DAMAGED;
	return route_fill_match(routes, list, match);
}
