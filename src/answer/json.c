#include "answer/json.h"

#include "answer/show.h"
#include "base/utf8.h"
#include "text/secret.h"
#include "text/words.h"

/* What stands in front of a value: a comma, but for the first one, and the key. */
static void
add_key(struct text *text, const char *key)
{
	char last = text->len == 0 ? '\n' : text->ptr[text->len - 1];

	if (last != '{' && last != '[' && last != '\n')
		text_add(text, ",", 1);
	if (key != NULL) {
		text_add(text, "\"", 1);
		text_str(text, key);
		text_add(text, "\":", 2);
	}
}

void
json_number(struct text *text, const char *key, uint64_t n)
{
	add_key(text, key);
	text_number(text, n);
}

void
json_raw(struct text *text, const char *key, const char *word)
{
	add_key(text, key);
	text_str(text, word);
}

static void
add_escaped(struct text *text, uint32_t c)
{
	static const char named[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
	static const char hex[] = "0123456789ABCDEF";
	const char *name = c == 0 || c == UTF8_INVALID ? NULL : strchr(named, (int)c);

	if (c == UTF8_INVALID)
		text_str(text, "\xef\xbf\xbd");
	else if (name != NULL)
		text_add(text, (const char[]){'\\', letters[name - named]}, 2);
	else
		text_add(text, (const char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
}

void
json_text(struct text *text, const char *key, const char *ptr, size_t len)
{
	const char *p = ptr, *plain = ptr, *end;

	if (ptr == NULL) {
		json_raw(text, key, "null");
		return;
	}
	end = ptr + len;
	json_raw(text, key, "\"");
	while (p < end) {
		const char *next;
		uint32_t c;

		if (*p >= 0x20 && *p <= 0x7e && *p != '"' && *p != '\\') {
			p++;
			continue;
		}
		next = utf8_next(p, end, &c);
		if (c < 0x7f || c == UTF8_INVALID) {
			text_add(text, plain, (size_t)(p - plain));
			add_escaped(text, c);
			plain = next;
		}
		p = next;
	}
	text_add(text, plain, (size_t)(end - plain));
	text_str(text, "\"");
}

/* A number, or null where 0 says that it was not given. */
static void
json_count(struct text *text, const char *key, uint64_t n)
{
	if (n == 0)
		json_raw(text, key, "null");
	else
		json_number(text, key, n);
}

/* One of several words, or null. */
static void
json_word(struct text *text, const char *key, const char *word)
{
	json_text(text, key, word, word == NULL ? 0 : strlen(word));
}

void
json_hop(struct text *text, const struct tmail_route *route)
{
	if (route->hop == TMAIL_HOP_HOST) {
		json_slice(text, "host", route->host);
		json_number(text, "port", route->port);
		return;
	}
	json_raw(text, "host", "null");
	json_count(text, "port", route->port);
	if (route->hop == TMAIL_HOP_MX_OF)
		json_slice(text, "mx", route->host);
	else
		json_raw(text, "mx", "true");
}

enum tmail_status
json_addresses(struct text *text, const char *key, const struct tmail_routes *routes,
    const struct tmail_route *route, const struct tmail_candidate *candidate)
{
	json_raw(text, key, "[");
	for (uint32_t i = 0; i < route->local_count; i++) {
		struct tmail_address address;
		enum tmail_status status = candidate == NULL
		    ? tmail_route_local(routes, route, i, &address)
		    : tmail_candidate_local(routes, candidate, route, i, &address);

		if (status != TMAIL_OK)
			return status;
		json_slice(text, NULL, address.text);
	}
	text_str(text, "]");
	return TMAIL_OK;
}

/* The names that `source` gives them, if it gives one any: null where it does not. */
static enum tmail_status
add_greetings(struct text *text, const struct tmail_routes *routes, const struct tmail_route *route)
{
	size_t before = text->len;
	bool any = false;

	json_raw(text, "helo", "[");
	for (uint32_t i = 0; i < route->local_count; i++) {
		struct tmail_address address;
		enum tmail_status status = tmail_route_local(routes, route, i, &address);

		if (status != TMAIL_OK)
			return status;
		json_slice(text, NULL, address.helo);
		any |= address.helo.ptr != NULL;
	}
	text_str(text, "]");
	if (!any)
		text->len = before;
	return TMAIL_OK;
}

static enum tmail_status
add_local(struct text *text, const struct tmail_routes *routes, const struct tmail_route *route)
{
	enum tmail_status status;

	if (route->local_count == 0) {
		json_raw(text, "local", "null");
		return TMAIL_OK;
	}
	json_raw(text, "local", "{");
	json_str(text, "mode",
	    route->local == TMAIL_LOCAL_ROUND_ROBIN ? "round-robin" : "failover");
	status = json_addresses(text, "addresses", routes, route, NULL);
	if (status == TMAIL_OK)
		status = add_greetings(text, routes, route);
	text_str(text, "}");
	return status;
}

static void
json_rate(struct text *text, const struct tmail_route *route)
{
	if (route->rate == 0) {
		json_raw(text, "rate", "null");
		return;
	}
	json_raw(text, "rate", "\"");
	show_rate(text, route);
	text_str(text, "\"");
}

enum tmail_status
json_route(struct text *text, const struct tmail_routes *routes,
    const struct tmail_route *route, bool secrets)
{
	size_t before = text->len;
	enum tmail_status status;

	json_number(text, "priority", route->priority);
	json_number(text, "weight", route->weight);
	status = json_relay(text, routes, route, secrets);
	if (status != TMAIL_OK)
		text->len = before;
	return status;
}

enum tmail_status
json_relay(struct text *text, const struct tmail_routes *routes,
    const struct tmail_route *route, bool secrets)
{
	size_t before = text->len;
	enum tmail_status status;

	json_hop(text, route);
	json_word(text, "family", family_words[route->family]);
	status = add_local(text, routes, route);
	if (status != TMAIL_OK) {
		text->len = before;
		return TMAIL_E_DAMAGED;
	}
	json_slice(text, "login", route->login);
	if (secrets || route->password.ptr == NULL)
		json_slice(text, "password", route->password);
	else
		json_str(text, "password", SECRET_MASK);
	json_slice(text, "password_file", route->password_file);
	json_slice(text, "token_file", route->token_file);
	json_word(text, "auth", auth_words[route->auth]);
	json_str(text, "tls", tls_words[route->tls]);
	json_slice(text, "tls_name", route->tls_name);
	json_slice(text, "tls_cert", route->tls_cert);
	json_slice(text, "tls_ca", route->tls_ca);
	json_slice(text, "mail_from", route->mail_from);
	json_count(text, "connections", route->connections);
	json_rate(text, route);
	json_slice(text, "helo", route->helo);
	json_slice(text, "transport", route->transport);
	return TMAIL_OK;
}
