#include "review/prove.h"

#include "answer/show.h"
#include "runtime/route.h"

static struct tmail_slice
as_given(struct slice text)
{
	return (struct tmail_slice){text.ptr, text.len};
}

static uint16_t
usual_port(enum tmail_tls tls)
{
	return tls == TMAIL_TLS_IMPLICIT ? 465 : 25;
}

/* What most expectations ask of a route: the rest is not read for them. */
struct brief {
	uint32_t id;
	enum tmail_next_hop hop;
	enum tmail_tls tls;
	uint16_t port;
	uint16_t priority;
	struct tmail_slice host;
};

/* Whether a candidate is the one that is wanted. */
static bool
is_hop(const struct brief *brief, const struct wanted_hop *wanted)
{
	struct slice host = slice(brief->host.ptr, brief->host.len);

	if (wanted->kind == HOST_MX)
		return brief->hop == TMAIL_HOP_MX;
	if (wanted->kind == HOST_MX_OF)
		return brief->hop == TMAIL_HOP_MX_OF && slice_eq(host, wanted->name);
	return brief->hop == TMAIL_HOP_HOST && slice_eq(host, wanted->name) &&
	    brief->port == (wanted->port != 0 ? wanted->port : usual_port(brief->tls));
}

/* A candidate in the words of `via`. */
static void
add_hop(struct text *text, const struct tmail_route *route)
{
	struct tmail_route shown = *route;

	if (route->hop != TMAIL_HOP_HOST || route->port == usual_port(route->tls))
		shown.port = 0;
	text_str(text, text->len == 0 ? "" : ",");
	if (route->hop == TMAIL_HOP_HOST) {
		show_hop(text, &shown);
		return;
	}
	text_str(text, route->hop == TMAIL_HOP_MX ? "mx" : "mx:");
	show_slice(text, route->host);
}

static bool
same_hop(const struct tmail_route *a, const struct tmail_route *b)
{
	return a->hop == b->hop && a->port == b->port &&
	    slice_eq(slice(a->host.ptr, a->host.len), slice(b->host.ptr, b->host.len));
}

/* What is looked at: the routes of a match, or those of the lowest priority. */
struct looking {
	const struct tmail_routes *routes;
	const struct expectation *e;
	struct verdict *verdict;
	uint32_t count;
	struct route_list list;		/* of the match */
	struct brief brief;		/* the last that was read, since most groups have one */
	uint32_t number;		/* its own */
};

#define NO_ROUTE UINT32_MAX

/* False, and the verdict's status: it cannot be read. */
static bool
route_at(struct looking *l, uint32_t n, struct tmail_route *route)
{
	enum tmail_status status = tmail_match_route(l->routes, &l->verdict->match, n, route);

	if (status != TMAIL_OK)
		l->verdict->status = status;
	return status == TMAIL_OK;
}

static bool
read_brief(const struct looking *l, uint32_t n, struct brief *brief)
{
	struct route_entry entry;

	if (!route_entry(l->routes, &l->list, n, &entry) ||
	    entry.hop[HOP_KIND] > TMAIL_HOP_NONE || entry.hop[HOP_TLS] > TMAIL_TLS_IMPLICIT)
		return false;
	brief->id = le32_get(entry.route + ROUTE_ID);
	brief->priority = le16_get(entry.target + TARGET_PRIORITY);
	brief->hop = entry.hop[HOP_KIND];
	brief->tls = entry.hop[HOP_TLS];
	brief->port = le16_get(entry.hop + HOP_PORT);
	return hop_string(l->routes, entry.hop, STRING_HOST, &brief->host);
}

/* NULL, and the verdict's status: it cannot be read. */
static const struct brief *
brief_at(struct looking *l, uint32_t n)
{
	if (l->number == n)
		return &l->brief;
	l->number = read_brief(l, n, &l->brief) ? n : NO_ROUTE;
	if (l->number == n)
		return &l->brief;
	l->verdict->status = TMAIL_E_DAMAGED;
	return NULL;
}

