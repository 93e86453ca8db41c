#include "answer/as_postfix.h"

#include "base/fold.h"

/* Of a name that leaves room for next hops. */
#define TRANSPORT_MAX 255

/* The next hops of a decision, as far as they have one transport. */
struct hops {
	struct slice transport;
	bool mx_alone;		/* each recipient goes to its own MX */
	struct as_text list;
	char buf[AS_ACTION_MAX - sizeof("FILTER :") - TRANSPORT_MAX];
};

static void
add_port(struct as_text *out, const struct tmail_route *route)
{
	if (route->port == 0)
		return;
	as_text_str(out, ":");
	as_text_number(out, route->port);
}

/* One next hop; false: it cannot be one, and is left out. */
static bool
add_hop(struct as_text *out, const struct tmail_route *route, struct slice domain)
{
	if (route->hop == TMAIL_HOP_MX) {
		if (domain.ptr == NULL)
			return false;
		as_text_add(out, domain.ptr, domain.len);
	} else if (route->hop == TMAIL_HOP_MX_OF) {
		as_text_slice(out, route->host);
	} else {
		as_text_str(out, memchr(route->host.ptr, ':', route->host.len) == NULL ? "["
		    : "[ipv6:");
		as_text_slice(out, route->host);
		as_text_str(out, "]");
	}
	add_port(out, route);
	return true;
}

/* A next hop behind the others, whole or not at all; false: there is no more room. */
static bool
join_hop(struct hops *hops, const struct tmail_route *route, struct slice domain)
{
	struct as_text *list = &hops->list;
	size_t before = list->len;

	if (before > 0)
		as_text_str(list, ", ");
	if (!add_hop(list, route, domain) || list->cut)
		list->len = before;
	return !list->cut;
}

/* Whether the route has the transport of those before it; the first one sets it. */
static bool
has_transport(struct hops *hops, const struct tmail_route *route)
{
	struct slice name = as_transport(route);

	if (hops->transport.ptr == NULL)
		hops->transport = name;
	return slice_eq(name, hops->transport);
}

static bool
is_fit(const struct tmail_route *route)
{
	struct slice name = as_transport(route);

	return (route->hop == TMAIL_HOP_MX || as_is_word(route->host)) &&
	    as_is_word((struct tmail_slice){name.ptr, name.len}) && name.len <= TRANSPORT_MAX;
}

/*
 * The domain of a recipient, absent where it can have no MX; false: there is no memory.  Of
 * RCPT TO:<postmaster> Postfix makes an address in a domain of its own, which is not known here.
 */
static bool
find_domain(struct tmail_slice recipient, struct folded *folded)
{
	struct slice address = slice(recipient.ptr, recipient.len);

	if (fold_domain_of(address, folded) == FOLD_MEMORY)
		return false;
	if (fold_at(address) == address.len)
		folded->domain = slice(NULL, 0);
	return true;
}

/* False: the index is damaged, or nothing of the plan is left. */
static bool
find_hops(struct hops *hops, const struct as_plan *plan, struct tmail_slice recipient)
{
	struct folded folded;
	struct tmail_route route;
	bool more = true, mx = false;

	hops->transport = slice(NULL, 0);
	hops->mx_alone = true;
	hops->list = (struct as_text){hops->buf, 0, sizeof(hops->buf), false};
	if (!find_domain(recipient, &folded))
		return false;
	for (size_t i = 0; i < plan->count && more; i++) {
		if (!as_plan_route(plan, i, &route) || !is_fit(&route))
			return false;
		if (hops->transport.ptr == NULL && route.hop == TMAIL_HOP_MX && route.port != 0 &&
		    folded.domain.ptr == NULL)
			continue;
		if (!has_transport(hops, &route))
			continue;
		mx |= route.hop == TMAIL_HOP_MX;
		hops->mx_alone &= route.hop == TMAIL_HOP_MX && route.port == 0;
		more = join_hop(hops, &route, folded.domain);
	}
	return hops->list.len > 0 || (hops->mx_alone && mx);
}

