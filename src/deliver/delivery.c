#include "deliver/delivery.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "deliver/attempt.h"
#include "program/clock.h"

void
verdict_set(struct verdict *verdict, int code, const char *format, ...)
{
	va_list args;

	verdict->code = code;
	va_start(args, format);
	vsnprintf(verdict->text, sizeof(verdict->text), format, args);
	va_end(args);
	for (char *p = verdict->text; *p != '\0'; p++)
		if (*p < ' ' || *p > '~')
			*p = '?';
}

/* A fault of ours or of the configuration: never a reason to bounce. */
static bool
fault(struct verdict *verdict, const char *status, const char *what, const char *why)
{
	verdict_set(verdict, DELIVER_LATER, "%s %s: %s", status, what, why);
	return false;
}

/* "<>" is how people write the null sender. */
static bool
read_envelope(struct delivery *delivery, struct verdict *verdict)
{
	const struct arguments *options = delivery->options;
	const char *sender = strcmp(options->sender, "<>") == 0 ? "" : options->sender;
	const char *why = address_parse(&delivery->envelope.sender, sender);

	if (why != NULL)
		return fault(verdict, "4.1.7", "the sender is refused", why);
	why = address_parse(&delivery->envelope.recipient, options->recipient);
	if (why == NULL && delivery->envelope.recipient.domain[0] == '\0')
		why = "it has no domain";
	if (why != NULL)
		return fault(verdict, "4.1.3", "the recipient is refused", why);
	if (options->user != NULL && !login_ok(options->user))
		return fault(verdict, "4.3.5", "the login is refused", "it holds a control byte");
	if (options->helo != NULL && !name_ok(options->helo))
		return fault(verdict, "4.3.5", "the name to greet with is refused",
		    "it is no name");
	return true;
}

/* The place of the route that answers, for the log. */
static void
log_answer(struct delivery *delivery, const struct tmail_routes *routes,
    const struct tmail_match *match)
{
	struct tmail_route route = {0};
	char file[256] = "";

	if (tmail_match_route(routes, match, 0, &route) == TMAIL_OK)
		snprintf(file, sizeof(file), "%.*s", (int)route.file.len, route.file.ptr);
	attempt_none(delivery, route.id, file, route.line);
}

/* The verdict of a route that takes no mail.  A damaged index could hold any text. */
static void
refuse(struct delivery *delivery, const struct tmail_match *match, struct verdict *verdict)
{
	bool reject = match->action == TMAIL_REJECT;
	char text[OUTCOME_TEXT_MAX], status[16];
	size_t n;

	snprintf(text, sizeof(text), "%.*s", (int)match->text.len,
	    match->text.ptr == NULL ? "" : match->text.ptr);
	outcome_status(reject ? '5' : '4', text, status);
	n = strlen(status);
	verdict_set(verdict, reject ? DELIVER_REFUSED : DELIVER_LATER, "%s%s%s", status,
	    text[0] == '\0' ? "" : " ", strncmp(text, status, n) == 0 ? text + n + 1 : text);
	outcome_fail(&delivery->outcome, reject ? RESULT_FINAL : RESULT_DEFER, STAGE_ROUTE, status,
	    "%s", verdict->text);
}

/* Takes the mail to its end, as mail servers like a pipe to do, and drops it. */
static void
discard(struct delivery *delivery, int fd, struct verdict *verdict)
{
	int64_t deadline = clock_now() + delivery->options->timeout_ms;
	char text[4096];
	ssize_t n;

	do
		n = message_read_some(fd, text, sizeof(text), deadline);
	while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0 && errno == ETIMEDOUT) {
		fault(verdict, "4.3.0", "cannot read the message", strerror(errno));
		outcome_fail(&delivery->outcome, RESULT_DEFER, STAGE_ROUTE, "4.3.0", "%s",
		    verdict->text);
		return;
	}
	verdict_set(verdict, DELIVER_DONE, "2.0.0 discarded");
	outcome_fail(&delivery->outcome, RESULT_DISCARDED, STAGE_ROUTE, "2.0.0", "discarded");
}

