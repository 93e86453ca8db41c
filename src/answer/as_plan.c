#include "answer/as_plan.h"

#include <stdlib.h>

static bool
make_room(struct as_plan *plan, size_t n)
{
	struct tmail_candidate *list;

	if (n <= plan->capacity)
		return true;
	if (n > SIZE_MAX / 2 / sizeof(*list))
		return false;
	list = realloc(plan->list, 2 * n * sizeof(*list));
	if (list == NULL)
		return false;
	plan->list = list;
	plan->capacity = 2 * n;
	return true;
}

static enum as_outcome
draw(struct as_plan *plan, struct tmail_random *random)
{
	if (!make_room(plan, plan->match.count)) {
		plan->status = TMAIL_E_MEMORY;
		return AS_FAULT;
	}
	plan->status = tmail_match_plan(plan->routes, &plan->match, random, plan->list,
	    plan->capacity, &plan->count);
	return plan->status == TMAIL_OK && plan->count > 0 ? AS_RELAYS : AS_FAULT;
}

void
as_plan_draw(struct as_plan *plan, const struct tmail_routes *routes,
    const struct tmail_query *query, struct tmail_random *random)
{
	static const enum as_outcome outcomes[] = {[TMAIL_REJECT] = AS_REJECT,
	    [TMAIL_DEFER] = AS_DEFER, [TMAIL_DISCARD] = AS_DISCARD};

	plan->routes = routes;
	plan->count = 0;
	plan->status = tmail_routes_lookup(routes, query, &plan->match);
	if (plan->status == TMAIL_NO_ROUTE)
		plan->outcome = AS_NONE;
	else if (plan->status != TMAIL_OK || plan->match.action > TMAIL_DISCARD)
		plan->outcome = AS_FAULT;
	else if (plan->match.action == TMAIL_RELAY)
		plan->outcome = draw(plan, random);
	else
		plan->outcome = outcomes[plan->match.action];
}

bool
as_plan_route(const struct as_plan *plan, size_t n, struct tmail_route *route)
{
	return tmail_match_route(plan->routes, &plan->match, plan->list[n].route, route) ==
	    TMAIL_OK;
}

struct slice
as_transport(const struct tmail_route *route)
{
	if (route->transport.len == 0)
		return slice_str("smtp");
	return slice(route->transport.ptr, route->transport.len);
}

bool
as_is_word(struct tmail_slice word)
{
	for (size_t i = 0; i < word.len; i++) {
		char c = word.ptr[i];

		if (c <= ' ' || c > '~' || c == ',' || c == ';' || c == '"' || c == '\\' || c == '/')
			return false;
	}
	return word.len > 0;
}

void
as_plan_release(struct as_plan *plan)
{
	free(plan->list);
	*plan = (struct as_plan){0};
}
