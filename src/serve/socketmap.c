/*
 * socketmap.c - Postfix's socketmap (socketmap_table(5)): netstrings that hold a map's
 * name and a key, answered by netstrings.
 */
#include <strings.h>

#include "answer/as_postfix.h"
#include "base/number.h"
#include "serve/local_part.h"
#include "serve/protocol.h"

#define SMTP_PORT 25
#define DIGITS_MAX 5

/* The payload of a netstring at the front of `in`. */
static enum step
read_netstring(struct slice in, struct slice *payload, size_t *used)
{
	size_t digits = 0, len = 0;

	while (digits < in.len && in.ptr[digits] >= '0' && in.ptr[digits] <= '9') {
		len = 10 * len + (size_t)(in.ptr[digits] - '0');
		if (++digits > DIGITS_MAX || len > REQUEST_MAX)
			return STEP_BROKEN;
	}
	if (digits == in.len)
		return STEP_MORE;
	if (digits == 0 || in.ptr[digits] != ':' || (digits > 1 && in.ptr[0] == '0'))
		return STEP_BROKEN;
	if (in.len - digits - 1 < len + 1)
		return STEP_MORE;
	*payload = slice(in.ptr + digits + 1, len);
	*used = digits + 1 + len + 1;
	return in.ptr[*used - 1] == ',' ? STEP_ANSWERED : STEP_BROKEN;
}

static void
plan_key(struct service *service, const struct tmail_query *query)
{
	as_plan_draw(&service->plan, service->handle.routes, query, &service->random);
}

static enum result
answer_transport(struct service *service, struct slice key, struct as_text *out)
{
	struct local_part part;
	struct tmail_query query = {.recipient = local_part_is_quoted(key) ? tmail_slice_of(key)
	    : local_part_quote(&part, key)};

	plan_key(service, &query);
	as_postfix_transport(&service->plan, query.recipient, out);
	return result_of(service->plan.outcome);
}

/* The recipient is not known: only a group for every destination can be meant. */
static enum result
answer_sender(struct service *service, struct slice key, struct as_text *out)
{
	struct local_part part;
	bool null = slice_is(key, "<>") || slice_is(key, "\"<>\"");
	struct tmail_query query = {.recipient = AS_EVERY_RECIPIENT,
	    .sender = null ? (struct tmail_slice){"<>", 2} : local_part_is_quoted(key)
	    ? tmail_slice_of(key) : local_part_quote(&part, key)};

	plan_key(service, &query);
	if (service->plan.status == TMAIL_OK && service->plan.match.from.ptr == NULL)
		service->plan.outcome = AS_NONE;
	as_postfix_transport(&service->plan, query.recipient, out);
	return result_of(service->plan.outcome);
}

/* What stands in brackets, without the tag of an address. */
static struct slice
bare(struct slice host)
{
	if (host.len > 5 && strncasecmp(host.ptr, "ipv6:", 5) == 0)
		return slice(host.ptr + 5, host.len - 5);
	return host;
}

/* "[H]:P" or "[H]"; anything else is no next hop of ours. */
static const struct as_hop *
find_hop(const struct as_hops *hops, struct slice key, struct slice transport)
{
	const char *end = key.len < 3 ? NULL : memrchr(key.ptr, ']', key.len);
	uint32_t port = SMTP_PORT;
	struct slice host, rest;

	if (end == NULL || key.ptr[0] != '[')
		return NULL;
	host = bare(slice(key.ptr + 1, (size_t)(end - key.ptr) - 1));
	rest = slice(end + 1, key.len - (size_t)(end + 1 - key.ptr));
	if (rest.len > 0 && (rest.ptr[0] != ':' ||
	    !number_read(slice(rest.ptr + 1, rest.len - 1), UINT16_MAX, &port)))
		return NULL;
	return as_hops_find(hops, host, (uint16_t)port, transport);
}

static enum result
fault(struct as_text *out, size_t begun, const char *why)
{
	out->len = begun;
	as_text_str(out, "TEMP ");
	as_text_str(out, why);
	return RESULT_FAULT;
}

static enum result
none(struct as_text *out)
{
	as_text_str(out, "NOTFOUND ");
	return RESULT_NONE;
}