static void
add_hops(const struct hops *hops, struct as_text *out)
{
	as_text_add(out, hops->transport.ptr, hops->transport.len);
	as_text_str(out, ":");
	if (!hops->mx_alone)
		as_text_add(out, hops->list.ptr, hops->list.len);
}

/* Whether the map of transports or, where it has nothing, that of senders has a group for a mail. */
static enum tmail_status
ask_maps(const struct tmail_routes *routes, const struct tmail_query *query,
    struct tmail_match *match)
{
	const struct tmail_query by_recipient = {.recipient = query->recipient},
	    by_sender = {.recipient = AS_EVERY_RECIPIENT, .sender = query->sender};
	enum tmail_status status = tmail_routes_lookup(routes, &by_recipient, match);

	return status == TMAIL_NO_ROUTE ? tmail_routes_lookup(routes, &by_sender, match) : status;
}

/*
 * Whether mail goes to its own MX where the policy service says nothing of it: the maps are
 * asked then, and know no login.
 */
static bool
maps_agree(const struct as_plan *plan, const struct tmail_query *query)
{
	struct tmail_match match;
	struct tmail_route route;
	enum tmail_status status;

	if (plan->match.user.ptr == NULL && plan->match.from.ptr == NULL)
		return true;
	status = ask_maps(plan->routes, query, &match);
	if (status != TMAIL_OK || match.action != TMAIL_RELAY)
		return status == TMAIL_NO_ROUTE;
	for (uint32_t n = 0; n < match.count; n++)
		if (tmail_match_route(plan->routes, &match, n, &route) != TMAIL_OK ||
		    route.hop != TMAIL_HOP_MX || route.port != 0 ||
		    !slice_is(as_transport(&route), "smtp"))
			return false;
	return true;
}

static void
add_filter(const struct as_plan *plan, const struct tmail_query *query, struct as_text *out)
{
	struct hops hops;

	if (!find_hops(&hops, plan, query->recipient)) {
		as_text_str(out, "DEFER_IF_PERMIT " AS_FAULT_TEXT);
	} else if (hops.mx_alone && slice_is(hops.transport, "smtp") && maps_agree(plan, query)) {
		as_text_str(out, "DUNNO");
	} else {
		as_text_str(out, "FILTER ");
		add_hops(&hops, out);
	}
}

void
as_postfix_action(const struct as_plan *plan, const struct tmail_query *query, struct as_text *out)
{
	switch (plan->outcome) {
	case AS_NONE:
		as_text_str(out, "DUNNO");
		break;
	case AS_RELAYS:
		add_filter(plan, query, out);
		break;
	case AS_REJECT:
		as_text_str(out, "REJECT ");
		as_text_line(out, plan->match.text);
		break;
	case AS_DEFER:
		as_text_str(out, "DEFER_IF_PERMIT ");
		as_text_line(out, plan->match.text);
		break;
	case AS_DISCARD:
		as_text_str(out, "FILTER discard:");
		break;
	case AS_FAULT:
		as_text_str(out, "DEFER_IF_PERMIT " AS_FAULT_TEXT);
		break;
	}
}

void
as_postfix_transport(const struct as_plan *plan, struct tmail_slice recipient,
    struct as_text *out)
{
	struct hops hops;

	switch (plan->outcome) {
	case AS_NONE:
		as_text_str(out, "NOTFOUND ");
		return;
	case AS_RELAYS:
		if (!find_hops(&hops, plan, recipient))
			break;
		as_text_str(out, "OK ");
		add_hops(&hops, out);
		return;
	case AS_REJECT:
	case AS_DEFER:
		as_text_str(out, plan->outcome == AS_REJECT ? "OK error:" : "OK retry:");
		as_text_line(out, plan->match.text);
		return;
	case AS_DISCARD:
		as_text_str(out, "OK discard:");
		return;
	case AS_FAULT:
		break;
	}
	as_text_str(out, "TEMP " AS_FAULT_TEXT);
}
