/*
 * exim.c - lines of words in base64, as ${readsocket asks.  An empty answer never leaves
 * here: it is what Exim sees of a daemon that has died.
 */
#include "answer/as_exim.h"
#include "base/number.h"
#include "serve/word.h"
#include "serve/local_part.h"
#include "serve/protocol.h"

#define WORDS_MAX 5
#define SMTP_PORT 25

struct words {
	struct slice command;
	struct slice list[WORDS_MAX];	/* decoded */
	size_t count;
	char buf[REQUEST_MAX];
};

/* Blanks separate words: two in a row have an empty one between them. */
static bool
split(struct slice line, struct words *words)
{
	const char *blank = line.len == 0 ? NULL : memchr(line.ptr, ' ', line.len);
	size_t used = 0;

	words->count = 0;
	words->command = blank == NULL ? line : slice(line.ptr, (size_t)(blank - line.ptr));
	while (blank != NULL) {
		const char *begin = blank + 1;
		size_t left = line.len - (size_t)(begin - line.ptr), len;

		blank = left == 0 ? NULL : memchr(begin, ' ', left);
		len = blank == NULL ? left : (size_t)(blank - begin);
		if (words->count == WORDS_MAX ||
		    !word_decode(slice(begin, len), words->buf + used, &words->list[words->count]))
			return false;
		used += words->list[words->count++].len;
	}
	return true;
}

static void
plan_words(struct service *service, const struct words *words, struct as_text *out, bool route)
{
	struct local_part to, from;
	struct tmail_query query = {.login = tmail_slice_of(words->list[0]),
	    .sender = local_part_quote(&from, words->list[1]),
	    .recipient = local_part_quote(&to, words->list[2])};
	size_t begun = out->len;

	as_plan_draw(&service->plan, service->handle.routes, &query, &service->random);
	if (route)
		as_exim_route(&service->plan, query.recipient, out);
	else
		as_exim_refuse(&service->plan, out);
	service_log(service, route ? "exim-route" : "exim-refuse", &query,
	    slice(out->ptr + begun, out->len - begun));
}

static enum result
defer(struct as_text *out, size_t begun, const char *why)
{
	out->len = begun;
	as_text_str(out, "DEFER ");
	as_text_str(out, why);
	return RESULT_FAULT;
}

static enum result
none(struct as_text *out)
{
	as_text_str(out, AS_EXIM_NONE);
	return RESULT_NONE;
}

/* The name without the brackets that an address may have. */
static struct slice
bare(struct slice host)
{
	if (host.len > 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']')
		return slice(host.ptr + 1, host.len - 2);
	return host;
}

/* Of the routes of a mail those to one port: what Exim connects to is one of them. */
struct relays {
	const struct as_hop *named;	/* has the very name that is asked for */
	struct tmail_route first;
	size_t count;
	bool differ;			/* in their logins */
};

static void
find_relays(struct service *service, const struct as_hops *hops, const struct words *words,
    uint32_t port, struct relays *relays)
{
	const struct as_hop *asked = as_hops_find(hops, bare(words->list[0]), (uint16_t)port,
	    slice(NULL, 0));
	struct local_part to, from;
	const struct tmail_query query = {.login = tmail_slice_of(words->list[2]),
	    .sender = local_part_quote(&from, words->list[3]),
	    .recipient = local_part_quote(&to, words->list[4])};
	struct tmail_route route;

	*relays = (struct relays){.count = 0};
	as_plan_draw(&service->plan, service->handle.routes, &query, &service->random);
	for (size_t n = 0; n < service->plan.count && as_plan_route(&service->plan, n, &route); n++) {
		if ((route.port == 0 ? SMTP_PORT : route.port) != port)
			continue;
		if (asked != NULL && route.hop == TMAIL_HOP_HOST &&
		    slice_eq(asked->host, slice(route.host.ptr, route.host.len)))
			relays->named = asked;
		if (relays->count++ == 0)
			relays->first = route;
		else
			relays->differ |= !as_same_login(&relays->first, &route);
	}
	service->plan.outcome = AS_NONE;
}

/*
 * The next hop that is meant.  Exim puts the target of an alias in the place of a relay's name:
 * with the mail beside it the relay is found among the routes of that.  NULL: one without a
 * login, or *why not.
 */