static void
answer(struct delivery *delivery, const struct tmail_routes *routes,
    const struct tmail_match *match, int fd, struct verdict *verdict)
{
	if (match->action == TMAIL_DISCARD)
		discard(delivery, fd, verdict);
	else
		refuse(delivery, match, verdict);
	log_answer(delivery, routes, match);
}

/* An index that gives no answer, whatever it is asked. */
static void
unusable(struct delivery *delivery, enum tmail_status status, struct verdict *verdict)
{
	fault(verdict, "4.3.5", delivery->options->index, tmail_status_text(status));
	outcome_fail(&delivery->outcome, RESULT_DEFER, STAGE_INDEX, "4.3.5", "%s", verdict->text);
	attempt_none(delivery, 0, NULL, 0);
}

static bool
start(struct delivery *delivery, int fd, struct verdict *verdict)
{
	const struct arguments *options = delivery->options;
	uint64_t seed = options->seed;
	const char *why;
	int error;

	delivery->limit = clock_now() + options->timeout_ms;
	error = message_read(&delivery->message, fd, delivery->limit);
	if (error != 0)
		return fault(verdict, "4.3.0", "cannot read the message", strerror(error));
	if (!options->seeded && getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		return fault(verdict, "4.3.0", "no random number", strerror(errno));
	tmail_random_init(&delivery->random, seed);
	delivery->dns = dns_open(options->dns_server, &why);
	if (delivery->dns == NULL)
		return fault(verdict, "4.3.5", "cannot ask the DNS", why);
	if (delivery->self.helo == NULL) {
		attempt_name_self(delivery);
		delivery->self.helo = delivery->self.full;
	}
	state_open(&delivery->state, options->state, options->penalty_ms);
	return true;
}

/* Tries one candidate; true when the delivery is over. */
static bool
try_candidate(struct delivery *delivery, const struct tmail_routes *routes,
    const struct tmail_match *match, const struct tmail_candidate *candidate, bool last,
    bool *put_off)
{
	int64_t since = clock_now();
	struct tmail_route route;
	struct next_hop relay;
	bool over = false;

	*put_off = false;
	if (tmail_match_route(routes, match, candidate->route, &route) != TMAIL_OK) {
		outcome_fail(&delivery->outcome, RESULT_STOP, STAGE_PREPARE, "4.3.5",
		    "the index is damaged");
		return true;
	}
	if (next_hop_open(&relay, routes, candidate, &route, delivery->self.helo,
		&delivery->outcome))
		over = attempt_relay(delivery, &relay, last, put_off);
	else
		attempt_failed(delivery, &relay, since);
	next_hop_release(&relay);
	return over;
}

static bool
try_mx(struct delivery *delivery)
{
	struct next_hop relay;
	bool over = true, put_off;

	if (next_hop_mx(&relay, delivery->self.helo, &delivery->outcome)) {
		over = attempt_relay(delivery, &relay, true, &put_off);
		delivery->again = true;
		if (!over && put_off)
			over = attempt_relay(delivery, &relay, true, &put_off);
	}
	next_hop_release(&relay);
	return over;
}

/* All candidates, and then those again that have addresses which were put off. */
static bool
walk_plan(struct delivery *delivery, const struct tmail_routes *routes,
    const struct tmail_match *match, struct tmail_candidate *plan, size_t count)
{
	size_t left = 0, i;
	bool over = false, put_off;

	for (i = 0; i < count && !over; i++) {
		over = try_candidate(delivery, routes, match, &plan[i], i + 1 == count && left == 0,
		    &put_off);
		if (put_off)
			plan[left++] = plan[i];
	}
	delivery->again = true;
	for (i = 0; i < left && !over; i++)
		over = try_candidate(delivery, routes, match, &plan[i], i + 1 == left, &put_off);
	return over;
}

/* Walks the plan; false if there is none, with the verdict set. */
static bool
try_plan(struct delivery *delivery, const struct tmail_routes *routes,
    const struct tmail_match *match, bool *over, struct verdict *verdict)
{
	struct tmail_candidate *plan = calloc(match->count, sizeof(*plan));
	enum tmail_status status = TMAIL_E_MEMORY;
	size_t count = 0;

	if (plan != NULL)
		status = tmail_match_plan(routes, match, &delivery->random, plan, match->count,
		    &count);
	*over = walk_plan(delivery, routes, match, plan, count);
	free(plan);
	if (count > 0)
		return true;
	return fault(verdict, "4.3.5", "no plan", tmail_status_text(status));
}

static int
code_of(const struct delivery *delivery, bool over)
{
	if (over && delivery->outcome.result == RESULT_DELIVERED)
		return DELIVER_DONE;
	if (over ? delivery->outcome.result == RESULT_FINAL : !delivery->passing)
		return DELIVER_REFUSED;
	return DELIVER_LATER;
}

/* Of several failures the one that got furthest says most. */
static void
conclude(const struct delivery *delivery, bool over, struct verdict *verdict)
{
	bool failed = !over || (delivery->late && delivery->failed > 0);
	const struct outcome *outcome = failed ? &delivery->furthest : &delivery->outcome;
	const char *where = failed ? delivery->furthest_where : delivery->where;
	int code = code_of(delivery, over);
	char status[16], reply[16] = "", attempts[48] = "";

	snprintf(status, sizeof(status), "%s", outcome->status);
	status[0] = code == DELIVER_DONE ? '2' : code == DELIVER_REFUSED ? '5' : '4';
	if (outcome->code != 0)
		snprintf(reply, sizeof(reply), "%d ", outcome->code);
	if (failed && delivery->failed > 1)
		snprintf(attempts, sizeof(attempts), " (the furthest of %u attempts)",
		    delivery->failed);
	/* "4.2.2 relay[addr]: RCPT: 452 4.2.2 mailbox full" */
	if (where[0] == '\0')
		verdict_set(verdict, code, "%s %s%s", status, outcome->text, attempts);
	else
		verdict_set(verdict, code, "%s %s: %s: %s%s%s", status, where,
		    stage_name(outcome->stage), reply, outcome->text, attempts);
}

static void
run_routes(struct delivery *delivery, const struct tmail_routes *routes, int fd,
    struct verdict *verdict)
{
	const struct arguments *options = delivery->options;
	struct tmail_query query = {
	    .recipient = {options->recipient, strlen(options->recipient)},
	    .login = {options->user, options->user == NULL ? 0 : strlen(options->user)},
	    .sender = {options->sender, strlen(options->sender)},
	};
	struct tmail_info info;
	struct tmail_match match;
	enum tmail_status status = tmail_routes_lookup(routes, &query, &match);
	bool over = false;

	tmail_routes_info(routes, &info);
	snprintf(delivery->digest, sizeof(delivery->digest), "%02x%02x%02x%02x", info.source[0],
	    info.source[1], info.source[2], info.source[3]);
	if (status != TMAIL_OK && status != TMAIL_NO_ROUTE) {
		unusable(delivery, status, verdict);
		return;
	}
	if (status == TMAIL_OK && match.action != TMAIL_RELAY) {
		answer(delivery, routes, &match, fd, verdict);
		return;
	}
	if (!start(delivery, fd, verdict))
		return;
	if (status == TMAIL_NO_ROUTE)
		over = try_mx(delivery);
	else if (!try_plan(delivery, routes, &match, &over, verdict))
		return;
	conclude(delivery, over, verdict);
}

void
deliver_run(const struct arguments *options, int fd, const struct receipt *receipt,
    struct verdict *verdict)
{
	struct delivery delivery = {.options = options, .receipt = receipt, .message = {.fd = -1},
	    .state = {.dir = -1}};
	struct tmail_routes *routes = NULL;
	enum tmail_status status;
	char hostname[256] = "";

	if (gethostname(hostname, sizeof(hostname) - 1) != 0 || !name_ok(hostname))
		strcpy(hostname, "localhost");
	delivery.self = (struct self){.helo = options->helo, .hostname = hostname, .full = hostname};
	if (!read_envelope(&delivery, verdict))
		return;
	status = tmail_routes_open(options->index, 0, &routes);
	if (status == TMAIL_OK)
		run_routes(&delivery, routes, fd, verdict);
	else
		unusable(&delivery, status, verdict);
	dns_close(delivery.dns);
	state_close(&delivery.state);
	free(delivery.later);
	message_release(&delivery.message);
	tmail_routes_close(routes);
}
