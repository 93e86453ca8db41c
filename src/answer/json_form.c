/* json_form.c - answers for programs. */
#include "answer/answer.h"
#include "answer/json.h"
#include "answer/show.h"

/* The patterns of a match, or of a rung, whose object stays open. */
static void
open_patterns(struct text *text, const char *key, struct tmail_slice user,
    struct tmail_slice to, struct tmail_slice from)
{
	json_raw(text, key, "{");
	json_slice(text, "user", user);
	json_slice(text, "to", to);
	json_slice(text, "from", from);
}

static void
visit(void *arg, const struct tmail_rung *rung)
{
	open_patterns(arg, NULL, rung->user, rung->to, rung->from);
	json_raw(arg, "found", rung->found ? "true" : "false");
	text_str(arg, "}");
}

static enum tmail_status
add_route(struct answer *a, const struct tmail_match *match, uint32_t n)
{
	struct tmail_route route;
	enum tmail_status status = tmail_match_route(a->routes, match, n, &route);

	if (status != TMAIL_OK)
		return status;
	json_raw(&a->line, NULL, "{");
	json_number(&a->line, "id", route.id);
	if (match->action == TMAIL_RELAY)
		status = json_route(&a->line, a->routes, &route, a->secrets);
	text_str(&a->line, "}");
	return status;
}

enum tmail_status
answer_json_outcome(struct answer *a, const struct tmail_match *match)
{
	enum tmail_status status = TMAIL_OK;

	if (match->count == 0) {
		json_raw(&a->line, "match", "null");
		json_str(&a->line, "action", "mx");
		json_raw(&a->line, "routes", "[]");
		return TMAIL_OK;
	}
	open_patterns(&a->line, "match", match->user, match->to, match->from);
	text_str(&a->line, "}");
	json_str(&a->line, "action", show_action(match->action));
	if (match->action != TMAIL_RELAY)
		json_slice(&a->line, "text", match->text);
	json_raw(&a->line, "routes", "[");
	for (uint32_t n = 0; n < match->count && status == TMAIL_OK; n++)
		status = add_route(a, match, n);
	text_str(&a->line, "]");
	return status;
}

/* The IDs of the routes that one attempt stands for. */
static enum tmail_status
add_ids(struct answer *a, const struct tmail_match *match, uint32_t n)
{
	json_raw(&a->line, "routes", "[");
	do {
		struct tmail_route route;
		enum tmail_status status = tmail_match_route(a->routes, match, n, &route);

		if (status != TMAIL_OK)
			return status;
		json_number(&a->line, NULL, route.id);
	} while (attempts_next(&a->attempts, &n));
	text_str(&a->line, "]");
	return TMAIL_OK;
}

static enum tmail_status
add_attempt(struct answer *a, const struct tmail_match *match, size_t i)
{
	const struct tmail_candidate *candidate = &a->attempts.list[i];
	struct tmail_route route;
	enum tmail_status status = tmail_match_route(a->routes, match, candidate->route, &route);

	if (status != TMAIL_OK)
		return status;
	json_raw(&a->line, NULL, "{");
	json_hop(&a->line, &route);
	status = add_ids(a, match, candidate->route);
	json_number(&a->line, "priority", candidate->priority);
	json_number(&a->line, "weight", candidate->weight);
	if (status != TMAIL_OK ||
	    json_addresses(&a->line, "local", a->routes, &route, candidate) != TMAIL_OK)
		return TMAIL_E_DAMAGED;
	text_str(&a->line, "}");
	return TMAIL_OK;
}

static enum tmail_status
add_plan(struct answer *a, const struct tmail_match *match)
{
	enum tmail_status status = TMAIL_OK;

	json_raw(&a->line, "plan", "[");
	if (match != NULL && match->action == TMAIL_RELAY) {
		status = attempts_draw(&a->attempts, a->routes, match, &a->random);
		for (size_t i = 0; i < a->attempts.count && status == TMAIL_OK; i++)
			status = add_attempt(a, match, i);
	}
	text_str(&a->line, "]");
	return status;
}

/* All behind the echo of the query but the rungs; TMAIL_NO_ROUTE is an answer too. */
static enum tmail_status
add_answer(struct answer *a, const struct tmail_query *query)
{
	struct tmail_match match;
	enum tmail_status found = a->explain
	    ? tmail_routes_explain(a->routes, query, visit, &a->rungs, &match)
	    : tmail_routes_lookup(a->routes, query, &match);
	enum tmail_status status = TMAIL_OK;

	if (found != TMAIL_OK && found != TMAIL_NO_ROUTE)
		return found;
	status = answer_json_outcome(a, &match);
	if (status == TMAIL_OK && a->plan)
		status = add_plan(a, found == TMAIL_OK ? &match : NULL);
	return status == TMAIL_OK ? found : status;
}

static void
begin(struct answer *a, const struct question *question)
{
	a->line.len = a->rungs.len = 0;
	json_raw(&a->line, NULL, "{");
	json_slice(&a->line, "to", question->given.recipient);
	json_slice(&a->line, "user", question->given.login);
	json_slice(&a->line, "from", question->given.sender);
}

void
answer_json_error(struct answer *a, const struct question *question, const char *why)
{
	begin(a, question);
	json_str(&a->line, "error", why);
	text_str(&a->line, "}");
}

enum tmail_status
answer_json(struct answer *a, const struct question *question)
{
	enum tmail_status status;

	begin(a, question);
	status = add_answer(a, &question->query);
	if (status != TMAIL_OK && status != TMAIL_NO_ROUTE) {
		answer_json_error(a, question, tmail_status_text(status));
		return status;
	}
	if (a->explain) {
		json_raw(&a->line, "rungs", "[");
		text_add(&a->line, a->rungs.ptr, a->rungs.len);
		text_str(&a->line, "]");
	}
	text_str(&a->line, "}");
	return status;
}
