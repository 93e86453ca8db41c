#include "review/compare.h"

#include <stdlib.h>

const char *const field_names[FIELDS] = {
    [FIELD_TO] = "to", [FIELD_USER] = "user", [FIELD_FROM] = "from", [FIELD_ACTION] = "action",
    [FIELD_TEXT] = "text", [FIELD_PRIORITY] = "priority", [FIELD_WEIGHT] = "weight",
    [FIELD_HOST] = "host", [FIELD_PORT] = "port", [FIELD_MX] = "mx", [FIELD_FAMILY] = "family",
    [FIELD_LOCAL] = "local", [FIELD_LOGIN] = "login", [FIELD_PASSWORD] = "password",
    [FIELD_PASSWORD_FILE] = "password_file", [FIELD_TOKEN_FILE] = "token_file",
    [FIELD_AUTH] = "auth", [FIELD_TLS] = "tls", [FIELD_TLS_NAME] = "tls_name",
    [FIELD_TLS_CERT] = "tls_cert", [FIELD_TLS_CA] = "tls_ca", [FIELD_MAIL_FROM] = "mail_from",
    [FIELD_CONNECTIONS] = "connections", [FIELD_RATE] = "rate", [FIELD_HELO] = "helo",
    [FIELD_TRANSPORT] = "transport"};

static bool
differ(struct tmail_slice a, struct tmail_slice b)
{
	return (a.ptr == NULL) != (b.ptr == NULL) ||
	    !slice_eq(slice(a.ptr, a.len), slice(b.ptr, b.len));
}

/* Number n of the patterns; false: there is none, or it is `any`, which is as if not written. */
static bool
pattern_at(const struct listing *listing, const struct row *row, int selector, uint32_t n,
    struct pattern *pattern)
{
	if (n >= row->count[selector])
		return false;
	listing_name(listing, row, selector, n, pattern);
	return selector != ROW_USER || pattern->name || !slice_is(pattern->text, "any");
}

static bool
patterns_differ(const struct listing *const listings[SIDES], const struct row rows[SIDES],
    int selector)
{
	for (uint32_t n = 0;; n++) {
		struct pattern old, new;
		bool has_old = pattern_at(listings[OLD], &rows[OLD], selector, n, &old);
		bool has_new = pattern_at(listings[NEW], &rows[NEW], selector, n, &new);

		if (!has_old && !has_new)
			return false;
		if (has_old != has_new || old.name != new.name || !slice_eq(old.text, new.text))
			return true;
	}
}

/* The source addresses and the names that `source` gives them. */
static bool
local_differs(struct listing *const listings[SIDES], const struct row rows[SIDES])
{
	const struct tmail_route *old = &rows[OLD].route, *new = &rows[NEW].route;

	if (old->local != new->local || old->local_count != new->local_count)
		return true;
	for (uint32_t n = 0; n < old->local_count; n++) {
		struct tmail_address a, b;

		if (tmail_route_local(listings[OLD]->routes, old, n, &a) != TMAIL_OK)
			listings[OLD]->status = TMAIL_E_DAMAGED;
		if (tmail_route_local(listings[NEW]->routes, new, n, &b) != TMAIL_OK)
			listings[NEW]->status = TMAIL_E_DAMAGED;
		if (differ(a.text, b.text) || differ(a.helo, b.helo))
			return true;
	}
	return false;
}

static uint32_t
strings_changed(const struct tmail_route *a, const struct tmail_route *b)
{
	return (uint32_t)differ(a->login, b->login) << FIELD_LOGIN |
	    (uint32_t)differ(a->password, b->password) << FIELD_PASSWORD |
	    (uint32_t)differ(a->password_file, b->password_file) << FIELD_PASSWORD_FILE |
	    (uint32_t)differ(a->token_file, b->token_file) << FIELD_TOKEN_FILE |
	    (uint32_t)differ(a->tls_name, b->tls_name) << FIELD_TLS_NAME |
	    (uint32_t)differ(a->tls_cert, b->tls_cert) << FIELD_TLS_CERT |
	    (uint32_t)differ(a->tls_ca, b->tls_ca) << FIELD_TLS_CA |
	    (uint32_t)differ(a->mail_from, b->mail_from) << FIELD_MAIL_FROM |
	    (uint32_t)differ(a->helo, b->helo) << FIELD_HELO |
	    (uint32_t)differ(a->transport, b->transport) << FIELD_TRANSPORT;
}

