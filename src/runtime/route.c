#include "runtime/route.h"

/* What the library keeps in route->priv. */
enum { ROUTE_LOCAL_FIRST = 0 };

enum tmail_status
match_list(const struct tmail_routes *routes, const struct tmail_match *match,
    struct route_list *list)
{
	if (!route_list_open(routes, match->priv[MATCH_LIST], list))
		return TMAIL_E_DAMAGED;
	return list->count == match->count ? TMAIL_OK : TMAIL_E_ARGUMENT;
}

/* The file of the last base below a line counted through all files. */
static bool
fill_place(const struct tmail_routes *routes, uint32_t line,
    struct tmail_route *route)
{
	const struct section *s = &routes->sections[SECTION_FILES];
	size_t lo = 0, hi = s->count;
	const unsigned char *file;
	uint32_t base;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (le32_get(s->ptr + mid * FILE_SIZE + FILE_BASE) < line)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == 0)
		return false;
	file = s->ptr + (lo - 1) * FILE_SIZE;
	base = le32_get(file + FILE_BASE);
	route->line = line - base;
	return base < line && route_string(routes, file + FILE_NAME, &route->file);
}

static bool
fill_strings(const struct tmail_routes *routes, const unsigned char *hop,
    struct tmail_route *route)
{
	return hop_string(routes, hop, STRING_HOST, &route->host) &&
	    hop_string(routes, hop, STRING_LOGIN, &route->login) &&
	    hop_string(routes, hop, STRING_PASSWORD, &route->password) &&
	    hop_string(routes, hop, STRING_PASSWORD_FILE, &route->password_file) &&
	    hop_string(routes, hop, STRING_TOKEN_FILE, &route->token_file) &&
	    hop_string(routes, hop, STRING_TLS_NAME, &route->tls_name) &&
	    hop_string(routes, hop, STRING_TLS_CERT, &route->tls_cert) &&
	    hop_string(routes, hop, STRING_TLS_CA, &route->tls_ca) &&
	    hop_string(routes, hop, STRING_MAIL_FROM, &route->mail_from) &&
	    hop_string(routes, hop, STRING_HELO, &route->helo) &&
	    hop_string(routes, hop, STRING_TRANSPORT, &route->transport);
}

static bool
fill_hop(const struct tmail_routes *routes, const unsigned char *hop,
    struct tmail_route *route)
{
	static const uint16_t seconds[] = {[RATE_SECOND] = 1, [RATE_MINUTE] = 60, [RATE_HOUR] = 3600};
	uint32_t locals = routes->sections[SECTION_LOCALS].count;
	uint32_t first = le32_get(hop + HOP_LOCAL_FIRST);
	uint32_t count = le32_get(hop + HOP_LOCAL_COUNT);

	if (hop[HOP_KIND] > TMAIL_HOP_NONE || hop[HOP_TLS] > TMAIL_TLS_IMPLICIT ||
	    hop[HOP_LOCAL_MODE] > TMAIL_LOCAL_FAILOVER || count > LOCALS_MAX ||
	    first > locals || count > locals - first || hop[HOP_FAMILY] > TMAIL_FAMILY_PREFER_IPV6 ||
	    hop[HOP_AUTH] > TMAIL_AUTH_EXTERNAL || hop[HOP_RATE_UNIT] > RATE_HOUR)
		return false;
	route->hop = hop[HOP_KIND];
	route->tls = hop[HOP_TLS];
	route->local = hop[HOP_LOCAL_MODE];
	route->port = le16_get(hop + HOP_PORT);
	route->family = hop[HOP_FAMILY];
	route->auth = hop[HOP_AUTH];
	route->connections = le16_get(hop + HOP_CONNECTIONS);
	route->rate = le32_get(hop + HOP_RATE);
	route->rate_seconds = seconds[hop[HOP_RATE_UNIT]];
	route->local_count = count;
	route->priv[ROUTE_LOCAL_FIRST] = first;
	return fill_strings(routes, hop, route);
}

bool
route_fill(const struct tmail_routes *routes, const struct route_entry *entry,
    struct tmail_route *route)
{
	route->priority = le16_get(entry->target + TARGET_PRIORITY);
	route->weight = le16_get(entry->target + TARGET_WEIGHT);
	return route_string(routes, entry->target + TARGET_RELAY, &route->relay) &&
	    fill_hop(routes, entry->hop, route);
}

bool
route_read(const struct tmail_routes *routes, const struct route_entry *entry,
    struct tmail_route *route)
{
	route->id = le32_get(entry->route + ROUTE_ID);
	return route_fill(routes, entry, route) &&
	    fill_place(routes, le32_get(entry->route + ROUTE_LINE), route);
}

TMAIL_API enum tmail_status
tmail_match_route(const struct tmail_routes *routes,
    const struct tmail_match *match, uint32_t n, struct tmail_route *route)
{
	enum tmail_status status;
	struct route_list list;
	struct route_entry entry;

	memset(route, 0, sizeof(*route));
	status = match_list(routes, match, &list);
	if (status != TMAIL_OK)
		return status;
	if (n >= list.count)
		return TMAIL_E_ARGUMENT;
	return route_entry(routes, &list, n, &entry) && route_read(routes, &entry, route)
	    ? TMAIL_OK : TMAIL_E_DAMAGED;
}

TMAIL_API enum tmail_status
tmail_route_local(const struct tmail_routes *routes,
    const struct tmail_route *route, uint32_t n, struct tmail_address *address)
{
	const struct section *strings = &routes->sections[SECTION_STRINGS];
	const unsigned char *local;
	uint32_t text;

	memset(address, 0, sizeof(*address));
	if (n >= route->local_count)
		return TMAIL_E_ARGUMENT;
	local = section_element(&routes->sections[SECTION_LOCALS],
	    route->priv[ROUTE_LOCAL_FIRST] + n, LOCAL_SIZE);
	if (local == NULL || (local[LOCAL_FAMILY] != 4 && local[LOCAL_FAMILY] != 6))
		return TMAIL_E_DAMAGED;
	text = le32_get(local + LOCAL_TEXT);
	if (text > strings->len || local[LOCAL_TEXT_LENGTH] > strings->len - text)
		return TMAIL_E_DAMAGED;
	address->family = local[LOCAL_FAMILY];
	memcpy(address->bytes, local + LOCAL_BYTES, sizeof(address->bytes));
	address->text = tmail_slice(strings->ptr + text, local[LOCAL_TEXT_LENGTH]);
	return route_string(routes, local + LOCAL_HELO, &address->helo) ? TMAIL_OK : TMAIL_E_DAMAGED;
}