static void
look(struct looking *l)
{
	const struct brief *brief;
	uint16_t priority;

	l->number = NO_ROUTE;
	l->count = 0;
	if (!l->verdict->matched)
		return;
	if (match_list(l->routes, &l->verdict->match, &l->list) != TMAIL_OK) {
		l->verdict->status = TMAIL_E_DAMAGED;
		return;
	}
	l->count = l->verdict->match.count;
	if (l->e->outcome != OUTCOME_FIRST || (brief = brief_at(l, 0)) == NULL)
		return;
	priority = brief->priority;
	for (uint32_t n = 1; n < l->count && (brief = brief_at(l, n)) != NULL; n++)
		if (brief->priority != priority)
			l->count = n;
}

static bool
is_relay(const struct looking *l)
{
	return l->verdict->matched && l->verdict->match.action == TMAIL_RELAY;
}

/* Whether each candidate is wanted, and each that is wanted is there; a match has one at least. */
static bool
same_hops(struct looking *l)
{
	const struct expectation *e = l->e;
	const struct brief *brief;

	if (!is_relay(l))
		return false;
	for (uint32_t n = 0; n < l->count; n++) {
		bool wanted = false;

		if ((brief = brief_at(l, n)) == NULL)
			return false;
		for (uint32_t i = 0; i < e->count && !wanted; i++)
			wanted = is_hop(brief, &e->wanted[i]);
		if (!wanted)
			return false;
	}
	for (uint32_t i = 0; e->count > 1 && i < e->count; i++) {
		bool there = false;

		for (uint32_t n = 0; n < l->count && !there; n++)
			there = (brief = brief_at(l, n)) != NULL && is_hop(brief, &e->wanted[i]);
		if (!there)
			return false;
	}
	return true;
}

static bool
same_routes(struct looking *l)
{
	const struct expectation *e = l->e;
	const struct brief *brief;
	uint32_t found = 0;

	for (uint32_t i = 0; i < e->count; i++) {
		bool again = false, there = false;

		for (uint32_t k = 0; k < i; k++)
			again |= e->wanted[k].id == e->wanted[i].id;
		for (uint32_t n = 0; n < l->count && !there; n++)
			there = (brief = brief_at(l, n)) != NULL && brief->id == e->wanted[i].id;
		if (!there)
			return false;
		found += !again;
	}
	return found == l->count;
}

static bool
is_outcome(struct looking *l)
{
	switch (l->e->outcome) {
	case OUTCOME_REPLY:
		return l->verdict->matched && l->verdict->match.action == l->e->action;
	case OUTCOME_ROUTE:
		return same_routes(l);
	case OUTCOME_MX:
		if (!l->verdict->matched)
			return l->e->wanted[0].kind == HOST_MX;
		return same_hops(l);
	default:
		return same_hops(l);
	}
}

/* Whether a route before it leads to the same. */
static bool
is_told(struct looking *l, uint32_t n, const struct tmail_route *route)
{
	struct tmail_route before;

	for (uint32_t i = 0; i < n; i++)
		if (route_at(l, i, &before) && same_hop(&before, route))
			return true;
	return false;
}

/* What the mail gets, in the words of an expectation of that kind, or else its action. */
static void
tell_got(struct looking *l, bool outcome, struct text *text)
{
	struct tmail_route route;

	if (!l->verdict->matched) {
		text_str(text, "mx");
		return;
	}
	if ((l->e->outcome != OUTCOME_ROUTE || !outcome) &&
	    l->verdict->match.action != TMAIL_RELAY) {
		text_str(text, show_action(l->verdict->match.action));
		return;
	}
	for (uint32_t n = 0; n < l->count && route_at(l, n, &route); n++) {
		if (l->e->outcome != OUTCOME_ROUTE) {
			if (!is_told(l, n, &route))
				add_hop(text, &route);
			continue;
		}
		text_str(text, n == 0 ? "route " : ",");
		text_number(text, route.id);
	}
}

