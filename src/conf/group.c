#include "conf/group.h"

#include <stdlib.h>

#include "text/lexer.h"

struct judging {
	struct check *check;
	bool *weighs;		/* by route: its weight decides something */
	bool *reported;		/* by route: one clash is enough */
	bool *weighed;		/* by route: a weight is written; NULL: nobody asks */
};

static bool
is_relay(const struct model *model, uint32_t route)
{
	return pool_get(&model->hops, model_hop(model, route)).ptr[HOP_ACTION] == TMAIL_RELAY;
}

/* The action's keyword of the route statement at pos. */
static struct span
action_span(const struct check *check, uint32_t pos)
{
	const struct source *source = sources_at(&check->conf->sources, pos);
	struct lexer lexer;
	struct token token;

	lexer_init(&lexer, source_text(source, pos), source->text + source->size,
	    LEX_STATEMENT, 1);
	do
		lexer_next(&lexer, &token);
	while (token.kind != TK_VIA && token.kind != TK_REJECT && token.kind != TK_DEFER &&
	    token.kind != TK_DISCARD && token.kind != 0);
	pos = source_pos(source, token.ptr);
	return span(pos, pos + token.len);
}

/* reject, defer and discard stand alone: the later of two routes is at fault. */
static void
check_alone(struct judging *judging, const uint32_t *routes, size_t count)
{
	struct check *check = judging->check;
	const struct model *model = check->model;
	uint32_t first = routes[0], later = NO_MEMBER;
	struct diagnostic *d;

	for (size_t i = 1; i < count; i++)
		first = routes[i] < first ? routes[i] : first;
	for (size_t i = 0; i < count; i++)
		if (routes[i] != first && routes[i] < later &&
		    (!is_relay(model, first) || !is_relay(model, routes[i])))
			later = routes[i];
	if (later == NO_MEMBER || judging->reported[later])
		return;
	judging->reported[later] = true;
	d = diagnose(&check->conf->diagnostics, action_span(check, model->routes[later].pos),
	    SLUG_NOT_ALONE, "%s stands beside another route for the same patterns",
	    is_relay(model, later) ? "a relay" : "'reject', 'defer' or 'discard'");
	diagnostic_note(&check->conf->diagnostics, d,
	    action_span(check, model->routes[first].pos), "the other route is here");
}

/* What tells hosts apart: the kind and the name. */
static bool
same_host(const struct model *model, uint32_t a, uint32_t b)
{
	const char *x = pool_get(&model->hops, model_hop(model, a)).ptr;
	const char *y = pool_get(&model->hops, model_hop(model, b)).ptr;

	return x[HOP_KIND] == y[HOP_KIND] &&
	    memcmp(x + HOP_STRINGS + STRING_HOST * 8, y + HOP_STRINGS + STRING_HOST * 8, 8) == 0;
}

/* Routes of one priority to different hosts, none of them with a weight: the later is told. */
static void
warn_unweighted(struct judging *judging, const uint32_t *routes, size_t count)
{
	struct check *check = judging->check;
	const struct model *model = check->model;
	uint32_t first = NO_MEMBER;
	struct diagnostic *d;

	for (size_t i = 0; i < count; i++)
		if (judging->weighed[routes[i]])
			return;
	for (size_t i = 0; i < count; i++)
		first = routes[i] < first ? routes[i] : first;
	for (size_t i = 0; i < count; i++) {
		if (judging->reported[routes[i]] || same_host(model, routes[i], first))
			continue;
		judging->reported[routes[i]] = true;
		d = diagnose(&check->conf->diagnostics,
		    action_span(check, model->routes[routes[i]].pos), SLUG_UNWEIGHTED,
		    "another route takes the same mail, with this priority and to another host");
		diagnostic_note(&check->conf->diagnostics, d,
		    action_span(check, model->routes[first].pos), "the other route is here");
		diagnostic_help(&check->conf->diagnostics, d,
		    "write 'priority' for one after the other, or 'weight' for shares");
	}
}

static void
judge_group(void *arg, uint32_t *routes, size_t count)
{
	struct judging *judging = arg;
	const struct model *model = judging->check->model;

	check_alone(judging, routes, count);
	/* Sorted by priority: a run of equal priority with two hops weighs. */
	for (size_t from = 0, to; from < count; from = to) {
		bool differ = false;

		for (to = from; to < count && model_priority(model, routes[to]) ==
			model_priority(model, routes[from]); to++)
			differ |= model_hop(model, routes[to]) != model_hop(model, routes[from]);
		for (size_t i = from; i < to && differ; i++)
			judging->weighs[routes[i]] = true;
		if (differ && judging->weighed != NULL)
			warn_unweighted(judging, routes + from, to - from);
	}
}

/* By route: whether a weight is written. */
static bool *
written_weights(const struct check *check)
{
	bool *weighed = mem_zero(check->model->route_count, sizeof(bool));

	for (size_t i = 0; i < check->weighed_count; i++)
		weighed[check->weighed[i].route] = true;
	return weighed;
}

void
check_groups(struct check *check)
{
	size_t n = check->model->route_count;
	struct judging judging = {.check = check, .weighs = mem_zero(n, sizeof(bool)),
	    .reported = mem_zero(n, sizeof(bool))};

	if (check->conf->strict)
		judging.weighed = written_weights(check);
	model_each_group(check->model, 2, judge_group, &judging);
	for (size_t i = 0; i < check->weighed_count; i++)
		if (check->conf->diagnostics.count[SEVERITY_ERROR] == 0 && !judging.weighs[check->weighed[i].route])
			diagnose(&check->conf->diagnostics, check->weighed[i].at, SLUG_IDLE_WEIGHT,
			    "the weight decides nothing: no other relay has this priority");
	free(judging.weighs);
	free(judging.reported);
	free(judging.weighed);
}
