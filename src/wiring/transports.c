#include "wiring/transports.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "answer/as_hop.h"
#include "answer/as_plan.h"
#include "runtime/scan.h"

/* Room for the words of all needs. */
enum { WORDS_MAX = 256 };

/* A route in the order in which they are read: by transport, then by ID. */
struct placed {
	struct slice transport;
	uint32_t id;
	uint32_t n;
};

static int
compare_names(struct slice a, struct slice b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len == 0 ? 0 : memcmp(a.ptr, b.ptr, len);

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int
compare_placed(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;
	int order = compare_names(x->transport, y->transport);

	return order != 0 ? order : (x->id > y->id) - (x->id < y->id);
}

/* The routes that lead somewhere, in their order. */
static struct placed *
place_routes(struct transports *t, size_t *count)
{
	struct placed *list = NULL;
	struct tmail_route route;
	size_t capacity = 0;

	*count = 0;
	for (uint32_t n = 0; scan_route(t->routes, n, &route, &t->status); n++) {
		if (route.hop == TMAIL_HOP_NONE)
			continue;
		list = mem_grow(list, *count, &capacity, sizeof(*list));
		list[(*count)++] = (struct placed){as_transport(&route), route.id, n};
	}
	if (*count > 1)
		qsort(list, *count, sizeof(*list), compare_placed);
	return list;
}

static bool
is_among(struct slice name, const char *const *list)
{
	while (*list != NULL && !slice_is(name, *list))
		list++;
	return *list != NULL;
}

/* A client in the place of one of these would be the end of Postfix. */
static bool
is_part(struct slice name)
{
	static const char *const parts[] = {"anvil", "bounce", "cleanup", "defer", "dnsblog", "flush",
	    "pickup", "postlog", "proxymap", "proxywrite", "qmgr", "rewrite", "scache", "showq", "smtpd",
	    "tlsmgr", "tlsproxy", "trace", "verify", NULL};

	return is_among(name, parts);
}

/* What master.cf has as Postfix comes, and what is no clone of smtp there. */
static enum transport_kind
kind_of(struct slice name)
{
	static const char *const services[] = {"lmtp", "local", "virtual", "error", "retry",
	    "discard", NULL};

	if (slice_is(name, "smtp"))
		return TRANSPORT_SMTP;
	return is_among(name, services) || is_part(name) ? TRANSPORT_SERVICE : TRANSPORT_CLONE;
}

/*
 * The name that more than half of the routes of `smtp` greet with, or some of them.  In
 * main.cf it holds for all others, too, and so only if each has a name of its own.
 */
static struct slice
find_greeting(struct transports *t, const struct placed *list, size_t count)
{
	struct slice greeting = {NULL, 0};
	struct tmail_route route;
	size_t votes = 0;

	for (size_t i = 0; i < count && scan_route(t->routes, list[i].n, &route, &t->status); i++) {
		enum transport_kind kind = kind_of(list[i].transport);
		struct slice helo = slice(route.helo.ptr, route.helo.len);

		if (kind != TRANSPORT_SERVICE && helo.len == 0)
			return helo;
		if (kind != TRANSPORT_SMTP)
			continue;
		if (votes == 0)
			greeting = helo;
		votes = slice_eq(greeting, helo) ? votes + 1 : votes - 1;
	}
	return greeting;
}

/* The words for those needs that are set. */
static const char *
join_words(char words[WORDS_MAX], const bool set[NEEDS])
{
	const char *last = NULL;
	size_t len = 0;

	words[0] = '\0';
	for (int need = 0; need < NEEDS; need++) {
		if (!set[need] || need_names[need].word == last)
			continue;
		last = need_names[need].word;
		len += (size_t)snprintf(words + len, WORDS_MAX - len, "%s%s", len > 0 ? ", " : "", last);
	}
	return len > 0 ? words : NULL;
}

/* What no transport has but one that the route names. */
static void
find_wanted(struct transports *t, const struct transport *transport,
    const struct tmail_route *route, const struct needs *needs)
{
	char buf[WORDS_MAX];
	bool set[NEEDS];
	const char *words;

	if (is_part(transport->name)) {
		findings_add(&t->findings, FINDING_PART, route,
		    "its transport '%.*s' is a part of Postfix, and delivers nothing: its mail waits",
		    (int)transport->name.len, transport->name.ptr);
		return;
	}
	for (int need = 0; need < NEEDS; need++)
		set[need] = needs->value[need].len > 0;
	if (transport->kind == TRANSPORT_SMTP && slice_eq(needs->value[NEED_HELO], t->greeting))
		set[NEED_HELO] = false;
	words = join_words(buf, set);
	if (words == NULL)
		return;
	if (transport->kind == TRANSPORT_SMTP)
		findings_add(&t->findings, FINDING_OWN, route, "it wants %s", words);
	else
		findings_add(&t->findings, FINDING_SERVICE, route,
		    "its transport '%.*s' is no SMTP client, and cannot have %s",
		    (int)transport->name.len, transport->name.ptr, words);
}

static void
merge_needs(struct transports *t, struct transport *transport, const struct tmail_route *route,
    const struct needs *needs)
{
	char buf[WORDS_MAX];
	bool differs[NEEDS];
	const char *words;

	for (int need = 0; need < NEEDS; need++) {
		struct slice *have = &transport->needs.value[need], value = needs->value[need];

		differs[need] = have->ptr != NULL && value.ptr != NULL && !slice_eq(*have, value);
		if (have->ptr == NULL)
			*have = value;
	}
	words = join_words(buf, differs);
	if (words != NULL)
		findings_add(&t->findings, FINDING_DIFFERS, route,
		    "it differs in %s from route %u, whose transport '%.*s' is the same", words,
		    transport->first.id, (int)transport->name.len, transport->name.ptr);
}

/* What the maps say of a next hop, from all routes of this transport that lead there. */
static void
judge_hop(struct transports *t, const struct tmail_route *route, const struct as_hop *hop)
{
	struct slice name = as_transport(route);
	char buf[AS_TEXT_SIZE];
	struct as_text out = {buf, 0, sizeof(buf), false};
	const char *why = NULL;

	if (hop->logins_differ)
		findings_add(&t->findings, FINDING_LOGINS, route,
		    "another login, or none, leads to its next hop by transport '%.*s', too: its mail waits",
		    (int)name.len, name.ptr);
	if (needs_strictness(hop->route.tls) > needs_strictness(route->tls))
		findings_add(&t->findings, FINDING_STRICTER, route,
		    "another route leads to its next hop with stricter TLS by transport '%.*s', which holds for both",
		    (int)name.len, name.ptr);
	else if (hop->names_differ)
		findings_add(&t->findings, FINDING_NAMES, route,
		    "another tls-name leads to its next hop by transport '%.*s', too: its mail waits",
		    (int)name.len, name.ptr);
	else if (!as_hop_tls(hop, &out, &why))
		findings_add(&t->findings, FINDING_TLS_NAME, route,
		    "the name of its certificate cannot be told to Postfix: its mail waits");
}

/* Whether routes of all transports have the same at a next hop as those of this one. */
static void
compare_maps(struct transport *transport, const struct as_hop *all, const struct as_hop *own)
{
	char bufs[2][AS_TEXT_SIZE];
	struct as_text of_all = {bufs[0], 0, AS_TEXT_SIZE, false}, of_own = {bufs[1], 0, AS_TEXT_SIZE, false};
	const char *why;

	if (all->logins_differ && !own->logins_differ)
		transport->sasl_apart = true;
	if (as_hop_tls(own, &of_own, &why) && (!as_hop_tls(all, &of_all, &why) ||
	    !slice_eq(slice(of_all.ptr, of_all.len), slice(of_own.ptr, of_own.len))))
		transport->tls_apart = true;
}

static void
judge_route(struct transports *t, struct transport *transport,
    const struct tmail_route *route)
{
	struct slice host = slice(route->host.ptr, route->host.len);
	const struct as_hop *all, *own;

	if (route->hop != TMAIL_HOP_HOST)
		return;
	own = as_hops_find(t->hops, host, route->port, transport->name);
	all = as_hops_find(t->hops, host, route->port, slice(NULL, 0));
	if (own == NULL || all == NULL)
		return;
	judge_hop(t, route, own);
	compare_maps(transport, all, own);
}

static void
count_route(struct transport *transport, const struct tmail_route *route)
{
	if (route->login.len > 0 && !transport->logins) {
		transport->logins = true;
		transport->login = *route;
	}
	transport->clear_logins |= route->login.len > 0 && route->tls == TMAIL_TLS_OFF;
	transport->policies |= route->hop == TMAIL_HOP_HOST && route->tls != TMAIL_TLS_OPPORTUNISTIC;
	transport->verified |= needs_strictness(route->tls) == TMAIL_TLS_VERIFIED &&
	    route->tls_ca.ptr == NULL;
}

static bool
add_route(struct transports *t, const struct placed *placed)
{
	const struct needing needing = {t->routes, &t->arena, &t->findings};
	struct transport *transport = &t->list[t->count - 1];
	struct tmail_route route;
	struct needs needs;

	if (!scan_route(t->routes, placed->n, &route, &t->status) ||
	    !needs_of(&needing, &route, &needs))
		return false;
	if (transport->first.id == 0) {
		transport->first = route;
		transport->needs = needs;
	}
	if (transport->kind == TRANSPORT_CLONE)
		merge_needs(t, transport, &route, &needs);
	else
		find_wanted(t, transport, &route, &needs);
	judge_route(t, transport, &route);
	count_route(transport, &route);
	return true;
}

static void
add_routes(struct transports *t, const struct placed *list, size_t count)
{
	size_t capacity = 0;

	for (size_t i = 0; i < count && t->status == TMAIL_OK; i++) {
		if (i == 0 || !slice_eq(list[i - 1].transport, list[i].transport)) {
			t->list = mem_grow(t->list, t->count, &capacity, sizeof(*t->list));
			t->list[t->count++] = (struct transport){.name = list[i].transport,
			    .kind = kind_of(list[i].transport)};
		}
		if (!add_route(t, &list[i]))
			t->status = TMAIL_E_DAMAGED;
	}
}

/* Postfix falls back within one transport alone. */
static void
visit_group(void *arg, const struct tmail_match *match)
{
	struct transports *t = arg;
	struct tmail_route first, route;

	t->refusing |= match->action == TMAIL_REJECT || match->action == TMAIL_DEFER;
	t->discarding |= match->action == TMAIL_DISCARD;
	if (match->action != TMAIL_RELAY || match->count == 1 ||
	    tmail_match_route(t->routes, match, 0, &first) != TMAIL_OK)
		return;
	for (uint32_t n = 1; n < match->count; n++) {
		if (tmail_match_route(t->routes, match, n, &route) != TMAIL_OK ||
		    slice_eq(as_transport(&first), as_transport(&route)))
			continue;
		findings_add(&t->findings, FINDING_MIXED, &route,
		    "its group has routes of another transport, such as route %u: Postfix goes from one to the next by one transport alone",
		    first.id);
		return;
	}
}

enum tmail_status
transports_open(struct transports *t, const struct tmail_routes *routes)
{
	struct placed *list;
	size_t count;

	errno = 0;
	*t = (struct transports){.routes = routes, .hops = as_hops_open(routes)};
	if (t->hops == NULL)
		return t->status = errno == ENOMEM ? TMAIL_E_MEMORY : TMAIL_E_DAMAGED;
	list = place_routes(t, &count);
	t->greeting = find_greeting(t, list, count);
	add_routes(t, list, count);
	free(list);
	if (t->status == TMAIL_OK)
		t->status = scan_groups(routes, visit_group, t);
	return t->status;
}

void
transports_close(struct transports *t)
{
	as_hops_close(t->hops);
	free(t->list);
	findings_release(&t->findings);
	arena_release(&t->arena);
}

const struct transport *
transports_find(const struct transports *t, struct slice name)
{
	for (size_t i = 0; i < t->count; i++)
		if (slice_eq(t->list[i].name, name))
			return &t->list[i];
	return NULL;
}