/* Whether a route to the MX is wanted, which is not the MX where there is no route. */
static bool
wants_mx(const struct expectation *e)
{
	return (e->outcome == OUTCOME_VIA || e->outcome == OUTCOME_FIRST) &&
	    e->wanted[0].kind == HOST_MX;
}

static void
tell_outcome(struct looking *l)
{
	const struct expectation *e = l->e;
	struct verdict *v = l->verdict;

	v->at = e->at;
	if (e->outcome == OUTCOME_ROUTE)
		text_str(&v->expected, "route ");
	else if (!v->matched && wants_mx(e))
		text_str(&v->expected, e->outcome == OUTCOME_VIA ? "via " : "first ");
	text_name(&v->expected, source_text(e->source, e->at.begin), e->at.end - e->at.begin);
	tell_got(l, true, &v->got);
}

static bool
same_ip(const struct tmail_address *address, const struct ip *ip)
{
	return address->family == ip->family &&
	    memcmp(address->bytes, ip->bytes, address->family == 4 ? 4 : 16) == 0;
}

/* In the order written for `&`, in any for `|`. */
static bool
same_local(const struct looking *l, const struct tmail_route *route, const struct local *local)
{
	struct tmail_address address;

	if (local == NULL)
		return route->local_count == 0;
	if (route->local_count != local->count ||
	    (local->count > 1 && route->local != local->mode))
		return false;
	for (uint32_t i = 0; i < local->count; i++) {
		bool there = false;

		if (tmail_route_local(l->routes, route, i, &address) != TMAIL_OK)
			return false;
		for (uint32_t k = 0; k < local->count && !there; k++)
			there = (route->local == TMAIL_LOCAL_ROUND_ROBIN || k == i) &&
			    same_ip(&address, &local->list[k]);
		if (!there)
			return false;
	}
	return true;
}

/* From each source address, which may have a name of its own; *helo: the first that differs. */
static bool
same_greetings(const struct looking *l, const struct tmail_route *route, struct slice wanted,
    struct tmail_slice *helo)
{
	for (uint32_t i = 0; i < route->local_count; i++) {
		struct tmail_address address;

		if (tmail_route_local(l->routes, route, i, &address) != TMAIL_OK)
			return false;
		*helo = address.helo.ptr != NULL ? address.helo : route->helo;
		if (!slice_eq(slice(helo->ptr, helo->len), wanted))
			return false;
	}
	return true;
}

static struct tmail_slice
string_of(const struct tmail_route *route, enum option option)
{
	return option == OPTION_LOGIN ? route->login : option == OPTION_HELO ? route->helo
	    : route->transport;
}

static bool
has_value(const struct looking *l, const struct tmail_route *route, const struct expected *expected)
{
	struct tmail_slice string = {NULL, 0};

	if (expected->option == OPTION_LOCAL)
		return same_local(l, route, expected->local);
	if (expected->option == OPTION_HELO && route->local_count > 0)
		return same_greetings(l, route, expected->text, &string);
	string = string_of(route, expected->option);
	return slice_eq(slice(string.ptr, string.len), expected->text);
}

/* route: the candidate whose value differs; NULL: the mail has none. */
static void
tell_value(struct looking *l, const struct tmail_route *route, const struct expected *expected)
{
	const struct expectation *e = l->e;
	enum option option = expected->option;
	struct verdict *v = l->verdict;
	struct span at = expected->at;
	struct tmail_slice string;

	v->at = at;
	text_str(&v->expected, option_word(option));
	text_str(&v->expected, " ");
	text_name(&v->expected, source_text(e->source, at.begin), at.end - at.begin);
	if (route == NULL) {
		tell_got(l, false, &v->got);
	} else if (option == OPTION_TLS) {
		text_str(&v->got, tls_words[route->tls]);
	} else if (option == OPTION_LOCAL) {
		show_local(&v->got, l->routes, route, NULL);
	} else {
		string = string_of(route, option);
		if (option == OPTION_HELO)
			same_greetings(l, route, expected->text, &string);
		show_slice(&v->got, string);
		if (string.len == 0)
			text_str(&v->got, "none");
	}
}