static const struct as_hop *
find_hop(struct service *service, const struct as_hops *hops, const struct words *words,
    uint32_t port, const char **why)
{
	const struct slice any = slice(NULL, 0);
	struct relays relays;

	if (words->count == 2)
		return as_hops_find(hops, bare(words->list[0]), (uint16_t)port, any);
	find_relays(service, hops, words, port, &relays);
	if (relays.named != NULL)
		return relays.named;
	if (relays.count == 0)
		*why = "no route of this mail leads there";
	else if (relays.differ)
		*why = "the name of the relay is none of the routes, and they have several logins";
	if (*why != NULL || relays.first.login.len == 0)
		return NULL;
	return as_hops_find(hops, slice(relays.first.host.ptr, relays.first.host.len),
	    (uint16_t)port, any);
}

static enum result
answer_login(struct service *service, bool local, const struct words *words,
    struct as_text *out)
{
	const struct as_hops *hops = handle_hops(&service->handle);
	const struct as_hop *hop;
	char buf[AS_TEXT_SIZE];
	struct as_text secret = {buf, 0, sizeof(buf), false};
	struct slice login, password;
	enum as_login found = AS_LOGIN_NONE;
	const char *why = NULL;
	size_t begun = out->len;
	uint32_t port;

	if (!local)
		return defer(out, begun, "passwords are told on unix sockets only");
	if (hops == NULL || !number_read(words->list[1], UINT16_MAX, &port))
		return defer(out, begun, hops == NULL ? AS_FAULT_TEXT : "the port is no number");
	hop = find_hop(service, hops, words, port, &why);
	if (hop != NULL)
		found = as_hop_login(hop, &secret, &login, &password, &why);
	if (found == AS_LOGIN) {
		word_encode(login, out);
		as_text_str(out, " ");
		word_encode(password, out);
	}
	explicit_bzero(buf, secret.len);
	if (why != NULL)
		return defer(out, begun, why);
	return found == AS_LOGIN_NONE ? none(out) : RESULT_FOUND;
}

static bool
is_asked(const struct words *words, const char *command, size_t count)
{
	return slice_is(words->command, command) && words->count == count;
}

/* False: the line is no question. */
static bool
answer(struct service *service, bool local, struct slice line, struct as_text *out,
    enum result *result)
{
	struct words words;
	bool whole = split(line, &words);
	size_t begun = out->len;

	*result = RESULT_REFUSED;
	if (whole && (is_asked(&words, "login", 2) || is_asked(&words, "login", 5))) {
		struct tmail_query query = {.recipient = tmail_slice_of(words.list[0])};

		service->plan.outcome = AS_NONE;
		*result = answer_login(service, local, &words, out);
		service_log(service, "exim-login", &query, *result == RESULT_FOUND
		    ? slice_str("found") : slice(out->ptr + begun, out->len - begun));
	} else if (whole && (is_asked(&words, "route", 3) || is_asked(&words, "refuse", 3)) &&
	    words.list[2].len > 0) {
		plan_words(service, &words, out, words.command.ptr[1] == 'o');
		*result = result_of(service->plan.outcome);
	} else {
		as_text_str(out, slice_is(words.command, "refuse") ? ":defer: " : "DEFER ");
		as_text_str(out, "the question was not understood");
	}
	if (out->cut)
		defer(out, begun, "the answer is too long");
	return *result != RESULT_REFUSED;
}

/* An answer even to this, since an empty one would say that nobody is there. */
void
exim_refuse(struct service *service, struct slice in, const char *why, struct as_text *out)
{
	static const char command[] = "refuse ";
	bool refuse = in.len >= strlen(command) && memcmp(in.ptr, command, strlen(command)) == 0;

	as_text_str(out, refuse ? ":defer: " : "DEFER ");
	as_text_str(out, why);
	as_text_str(out, "\n");
	service->queries[KIND_EXIM][RESULT_REFUSED]++;
}

enum step
exim_take(struct service *service, bool local, struct slice in, size_t *used,
    struct as_text *out)
{
	const char *end = in.len == 0 ? NULL : memchr(in.ptr, '\n', in.len);
	struct slice line;
	enum result result;
	bool asked;

	if (end == NULL && in.len <= REQUEST_MAX)
		return STEP_MORE;
	if (end == NULL || (size_t)(end - in.ptr) > REQUEST_MAX) {
		exim_refuse(service, in, "the question is too long", out);
		return STEP_BROKEN;
	}
	line = slice(in.ptr, (size_t)(end - in.ptr));
	*used = line.len + 1;
	if (line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	asked = answer(service, local, line, out, &result);
	as_text_str(out, "\n");
	service->queries[KIND_EXIM][result]++;
	return asked ? STEP_ANSWERED : STEP_BROKEN;
}