/* As JSON has it: a host is of a route via a host, what an MX has stands in "mx". */
static uint32_t
next_hop_changed(const struct tmail_route *a, const struct tmail_route *b)
{
	bool host_a = a->hop == TMAIL_HOP_HOST, host_b = b->hop == TMAIL_HOP_HOST;
	bool other = differ(a->host, b->host);

	return (uint32_t)(host_a != host_b || (host_a && other)) << FIELD_HOST |
	    (uint32_t)(a->hop != b->hop || (!host_a && other)) << FIELD_MX |
	    (uint32_t)(a->port != b->port) << FIELD_PORT;
}

static uint32_t
values_changed(struct listing *const listings[SIDES], const struct row rows[SIDES])
{
	const struct tmail_route *a = &rows[OLD].route, *b = &rows[NEW].route;

	return next_hop_changed(a, b) | strings_changed(a, b) |
	    (uint32_t)(a->weight != b->weight) << FIELD_WEIGHT |
	    (uint32_t)(a->family != b->family) << FIELD_FAMILY |
	    (uint32_t)local_differs(listings, rows) << FIELD_LOCAL |
	    (uint32_t)(a->auth != b->auth) << FIELD_AUTH |
	    (uint32_t)(a->tls != b->tls) << FIELD_TLS |
	    (uint32_t)(a->connections != b->connections) << FIELD_CONNECTIONS |
	    (uint32_t)(a->rate != b->rate || a->rate_seconds != b->rate_seconds) << FIELD_RATE;
}

static uint32_t
fields_changed(struct listing *const listings[SIDES], const struct row rows[SIDES])
{
	const struct tmail_match *old = &rows[OLD].match, *new = &rows[NEW].match;
	uint32_t fields = 0;

	for (int selector = 0; selector < ROW_SELECTORS; selector++)
		if (patterns_differ((const struct listing *const *)listings, rows, selector))
			fields |= UINT32_C(1) << (FIELD_TO + selector);
	fields |= (uint32_t)(rows[OLD].route.priority != rows[NEW].route.priority) << FIELD_PRIORITY;
	if (old->action != new->action)
		return fields | UINT32_C(1) << FIELD_ACTION;
	if (old->action == TMAIL_RELAY)
		return fields | values_changed(listings, rows);
	return fields | (uint32_t)differ(old->text, new->text) << FIELD_TEXT;
}

static void
add(struct comparison *comparison, enum route_change change, uint32_t id, uint32_t fields)
{
	struct changed_list *of = &comparison->of[change];

	of->list = mem_grow(of->list, of->count, &of->capacity, sizeof(*of->list));
	of->list[of->count++] = (struct changed_route){id, fields};
}

enum tmail_status
compare_routes(struct comparison *comparison, struct listing *old, struct listing *new)
{
	struct listing *const listings[SIDES] = {old, new};
	struct row rows[SIDES] = {0};
	bool has[SIDES] = {listing_next(old, &rows[OLD]), listing_next(new, &rows[NEW])};

	while (has[OLD] || has[NEW]) {
		uint32_t ids[SIDES] = {rows[OLD].route.id, rows[NEW].route.id}, fields;
		bool takes_old = has[OLD] && (!has[NEW] || ids[OLD] <= ids[NEW]);
		bool takes_new = has[NEW] && (!has[OLD] || ids[NEW] <= ids[OLD]);

		if (!takes_new) {
			add(comparison, ROUTE_REMOVED, ids[OLD], 0);
		} else if (!takes_old) {
			add(comparison, ROUTE_ADDED, ids[NEW], 0);
		} else {
			fields = fields_changed(listings, rows);
			if (fields != 0)
				add(comparison, ROUTE_CHANGED, ids[OLD], fields);
		}
		if (takes_old)
			has[OLD] = listing_next(old, &rows[OLD]);
		if (takes_new)
			has[NEW] = listing_next(new, &rows[NEW]);
	}
	return old->status != TMAIL_OK ? old->status : new->status;
}

void
comparison_release(struct comparison *comparison)
{
	for (int change = 0; change < ROUTE_CHANGES; change++)
		free(comparison->of[change].list);
	*comparison = (struct comparison){0};
}
