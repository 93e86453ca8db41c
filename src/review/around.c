#include "review/around.h"

#include <stdlib.h>

#include "review/prove.h"
#include "runtime/route.h"
#include "runtime/scan.h"

/* Whether the route is in the group that matches. */
static bool
has_route(struct around *around, const struct tmail_match *match)
{
	struct route_list list;

	if (match_list(around->routes, match, &list) != TMAIL_OK) {
		around->status = TMAIL_E_DAMAGED;
		return false;
	}
	for (uint32_t n = 0; n < list.count; n++)
		if (route_list_get(&list, n) == around->route)
			return true;
	return false;
}

static void
add_group(struct around_groups *groups, const struct around_group *group)
{
	groups->list = mem_grow(groups->list, groups->count, &groups->capacity,
	    sizeof(*groups->list));
	groups->list[groups->count++] = *group;
}

static void
see_own(void *arg, const struct tmail_match *match)
{
	struct around *around = arg;
	struct around_group group = {*match, rung_of(around->routes, match)};

	if (has_route(around, match))
		add_group(&around->own, &group);
}

static void
see_above(void *arg, const struct tmail_match *match)
{
	struct around *around = arg;
	struct around_group group = {*match, rung_of(around->routes, match)};

	for (size_t i = 0; i < around->own.count; i++) {
		if (!rung_above(&group.patterns, &around->own.list[i].patterns))
			continue;
		if (!has_route(around, match))
			add_group(&around->above, &group);
		return;
	}
}

static int
by_rung(const void *a, const void *b)
{
	const struct around_group *x = a, *y = b;

	return rung_order(&x->patterns, &y->patterns);
}

static void
sort(struct around_groups *groups)
{
	if (groups->count > 1)
		qsort(groups->list, groups->count, sizeof(*groups->list), by_rung);
}

static void
find_expected(struct around *around)
{
	struct verdict verdict = {0};

	for (uint32_t i = 0; i < around->conf->expectation_count; i++) {
		prove(around->routes, &around->conf->expectations[i], &verdict);
		if (!verdict.matched || !has_route(around, &verdict.match))
			continue;
		around->expected = mem_grow(around->expected, around->expected_count,
		    &around->expected_capacity, sizeof(*around->expected));
		around->expected[around->expected_count++] = i;
	}
	verdict_release(&verdict);
}

enum tmail_status
around_find(struct around *around)
{
	enum tmail_status status = scan_groups(around->routes, see_own, around);

	if (status == TMAIL_OK)
		status = scan_groups(around->routes, see_above, around);
	if (status != TMAIL_OK)
		return status;
	sort(&around->own);
	sort(&around->above);
	find_expected(around);
	return around->status;
}

void
around_release(struct around *around)
{
	free(around->own.list);
	free(around->above.list);
	free(around->expected);
}
