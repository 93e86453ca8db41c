/* answer_json.c - answers for programs. */
#include "answer/answer.h"
#include "answer/json.h"
#include "answer/show.h"

static void
set(json_t *object, const char *key, json_t *value)
{
	json_object_set_new_nocheck(object, key, value);
}

static void
visit(void *arg, const struct tmail_rung *rung)
{
	json_t *object = json_object();

	set(object, "user", json_of_slice(rung->user));
	set(object, "to", json_of_slice(rung->to));
	set(object, "from", json_of_slice(rung->from));
	set(object, "found", json_boolean(rung->found));
	json_array_append_new(arg, object);
}

static json_t *
match_json(const struct tmail_match *match)
{
	json_t *object = json_object();

	set(object, "user", json_of_slice(match->user));
	set(object, "to", json_of_slice(match->to));
	set(object, "from", json_of_slice(match->from));
	return object;
}

static enum tmail_status
append_route(struct answer *a, json_t *array, const struct tmail_match *match, uint32_t n)
{
	struct tmail_route route;
	enum tmail_status status = tmail_match_route(a->routes, match, n, &route);
	json_t *object;

	if (status != TMAIL_OK)
		return status;
	object = json_object();
	json_array_append_new(array, object);
	set(object, "id", json_integer(route.id));
	if (match->action == TMAIL_RELAY)
		status = json_add_route(object, a->routes, &route, a->secrets);
	return status;
}

static enum tmail_status
set_match(struct answer *a, json_t *object, const struct tmail_match *match)
{
	json_t *array = json_array();
	enum tmail_status status = TMAIL_OK;

	set(object, "match", match_json(match));
	set(object, "action", json_string_nocheck(show_action(match->action)));
	if (match->action != TMAIL_RELAY)
		set(object, "text", json_of_slice(match->text));
	set(object, "routes", array);
	for (uint32_t n = 0; n < match->count && status == TMAIL_OK; n++)
		status = append_route(a, array, match, n);
	return status;
}

/* The IDs of the routes that one attempt stands for. */
static enum tmail_status
set_ids(struct answer *a, json_t *object, const struct tmail_match *match, uint32_t n)
{
	json_t *ids = json_array();

	set(object, "routes", ids);
	do {
		struct tmail_route route;
		enum tmail_status status = tmail_match_route(a->routes, match, n, &route);

		if (status != TMAIL_OK)
			return status;
		json_array_append_new(ids, json_integer(route.id));
	} while (attempts_next(&a->attempts, &n));
	return TMAIL_OK;
}

static enum tmail_status
append_attempt(struct answer *a, json_t *plan, const struct tmail_match *match, size_t i)
{
	const struct tmail_candidate *candidate = &a->attempts.list[i];
	struct tmail_route route;
	enum tmail_status status = tmail_match_route(a->routes, match, candidate->route, &route);
	json_t *object, *addresses;

	if (status != TMAIL_OK)
		return status;
	object = json_object();
	json_array_append_new(plan, object);
	json_add_hop(object, &route);
	status = set_ids(a, object, match, candidate->route);
	addresses = json_of_addresses(a->routes, &route, candidate);
	if (status != TMAIL_OK || addresses == NULL) {
		json_decref(addresses);
		return TMAIL_E_DAMAGED;
	}
	set(object, "priority", json_integer(candidate->priority));
	set(object, "weight", json_integer((json_int_t)candidate->weight));
	set(object, "local", addresses);
	return TMAIL_OK;
}

static enum tmail_status
set_plan(struct answer *a, json_t *object, const struct tmail_match *match)
{
	json_t *plan = json_array();
	enum tmail_status status;

	set(object, "plan", plan);
	if (match == NULL || match->action != TMAIL_RELAY)
		return TMAIL_OK;
	status = attempts_draw(&a->attempts, a->routes, match, &a->random);
	for (size_t i = 0; i < a->attempts.count && status == TMAIL_OK; i++)
		status = append_attempt(a, plan, match, i);
	return status;
}

/* All behind the echo of the query; TMAIL_NO_ROUTE is an answer too. */
static enum tmail_status
set_answer(struct answer *a, json_t *object, const struct tmail_query *query, json_t *rungs)
{
	struct tmail_match match;
	enum tmail_status found = rungs != NULL
	    ? tmail_routes_explain(a->routes, query, visit, rungs, &match)
	    : tmail_routes_lookup(a->routes, query, &match);
	enum tmail_status status = TMAIL_OK;

	if (found == TMAIL_OK) {
		status = set_match(a, object, &match);
	} else if (found == TMAIL_NO_ROUTE) {
		set(object, "match", json_null());
		set(object, "action", json_string_nocheck("mx"));
		set(object, "routes", json_array());
	} else {
		return found;
	}
	if (status == TMAIL_OK && a->plan)
		status = set_plan(a, object, found == TMAIL_OK ? &match : NULL);
	return status == TMAIL_OK ? found : status;
}

static json_t *
echo(const struct tmail_query *query)
{
	json_t *object = json_object();

	set(object, "to", json_of_slice(query->recipient));
	set(object, "user", json_of_slice(query->login));
	set(object, "from", json_of_slice(query->sender));
	return object;
}

enum tmail_status
answer_json(struct answer *a, const struct tmail_query *query)
{
	json_t *object = echo(query), *rungs = a->explain ? json_array() : NULL;
	enum tmail_status status = set_answer(a, object, query, rungs);

	if (status != TMAIL_OK && status != TMAIL_NO_ROUTE) {
		json_decref(object);
		object = echo(query);
		set(object, "error", json_string_nocheck(tmail_status_text(status)));
	} else if (rungs != NULL) {
		set(object, "rungs", json_incref(rungs));
	}
	json_decref(rungs);
	a->line.len = 0;
	json_finish(object, &a->line);
	return status;
}
