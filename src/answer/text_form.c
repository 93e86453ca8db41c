/* text_form.c - answers for people. */
#include <limits.h>

#include "base/fold.h"
#include "answer/answer.h"
#include "answer/ladder_form.h"
#include "answer/show.h"
#include "text/words.h"

/* Each further item gets its own line, or in a batch a ';' before it. */
static void
begin_item(struct answer *a, bool indent)
{
	if (a->line.len > 0)
		text_str(&a->line, a->batch ? "; " : "\n");
	a->begun = a->line.len;
	if (indent && !a->batch)
		text_str(&a->line, "  ");
}

/* Cuts an item that is too long before what stands from `kept` on, and then that. */
static void
end_item(struct answer *a, size_t kept)
{
	if (a->columns == 0)
		return;
	text_fit(&a->line, a->begun, kept, a->columns);
	text_fit(&a->line, a->begun, a->line.len, a->columns);
}

static void
add_selector(struct answer *a, const char *word, struct tmail_slice pattern)
{
	if (pattern.ptr == NULL)
		return;
	text_str(&a->line, word);
	show_slice(&a->line, pattern);
}

static void
add_rung(struct answer *a, const char *word, struct tmail_slice user, struct tmail_slice from,
    struct tmail_slice to)
{
	begin_item(a, false);
	text_str(&a->line, word);
	text_str(&a->line, " ");
	show_rung(&a->line, a->routes, user, from, to);
	end_item(a, a->line.len);
}

/* A rung that was tried: it is named, or but counted for the table. */
static void
visit(void *arg, const struct tmail_rung *rung)
{
	struct answer *a = arg;

	a->tried++;
	if (!rung->found && !ladder_fits(a))
		add_rung(a, "tried", rung->user, rung->from, rung->to);
}

/* "MX of DOMAIN", by the recipient's domain; of no mail "MX". */
static void
add_mx(struct answer *a, const struct tmail_query *query)
{
	struct slice domain;
	struct folded folded;
	size_t at;

	if (query == NULL) {
		text_str(&a->line, "MX");
		return;
	}
	domain = slice(query->recipient.ptr, query->recipient.len);
	at = fold_at(domain);
	if (at < domain.len)
		domain = slice(domain.ptr + at + 1, domain.len - at - 1);
	if (mem_folded(fold_domain(domain, &folded)) == FOLD_OK)
		domain = folded.full;
	text_str(&a->line, "MX of ");
	if (domain.len == 0)
		domain = slice_str("(no domain)");
	text_safe(&a->line, domain.ptr, domain.len);
}

static void
add_number(struct answer *a, const char *word, uint64_t n)
{
	text_str(&a->line, word);
	text_number(&a->line, n);
}

/* From HOST:PORT to TLS; in a window, without what is so for want of an option. */
static enum tmail_status
add_relay(struct answer *a, const struct tmail_query *query, const struct tmail_route *route,
    const struct tmail_candidate *candidate)
{
	uint64_t weight = candidate == NULL ? route->weight : candidate->weight;
	enum tmail_status status = TMAIL_OK;
	bool all = a->columns == 0;

	if (route->hop == TMAIL_HOP_MX) {
		add_mx(a, query);
		show_port(&a->line, route);
	} else {
		show_hop(&a->line, route);
	}
	add_number(a, " priority ", route->priority);
	if (all || weight != 1)
		add_number(a, ", weight ", weight);
	if (all || route->local_count != 0) {
		text_str(&a->line, ", local ");
		status = show_local(&a->line, a->routes, route, candidate);
	}
	if (route->login.ptr != NULL) {
		text_str(&a->line, ", login ");
		show_credentials(&a->line, route, a->secrets);
	} else if (all) {
		text_str(&a->line, ", no login");
	}
	text_str(&a->line, ", tls ");
	text_str(&a->line, tls_words[route->tls]);
	show_given(&a->line, route);
	if (query == NULL && status == TMAIL_OK)
		status = show_rest(&a->line, a->routes, route);
	text_str(&a->line, ", ");
	return status;
}

