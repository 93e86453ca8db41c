/*
 * policy.c - Postfix's SMTPD access policy delegation: lines of name=value and an
 * empty one, answered by an action (SMTPD_POLICY_README).
 */
#include "answer/as_postfix.h"
#include "base/hash.h"
#include "serve/journal.h"
#include "serve/local_part.h"
#include "serve/protocol.h"

#define CONFLICT_TEXT "452 4.5.3 recipients need different routes"
/* What would drop the mail of the others, too. */
#define DISCARD_TEXT "FILTER discard:"

struct request {
	struct slice request, state, login, sender, recipient, instance;
};

/* By the lengths of their names, of which no two are one. */
#define ATTRIBUTE(name, member) [sizeof(name) - 1] = {name, offsetof(struct request, member)}

static const struct {
	const char *name;
	size_t at;
} attributes[] = {
    ATTRIBUTE("request", request),
    ATTRIBUTE("protocol_state", state),
    ATTRIBUTE("sasl_username", login),
    ATTRIBUTE("sender", sender),
    ATTRIBUTE("recipient", recipient),
    ATTRIBUTE("instance", instance),
};

/* Reads one line; false: it is none of the protocol. */
static bool
read_attribute(struct request *request, struct slice line)
{
	const char *equals = memchr(line.ptr, '=', line.len);
	size_t len = equals == NULL ? 0 : (size_t)(equals - line.ptr);

	if (len < sizeof(attributes) / sizeof(*attributes) && attributes[len].name != NULL &&
	    memcmp(line.ptr, attributes[len].name, len) == 0)
		*(struct slice *)(void *)((char *)request + attributes[len].at) =
		    slice(equals + 1, line.len - len - 1);
	return equals != NULL;
}

static enum step
read_request(struct request *request, struct slice in, size_t *used)
{
	size_t at = 0;

	for (;;) {
		const char *line = in.ptr + at;
		const char *end = memchr(line, '\n', in.len - at);

		if (end == NULL)
			return in.len > REQUEST_MAX ? STEP_BROKEN : STEP_MORE;
		at = (size_t)(end + 1 - in.ptr);
		if (at > REQUEST_MAX)
			return STEP_BROKEN;
		if (end == line)
			break;
		if (!read_attribute(request, slice(line, (size_t)(end - line))))
			return STEP_BROKEN;
	}
	*used = at;
	return memchr(in.ptr, '\0', at) == NULL ? STEP_ANSWERED : STEP_BROKEN;
}

/* The same message has the same order of relays, whenever it is asked for. */
static struct tmail_random *
random_of(struct service *service, struct slice instance, struct tmail_random *random)
{
	if (instance.len == 0)
		return &service->random;
	tmail_random_init(random, hash64(instance.ptr, instance.len, 0));
	return random;
}

static bool
is_text(struct slice action, const char *text)
{
	return slice_is(action, text);
}

/* What to say of a recipient whose action is not that of the first one. */
static struct slice
settle(const struct service *service, const struct remembered *first, struct slice action)
{
	struct slice text;

	if (is_text(action, DISCARD_TEXT) || conflicts_same(first, slice_str(DISCARD_TEXT)))
		return slice_str(CONFLICT_TEXT);
	if (service->on_conflict == CONFLICT_LAST)
		return action;
	if (service->on_conflict == CONFLICT_FIRST &&
	    conflicts_text(&service->conflicts, first, &text))
		return text;
	return slice_str(CONFLICT_TEXT);
}

/* The action for this recipient, beside those of the same message before it. */
static struct slice
agree(struct service *service, const struct request *request, struct slice action,
    enum result *result)
{
	const struct remembered *first;
	struct slice settled;

	if (request->instance.len == 0 || *result == RESULT_REJECT || *result == RESULT_DEFER ||
	    *result == RESULT_FAULT || slice_is(request->state, "VRFY") ||
	    slice_is(request->state, "ETRN"))
		return action;
	first = conflicts_find(&service->conflicts, request->instance);
	if (first == NULL)
		conflicts_add(&service->conflicts, request->instance, action);
	if (first == NULL || conflicts_same(first, action))
		return action;
	settled = settle(service, first, action);
	if (is_text(settled, CONFLICT_TEXT))
		*result = RESULT_CONFLICT;
	return settled;
}

static bool
is_for_us(const struct request *request)
{
	return slice_is(request->request, "smtpd_access_policy") && request->recipient.len > 0;
}

static void
decide(struct service *service, const struct request *request, struct as_text *out)
{
	char buf[AS_ACTION_MAX];
	struct as_text action = {buf, 0, sizeof(buf), false};
	struct local_part to, from;
	struct tmail_random random;
	struct tmail_query query = {
	    .recipient = local_part_quote(&to, request->recipient),
	    .login = tmail_slice_of(request->login),
	    .sender = local_part_quote(&from, request->sender)};
	enum result result;
	struct slice settled;

	as_plan_draw(&service->plan, service->handle.routes, &query,
	    random_of(service, request->instance, &random));
	as_postfix_action(&service->plan, &query, &action);
	result = result_of(service->plan.outcome);
	if (is_text(slice(action.ptr, action.len), "DEFER_IF_PERMIT " AS_FAULT_TEXT))
		result = RESULT_FAULT;
	settled = agree(service, request, slice(action.ptr, action.len), &result);
	as_text_add(out, settled.ptr, settled.len);
	service->queries[KIND_POLICY][result]++;
	service_log(service, "policy", &query, settled);
}

enum step
policy_take(struct service *service, bool local, struct slice in, size_t *used,
    struct as_text *out)
{
	struct request request = {0};
	enum step step = read_request(&request, in, used);

	(void)local;
	if (step != STEP_ANSWERED)
		return step;
	as_text_str(out, "action=");
	if (is_for_us(&request)) {
		decide(service, &request, out);
	} else {
		as_text_str(out, "DUNNO");
		service->queries[KIND_POLICY][RESULT_NONE]++;
	}
	as_text_str(out, "\n\n");
	return STEP_ANSWERED;
}
