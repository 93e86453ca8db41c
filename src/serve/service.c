#include "serve/journal.h"
#include "serve/protocol.h"

const char *const kind_names[KIND_COUNT] = {
    [KIND_POLICY] = "policy",
    [KIND_SOCKETMAP] = "socketmap",
    [KIND_EXIM] = "exim",
};

enum result
result_of(enum as_outcome outcome)
{
	static const enum result results[] = {[AS_FAULT] = RESULT_FAULT, [AS_NONE] = RESULT_NONE,
	    [AS_RELAYS] = RESULT_FOUND, [AS_REJECT] = RESULT_REJECT, [AS_DEFER] = RESULT_DEFER,
	    [AS_DISCARD] = RESULT_DISCARD};

	return results[outcome];
}

/* The IDs of the routes of the plan, in its order; "-": there are none. */
static void
list_routes(const struct as_plan *plan, struct as_text *ids)
{
	struct tmail_route route;
	size_t count = plan->outcome == AS_RELAYS ? plan->count : 0;

	for (size_t n = 0; n < count && as_plan_route(plan, n, &route); n++) {
		as_text_str(ids, n == 0 ? "" : ",");
		as_text_number(ids, route.id);
	}
	if (plan->outcome >= AS_REJECT &&
	    tmail_match_route(plan->routes, &plan->match, 0, &route) == TMAIL_OK)
		as_text_number(ids, route.id);
	if (ids->len == 0)
		as_text_str(ids, "-");
}

static struct journal_value
shown(struct tmail_slice s)
{
	return journal_slice(slice(s.ptr, s.len));
}

void
service_log(const struct service *service, const char *protocol,
    const struct tmail_query *query, struct slice answer)
{
	char buf[512];
	struct as_text ids = {buf, 0, sizeof(buf), false};

	if (!service->log_queries)
		return;
	list_routes(&service->plan, &ids);
	journal_say("event=query protocol=%s to=%s login=%s from=%s routes=%.*s answer=%s", protocol,
	    shown(query->recipient).text, shown(query->login).text,
	    query->sender.ptr != NULL && query->sender.len == 0 ? "<>" : shown(query->sender).text,
	    (int)ids.len, ids.ptr, journal_slice(answer).text);
}