/* The routes of a group, as they stand in the configuration. */
static enum tmail_status
add_candidates(struct answer *a, const struct tmail_query *query,
    const struct tmail_match *match)
{
	enum tmail_status status = TMAIL_OK;

	for (uint32_t i = 0; i < match->count && status == TMAIL_OK; i++) {
		struct tmail_route route;
		size_t kept;

		status = tmail_match_route(a->routes, match, i, &route);
		if (status != TMAIL_OK)
			break;
		begin_item(a, true);
		if (match->action != TMAIL_RELAY) {
			text_str(&a->line, show_action(match->action));
			add_selector(a, ": ", match->text);
			text_str(&a->line, ", ");
		} else {
			text_number(&a->line, i + 1);
			text_str(&a->line, ". ");
			status = add_relay(a, query, &route, NULL);
		}
		kept = a->line.len - strlen(", ");
		show_place(&a->line, &route);
		end_item(a, kept);
	}
	return status;
}

static enum tmail_status
add_attempt(struct answer *a, const struct tmail_query *query, const struct tmail_match *match,
    size_t i)
{
	const struct tmail_candidate *candidate = &a->attempts.list[i];
	struct tmail_route route;
	uint32_t n = candidate->route;
	size_t kept;
	enum tmail_status status = tmail_match_route(a->routes, match, n, &route);

	if (status != TMAIL_OK)
		return status;
	begin_item(a, false);
	status = add_relay(a, query, &route, candidate);
	kept = a->line.len - strlen(", ");
	show_place(&a->line, &route);
	while (status == TMAIL_OK && attempts_next(&a->attempts, &n)) {
		status = tmail_match_route(a->routes, match, n, &route);
		text_str(&a->line, ", ");
		show_place(&a->line, &route);
	}
	end_item(a, kept);
	return status;
}

static enum tmail_status
add_plan(struct answer *a, const struct tmail_query *query, const struct tmail_match *match)
{
	enum tmail_status status = attempts_draw(&a->attempts, a->routes, match, &a->random);

	for (size_t i = 0; i < a->attempts.count && status == TMAIL_OK; i++)
		status = add_attempt(a, query, match, i);
	return status;
}

static enum tmail_status
add_match(struct answer *a, const struct tmail_query *query, const struct tmail_match *match)
{
	bool plan = a->plan && match->action == TMAIL_RELAY;

	if (!plan || a->explain)
		add_rung(a, "matched", match->user, match->from, match->to);
	return plan ? add_plan(a, query, match) : add_candidates(a, query, match);
}

enum tmail_status
answer_text_outcome(struct answer *a, const struct tmail_match *match)
{
	/* A window no line is cut for: what is so for want of an option is left out. */
	struct answer apart = {.routes = a->routes, .secrets = a->secrets, .columns = UINT_MAX,
	    .batch = a->batch, .line = a->line};
	enum tmail_status status = TMAIL_OK;

	if (match->count == 0)
		text_str(&apart.line, "no route: MX");
	else
		status = add_candidates(&apart, NULL, match);
	a->line = apart.line;
	return status;
}

void
answer_text_error(struct answer *a, const char *why)
{
	a->line.len = 0;
	text_str(&a->line, "error: ");
	text_str(&a->line, why);
}

/* The lookup, with what is to be explained of it. */
static enum tmail_status
look_up(struct answer *a, const struct tmail_query *query, struct tmail_match *match)
{
	enum tmail_status status, drawn = TMAIL_OK;

	if (!a->explain)
		return tmail_routes_lookup(a->routes, query, match);
	a->tried = 0;
	status = tmail_routes_explain(a->routes, query, visit, a, match);
	if (ladder_fits(a) && (status == TMAIL_OK || status == TMAIL_NO_ROUTE))
		drawn = ladder_draw(a, query, status == TMAIL_OK ? a->tried : 0);
	return drawn == TMAIL_OK ? status : drawn;
}

enum tmail_status
answer_text(struct answer *a, const struct question *question)
{
	const struct tmail_query *query = &question->query;
	struct tmail_match match;
	enum tmail_status status;

	a->line.len = 0;
	status = look_up(a, query, &match);
	if (status == TMAIL_OK) {
		status = add_match(a, query, &match);
	} else if (status == TMAIL_NO_ROUTE) {
		begin_item(a, false);
		text_str(&a->line, "no route: ");
		add_mx(a, query);
		end_item(a, a->line.len);
	}
	if (status != TMAIL_OK && status != TMAIL_NO_ROUTE)
		answer_text_error(a, tmail_status_text(status));
	return status;
}

void
answer_release(struct answer *a)
{
	text_release(&a->line);
	text_release(&a->rungs);
	attempts_release(&a->attempts);
}