static enum result
answer_sasl(const struct as_hop *hop, struct as_text *out)
{
	char buf[AS_TEXT_SIZE];
	struct as_text secret = {buf, 0, sizeof(buf), false};
	struct slice login, password;
	const char *why = NULL;
	enum as_login found = as_hop_login(hop, &secret, &login, &password, &why);
	enum result result = RESULT_FOUND;

	if (found == AS_LOGIN && memchr(login.ptr, ':', login.len) != NULL) {
		found = AS_LOGIN_FAULT;
		why = "Postfix takes no login with a colon";
	}
	if (found == AS_LOGIN_FAULT) {
		result = fault(out, out->len, why);
	} else if (found == AS_LOGIN_NONE) {
		result = none(out);
	} else {
		as_text_str(out, "OK ");
		as_text_add(out, login.ptr, login.len);
		as_text_str(out, ":");
		as_text_add(out, password.ptr, password.len);
	}
	explicit_bzero(buf, secret.len);
	return result;
}

static enum result
answer_tls(const struct as_hop *hop, struct as_text *out)
{
	size_t begun = out->len;
	const char *why;

	as_text_str(out, "OK ");
	return as_hop_tls(hop, out, &why) ? RESULT_FOUND : fault(out, begun, why);
}

static enum result
answer_hop(struct service *service, bool sasl, struct slice transport, struct slice key,
    struct as_text *out)
{
	const struct as_hops *hops = handle_hops(&service->handle);
	const struct as_hop *hop;

	if (hops == NULL)
		return fault(out, out->len, AS_FAULT_TEXT);
	hop = find_hop(hops, key, transport);
	if (hop == NULL)
		return none(out);
	return sasl ? answer_sasl(hop, out) : answer_tls(hop, out);
}

static enum result
refuse(struct as_text *out, const char *why)
{
	as_text_str(out, "PERM ");
	as_text_str(out, why);
	return RESULT_REFUSED;
}

/* Whether a map is `name` or `name.T`; *transport is absent where there is no T. */
static bool
is_map(struct slice map, const char *name, struct slice *transport)
{
	size_t len = strlen(name);

	*transport = slice(NULL, 0);
	if (map.len < len || memcmp(map.ptr, name, len) != 0)
		return false;
	if (map.len > len + 1 && map.ptr[len] == '.')
		*transport = slice(map.ptr + len + 1, map.len - len - 1);
	return map.len == len || transport->ptr != NULL;
}

static enum result
answer(struct service *service, bool local, struct slice map, struct slice key,
    struct as_text *out)
{
	struct slice transport;
	bool sasl = is_map(map, "sasl", &transport);
	bool hop = sasl || is_map(map, "tls", &transport);
	bool sender = slice_is(map, "sender");

	/* What is logged of routes is no other query's. */
	service->plan.outcome = AS_NONE;
	if (!hop && !sender && !slice_is(map, "transport"))
		return refuse(out, "no such map");
	if (sasl && !local)
		return refuse(out, "passwords are told on unix sockets only");
	if (key.len == 0 || slice_is(key, "*"))
		return none(out);
	if (hop)
		return answer_hop(service, sasl, transport, key, out);
	return sender ? answer_sender(service, key, out) : answer_transport(service, key, out);
}

static void
log_answer(const struct service *service, bool secret, struct slice key, struct slice text)
{
	struct tmail_query query = {.recipient = tmail_slice_of(key)};

	service_log(service, "socketmap", &query, secret ? slice(text.ptr, 2) : text);
}

enum step
socketmap_take(struct service *service, bool local, struct slice in, size_t *used,
    struct as_text *out)
{
	char buf[AS_TEXT_SIZE];
	struct as_text text = {buf, 0, sizeof(buf), false};
	struct slice payload, map, key;
	enum step step = read_netstring(in, &payload, used);
	const char *blank;
	enum result result;

	if (step != STEP_ANSWERED)
		return step;
	blank = payload.len == 0 ? NULL : memchr(payload.ptr, ' ', payload.len);
	if (blank == NULL)
		return STEP_BROKEN;
	map = slice(payload.ptr, (size_t)(blank - payload.ptr));
	key = slice(blank + 1, payload.len - map.len - 1);
	result = answer(service, local, map, key, &text);
	if (text.cut)
		result = fault(&text, 0, "the answer is too long");
	service->queries[KIND_SOCKETMAP][result]++;
	log_answer(service, result == RESULT_FOUND && map.len >= 4 && memcmp(map.ptr, "sasl", 4) == 0,
	    key, slice(text.ptr, text.len));
	as_text_number(out, text.len);
	as_text_str(out, ":");
	as_text_add(out, text.ptr, text.len);
	as_text_str(out, ",");
	explicit_bzero(buf, text.len);
	return STEP_ANSWERED;
}