static bool
holds_at(struct looking *l, uint32_t n, const struct expected *expected)
{
	const struct brief *brief;
	struct tmail_route route;

	if (expected->option == OPTION_TLS && (brief = brief_at(l, n)) != NULL &&
	    brief->tls == expected->tls)
		return true;
	if (!route_at(l, n, &route))
		return false;
	if (expected->option != OPTION_TLS && has_value(l, &route, expected))
		return true;
	tell_value(l, &route, expected);
	return false;
}

/* Of every candidate looked at; where there is none, no option is as expected. */
static bool
has_options(struct looking *l)
{
	for (unsigned i = 0; i < l->e->expected_count; i++) {
		const struct expected *expected = &l->e->expected[i];

		if (!is_relay(l)) {
			tell_value(l, NULL, expected);
			return false;
		}
		for (uint32_t n = 0; n < l->count; n++)
			if (!holds_at(l, n, expected))
				return false;
	}
	return true;
}

void
prove_ask(const struct tmail_routes *routes, const struct expectation *e, struct verdict *v)
{
	const struct tmail_query query = {as_given(e->to), as_given(e->user), as_given(e->from)};

	v->status = tmail_routes_lookup(routes, &query, &v->match);
	v->matched = v->status == TMAIL_OK;
}

void
prove_judge(const struct tmail_routes *routes, const struct expectation *e, struct verdict *v)
{
	struct looking l;

	l.routes = routes;
	l.e = e;
	l.verdict = v;
	v->expected.len = v->got.len = 0;
	v->at = e->at;
	v->passed = false;
	if (v->matched || v->status == TMAIL_NO_ROUTE) {
		look(&l);
		if (!is_outcome(&l))
			tell_outcome(&l);
		else
			v->passed = has_options(&l);
		if (v->passed && v->always)
			tell_outcome(&l);
	}
	if (v->status == TMAIL_OK || v->status == TMAIL_NO_ROUTE)
		return;
	v->passed = false;
	v->at = e->at;
	v->expected.len = v->got.len = 0;
	text_str(&v->expected, "an answer");
	text_str(&v->got, tmail_status_text(v->status));
}

void
prove(const struct tmail_routes *routes, const struct expectation *e, struct verdict *v)
{
	prove_ask(routes, e, v);
	prove_judge(routes, e, v);
}

void
verdict_release(struct verdict *verdict)
{
	text_release(&verdict->expected);
	text_release(&verdict->got);
}

uint32_t
verdict_route(const struct tmail_routes *routes, const struct verdict *verdict)
{
	struct route_list list;

	return match_list(routes, &verdict->match, &list) == TMAIL_OK ? route_list_get(&list, 0) : 0;
}

void
verdict_diagnose(const struct tmail_routes *routes, const struct verdict *v,
    const struct model *model, struct diagnostics *diagnostics)
{
	struct diagnostic *d = diagnose(diagnostics, v->at, SLUG_EXPECTATION,
	    "%.*s is expected, %.*s it is", (int)v->expected.len, v->expected.ptr,
	    (int)v->got.len, v->got.ptr);
	struct tmail_route route;
	struct text rung = {0};

	if (d == &diagnostics->unseen)
		return;
	if (!v->matched) {
		diagnostic_remark(diagnostics, d, "nothing matches: the mail goes to its MX");
		return;
	}
	show_rung(&rung, routes, v->match.user, v->match.from, v->match.to);
	if (model != NULL) {
		uint32_t pos = model->routes[verdict_route(routes, v)].pos;

		diagnostic_note(diagnostics, d, span(pos, pos + (uint32_t)strlen("route")),
		    "matched %.*s", (int)rung.len, rung.ptr);
	} else if (tmail_match_route(routes, &v->match, 0, &route) == TMAIL_OK) {
		diagnostic_remark(diagnostics, d, "matched %.*s, by route %u (%.*s:%u)",
		    (int)rung.len, rung.ptr, route.id, (int)route.file.len, route.file.ptr,
		    route.line);
	}
	text_release(&rung);
}
