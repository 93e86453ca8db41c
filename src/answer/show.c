#include "answer/show.h"

#include "runtime/scan.h"
#include "text/quote.h"
#include "text/secret.h"
#include "text/words.h"

static void
show_host(struct text *text, struct tmail_slice host)
{
	bool brackets = memchr(host.ptr, ':', host.len) != NULL;
	bool quotes = slice_is(slice(host.ptr, host.len), "mx");	/* not behind `via mx` */

	text_str(text, brackets ? "[" : quotes ? "\"" : "");
	show_slice(text, host);
	text_str(text, brackets ? "]" : quotes ? "\"" : "");
}

void
show_port(struct text *text, const struct tmail_route *route)
{
	if (route->port == 0)
		return;
	text_str(text, ":");
	text_number(text, route->port);
}

void
show_hop(struct text *text, const struct tmail_route *route)
{
	switch (route->hop) {
	case TMAIL_HOP_HOST:
		show_host(text, route->host);
		break;
	case TMAIL_HOP_MX:
		text_str(text, "MX");
		break;
	case TMAIL_HOP_MX_OF:
		text_str(text, "MX of ");
		show_slice(text, route->host);
		break;
	case TMAIL_HOP_NONE:
		return;
	}
	show_port(text, route);
}

void
show_credentials(struct text *text, const struct tmail_route *route, bool secrets)
{
	show_slice(text, route->login);
	text_str(text, ":");
	if (!secrets) {
		text_str(text, SECRET_MASK);
	} else if (route->password_file.ptr != NULL || route->token_file.ptr != NULL) {
		struct tmail_slice file = route->token_file.ptr != NULL ? route->token_file
		    : route->password_file;

		text_str(text, "file:");
		text_name(text, file.ptr, file.len);
	} else {
		show_slice(text, route->password);
	}
}

enum tmail_status
show_local(struct text *text, const struct tmail_routes *routes,
    const struct tmail_route *route, const struct tmail_candidate *candidate)
{
	const char *joint = route->local == TMAIL_LOCAL_ROUND_ROBIN ? "|" : "&";

	if (route->local_count == 0)
		text_str(text, "default");
	for (uint32_t i = 0; i < route->local_count; i++) {
		struct tmail_address address;
		enum tmail_status status = candidate == NULL
		    ? tmail_route_local(routes, route, i, &address)
		    : tmail_candidate_local(routes, candidate, route, i, &address);

		if (status != TMAIL_OK)
			return status;
		if (i > 0)
			text_str(text, joint);
		show_slice(text, address.text);
	}
	return TMAIL_OK;
}

static void
show_selector(struct text *text, size_t begun, const char *word, struct tmail_slice pattern)
{
	if (pattern.ptr == NULL)
		return;
	if (text->len > begun)
		text_str(text, ", ");
	text_str(text, word);
	show_slice(text, pattern);
}

void
show_rung(struct text *text, const struct tmail_routes *routes, struct tmail_slice user,
    struct tmail_slice from, struct tmail_slice to)
{
	/* A login that is called like a keyword is told from it. */
	bool quoted = user.ptr != NULL && scan_is_name(routes, user) &&
	    show_is_special(true, slice(user.ptr, user.len));
	size_t begun = text->len;

	show_selector(text, begun, quoted ? "user \"" : "user ", user);
	if (quoted)
		text_str(text, "\"");
	show_selector(text, begun, "from ", from);
	show_selector(text, begun, "to ", to);
}

void
show_place(struct text *text, const struct tmail_route *route)
{
	text_str(text, "route ");
	text_number(text, route->id);
	text_str(text, " (");
	text_name(text, route->file.ptr, route->file.len);
	text_str(text, ":");
	text_number(text, route->line);
	text_str(text, ")");
}

const char *
show_action(enum tmail_action action)
{
	static const char *const words[] = {"relay", "reject", "defer", "discard"};

	return words[action];
}

static void
show_word(struct text *text, enum option option)
{
	text_str(text, ", ");
	text_str(text, option_word(option));
	text_str(text, " ");
}

static void
show_string(struct text *text, enum option option, struct tmail_slice value)
{
	if (value.ptr == NULL)
		return;
	show_word(text, option);
	show_slice(text, value);
}

void
show_rate(struct text *text, const struct tmail_route *route)
{
	text_number(text, route->rate);
	text_str(text, route->rate_seconds == 1 ? "/s" : route->rate_seconds == 60 ? "/m" : "/h");
}

void
show_given(struct text *text, const struct tmail_route *route)
{
	if (route->family != TMAIL_FAMILY_ANY) {
		show_word(text, OPTION_FAMILY);
		text_str(text, family_words[route->family]);
	}
	if (route->auth != TMAIL_AUTH_ANY) {
		show_word(text, OPTION_AUTH);
		text_str(text, auth_words[route->auth]);
	}
	show_string(text, OPTION_TLS_CERT, route->tls_cert);
	show_string(text, OPTION_TLS_CA, route->tls_ca);
	show_string(text, OPTION_MAIL_FROM, route->mail_from);
	if (route->connections != 0) {
		show_word(text, OPTION_CONNECTIONS);
		text_number(text, route->connections);
	}
	if (route->rate != 0) {
		show_word(text, OPTION_RATE);
		show_rate(text, route);
	}
}

enum tmail_status
show_rest(struct text *text, const struct tmail_routes *routes, const struct tmail_route *route)
{
	struct slice transport = slice(route->transport.ptr, route->transport.len);

	show_string(text, OPTION_PASSWORD_FILE, route->password_file);
	show_string(text, OPTION_TOKEN_FILE, route->token_file);
	show_string(text, OPTION_TLS_NAME, route->tls_name);
	show_string(text, OPTION_HELO, route->helo);
	if (!slice_is(transport, "smtp"))
		show_string(text, OPTION_TRANSPORT, route->transport);
	for (uint32_t i = 0; i < route->local_count; i++) {
		struct tmail_address address;
		enum tmail_status status = tmail_route_local(routes, route, i, &address);

		if (status != TMAIL_OK)
			return status;
		if (address.helo.ptr == NULL)
			continue;
		text_str(text, ", source ");
		show_slice(text, address.text);
		text_str(text, " helo ");
		show_slice(text, address.helo);
	}
	return TMAIL_OK;
}

/* Whether a comma stands in it that no double quotes are around. */
static bool
has_comma(struct slice name)
{
	const char *end = name.ptr + name.len;

	return quote_pattern_end(name.ptr, end) < end;
}

bool
show_is_special(bool user, struct slice name)
{
	/* What has quotes of its own could be taken for a word in quotes. */
	while (name.len > 2 && name.ptr[0] == '"' && name.ptr[name.len - 1] == '"') {
		name = slice(name.ptr + 1, name.len - 2);
		if (memchr(name.ptr, '\\', name.len) != NULL)
			return true;
	}
	if ((name.len > 1 && name.ptr[0] == '$') || has_comma(name))
		return true;
	if (user &&
	    (slice_is(name, "any") || slice_is(name, "*") || slice_is(name, "<>")))
		return true;
	return name.len > 2 && memcmp(name.ptr, "*.", 2) == 0 &&
	    (user || memchr(name.ptr, '@', name.len) != NULL);
}

void
show_quoted(struct text *text, struct slice name)
{
	text_str(text, "\"");
	for (size_t i = 0; i < name.len; i++) {
		if (name.ptr[i] == '"' || name.ptr[i] == '\\')
			text_str(text, "\\");
		text_add(text, name.ptr + i, 1);
	}
	text_str(text, "\"");
}
