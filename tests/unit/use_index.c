#include "use_index.h"

#include "promise.h"
#include "runtime/scan.h"

enum { CANDIDATES = 8, STEPS_MAX = 2000 };

const struct tmail_query use_queries[USE_QUERIES] = {
	{{"b@a.example", 11}, {"u@a.example", 11}, {"f@a.example", 11}},
	{{"b@a.example", 11}, {NULL, 0}, {NULL, 0}},
	{{"b@x.a.example", 13}, {NULL, 0}, {"", 0}},
	{{"b@r.example", 11}, {NULL, 0}, {"f@r.example", 11}},
	{{"b@nowhere.example", 17}, {"a.example", 9}, {NULL, 0}},
	{{"b@nowhere.example", 17}, {NULL, 0}, {NULL, 0}},
};

/* Reads every byte that a slice says is there. */
static void
read_slice(struct tmail_slice s)
{
	static volatile unsigned char sum;
	size_t i;

	promise(s.ptr != NULL || s.len == 0);
	for (i = 0; i < s.len; i++)
		sum = (unsigned char)(sum + (unsigned char)s.ptr[i]);
}

static void
read_locals(const struct tmail_routes *routes, const struct tmail_route *route,
    const struct tmail_candidate *candidate)
{
	struct tmail_address address;
	uint32_t i;

	promise(route->local_count <= 255);
	for (i = 0; i < route->local_count; i++) {
		if (tmail_route_local(routes, route, i, &address) == TMAIL_OK)
			read_slice(address.text);
		if (tmail_candidate_local(routes, candidate, route, i, &address) == TMAIL_OK)
			read_slice(address.text);
	}
}

static void
read_route(const struct tmail_routes *routes, const struct tmail_match *match,
    uint32_t n)
{
	struct tmail_candidate candidate = {.draw = n};
	struct tmail_route route;

	if (tmail_match_route(routes, match, n, &route) != TMAIL_OK)
		return;
	read_slice(route.file);
	read_slice(route.host);
	read_slice(route.tls_name);
	read_slice(route.login);
	read_slice(route.password);
	read_slice(route.password_file);
	read_slice(route.helo);
	read_slice(route.transport);
	read_locals(routes, &route, &candidate);
}

static void
read_plan(const struct tmail_routes *routes, const struct tmail_match *match)
{
	struct tmail_candidate candidates[CANDIDATES];
	struct tmail_random random = {1};
	size_t count, i;

	tmail_match_plan(routes, match, &random, candidates, CANDIDATES, &count);
	promise(count <= CANDIDATES);
	for (i = 0; i < count; i++)
		promise(candidates[i].route < match->count);
}

static void
read_match(const struct tmail_routes *routes, const struct tmail_match *match)
{
	uint32_t i;

	read_slice(match->user);
	read_slice(match->to);
	read_slice(match->from);
	read_slice(match->text);
	promise(match->count >= 1);
	promise(match->action <= TMAIL_DISCARD);
	for (i = 0; i < match->count && i < STEPS_MAX; i++)
		read_route(routes, match, i);
	read_route(routes, match, match->count - 1);
	read_route(routes, match, match->count);
	read_plan(routes, match);
}

static void
visit(void *arg, const struct tmail_rung *rung)
{
	(void)arg;
	read_slice(rung->user);
	read_slice(rung->to);
	read_slice(rung->from);
}

/* A group of a listing: its first member and its last. */
static void
visit_group(void *arg, const struct tmail_match *match)
{
	const struct tmail_routes *routes = arg;
	uint64_t attempt;

	read_slice(match->user);
	read_slice(match->to);
	read_slice(match->from);
	promise(match->count >= 1);
	read_route(routes, match, 0);
	read_route(routes, match, match->count - 1);
	scan_user_any(routes, match, 0);
	scan_user_any(routes, match, match->count - 1);
	scan_has_name(routes, match->to.ptr, match->to.len);
	scan_attempt(routes, match, match->count - 1, &attempt);
}

bool
use_index(const struct tmail_routes *routes)
{
	struct tmail_match match;
	enum tmail_status status;
	struct tmail_info info;
	size_t i;

	tmail_routes_info(routes, &info);
	for (i = 0; i < USE_QUERIES; i++) {
		status = tmail_routes_lookup(routes, &use_queries[i], &match);
		if (status == TMAIL_OK)
			read_match(routes, &match);
		else
			promise(status == TMAIL_NO_ROUTE || status == TMAIL_E_DAMAGED);
		status = tmail_routes_explain(routes, &use_queries[i], visit, NULL, &match);
		if (status == TMAIL_OK)
			read_match(routes, &match);
	}
	status = scan_groups(routes, visit_group, (void *)(uintptr_t)routes);
	promise(status == TMAIL_OK || status == TMAIL_E_DAMAGED);
	return status == TMAIL_OK;
}
