#include "text/slip.h"

#include <string.h>

#include "base/fold.h"
#include "base/ip.h"
#include "base/number.h"

/* HOST[:PORT] as it stands here: brackets around an IPv6 address alone. */
static struct slice
host_port(struct diagnostics *diagnostics, const struct foreign_hop *hop)
{
	struct ip ip;
	bool six = ip6_parse(hop->host, &ip);

	return arena_printf(&diagnostics->arena, "%s%.*s%s%s%.*s", six ? "[" : "",
	    SLICE_ARG(hop->host), six ? "]" : "", hop->port.len > 0 ? ":" : "",
	    SLICE_ARG(hop->port));
}

static const char *
url_tls(struct slice scheme)
{
	if (slice_is(scheme, "smtps"))
		return " tls implicit";
	if (slice_is(scheme, "smtp+tls"))
		return " tls verified";
	return slice_is(scheme, "smtp+notls") ? " tls off" : "";
}

/* The action that stands for a transport which sends nothing. */
static const char *
reply_action(struct slice scheme)
{
	if (slice_is(scheme, "error") || slice_is(scheme, "reject"))
		return "reject \"TEXT\"";
	return slice_is(scheme, "discard") ? "discard" : "defer \"TEXT\"";
}

void
slip_host(struct diagnostics *diagnostics, struct diagnostic *d, const struct foreign_hop *hop)
{
	struct slice meant = host_port(diagnostics, hop);

	switch (hop->kind) {
	case FOREIGN_URL:
		diagnostic_help(diagnostics, d, "did you mean '%.*s%s'?%s", SLICE_ARG(meant),
		    url_tls(hop->scheme), hop->login ? " a login is an option of its own" : "");
		break;
	case FOREIGN_TRANSPORT:
		if (hop->host.ptr[-1] == '[')
			diagnostic_help(diagnostics, d, "did you mean '%.*s'?", SLICE_ARG(meant));
		else
			diagnostic_help(diagnostics, d,
			    "did you mean '%.*s', or 'mx:%.*s' for its MX?", SLICE_ARG(meant),
			    SLICE_ARG(hop->host));
		break;
	case FOREIGN_REPLY:
		diagnostic_help(diagnostics, d, "write '%s' in the place of 'via'",
		    reply_action(hop->scheme));
		break;
	case FOREIGN_MX:
		diagnostic_help(diagnostics, d, "did you mean 'mx:%.*s%s%.*s'?",
		    SLICE_ARG(hop->host), hop->port.len > 0 ? " port " : "", SLICE_ARG(hop->port));
		break;
	case FOREIGN_PORT:
		diagnostic_help(diagnostics, d, "did you mean '%.*s'?", SLICE_ARG(meant));
		break;
	case FOREIGN_LOGIN:
		diagnostic_help(diagnostics, d,
		    "behind the host, write 'login' and 'password-file' or 'password'");
		break;
	case FOREIGN_SEVERAL:
		if (memchr(hop->host.ptr, ',', hop->host.len) == hop->host.ptr + hop->host.len - 1)
			diagnostic_help(diagnostics, d, "take the ',' away");
		else
			slip_hosts(diagnostics, d);
		break;
	case FOREIGN_NONE:
		break;
	}
}

void
slip_port(struct diagnostics *diagnostics, struct diagnostic *d, struct slice text)
{
	static const struct {
		const char *name;
		unsigned port;
	} services[] = {{"smtp", 25}, {"submission", 587}, {"submissions", 465}, {"smtps", 465},
	    {"ssmtp", 465}};
	uint32_t port;

	for (size_t i = 0; i < sizeof(services) / sizeof(*services); i++)
		if (slice_is(text, services[i].name)) {
			diagnostic_help(diagnostics, d, "did you mean '%u'?", services[i].port);
			return;
		}
	if (text.len < 2 || text.ptr[0] != '0')
		return;
	while (text.len > 1 && text.ptr[0] == '0')
		text = slice(text.ptr + 1, text.len - 1);
	if (number_read(text, 65535, &port) && port > 0)
		diagnostic_help(diagnostics, d, "did you mean '%u'?", (unsigned)port);
}

void
slip_hosts(struct diagnostics *diagnostics, struct diagnostic *d)
{
	diagnostic_help(diagnostics, d,
	    "a route has one host: write a route for each, the second with 'priority 2'");
}

void
slip_addresses(struct diagnostics *diagnostics, struct diagnostic *d)
{
	diagnostic_help(diagnostics, d,
	    "'|' (round-robin) or '&' (failover) joins source addresses, without blanks");
}

static const char no_equals[] = "values stand right behind the name: take the '=' away";

void
slip_equals(struct diagnostics *diagnostics, struct diagnostic *d)
{
	diagnostic_help(diagnostics, d, "%s", no_equals);
}

bool
slip_id(struct diagnostics *diagnostics, struct diagnostic *d, struct slice word)
{
	struct slice number = slice(word.ptr, word.len - 1);
	uint32_t id;

	if (memchr(".:,", word.ptr[word.len - 1], 3) == NULL || !number_read(number, UINT32_MAX, &id))
		return false;
	diagnostic_help(diagnostics, d, "did you mean '%.*s'?", SLICE_ARG(number));
	return true;
}

void
slip_patterns(struct diagnostics *diagnostics, struct diagnostic *d, struct slice before,
    struct slice word)
{
	if (word.ptr[0] == '@' || before.ptr[before.len - 1] == '@')
		diagnostic_help(diagnostics, d, "did you mean '%.*s%.*s'?", SLICE_ARG(before),
		    SLICE_ARG(word));
	else
		diagnostic_help(diagnostics, d, "patterns are joined by ',' without blanks");
}

bool
slip_behind_host(struct diagnostics *diagnostics, struct diagnostic *d, struct slice host,
    struct slice word, bool route)
{
	struct slice number = slice(word.ptr + (word.ptr[0] == ':'), word.len - (word.ptr[0] == ':'));
	const char *colon = memrchr(host.ptr, ':', host.len);
	bool open = colon == host.ptr + host.len - 1, dot = memchr(word.ptr, '.', word.len) != NULL;
	uint32_t port;

	/* An IPv6 address has colons of its own, in its brackets. */
	if (number_read(number, 65535, &port) &&
	    (open || colon == NULL || host.ptr[host.len - 1] == ']'))
		diagnostic_help(diagnostics, d, "did you mean '%.*s:%u'?",
		    (int)(host.len - open), host.ptr, (unsigned)port);
	else if (number_read(number, 65535, &port))
		diagnostic_help(diagnostics, d, "a port has no blanks in it");
	else if (dot && (slice_is(host, "mx") || slice_is(host, "mx:")))
		diagnostic_help(diagnostics, d, "did you mean 'mx:%.*s'?", SLICE_ARG(word));
	else if (slice_is(host, "@"))
		diagnostic_help(diagnostics, d, "did you mean '@%.*s'?", SLICE_ARG(word));
	else if (route && (dot || slice_is(word, "or") || slice_is(word, "and")))
		slip_hosts(diagnostics, d);
	else
		return false;
	return true;
}

static bool
is_domain(struct slice text)
{
	struct folded folded;

	return mem_folded(fold_domain(text, &folded)) == FOLD_OK;
}

static bool
holds(struct slice text, const char *signs)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] != '\0' && strchr(signs, text.ptr[i]) != NULL)
			return true;
	return false;
}

bool
slip_literal(struct diagnostics *diagnostics, struct diagnostic *d, struct slice text)
{
	size_t local = fold_at(text) < text.len ? fold_at(text) + 1 : 0;
	const char *begin = text.ptr;
	struct ip ip;

	text = slice(text.ptr + local, text.len - local);
	if (text.len > 2 && text.ptr[0] == '[' && text.ptr[text.len - 1] == ']')
		text = slice(text.ptr + 1, text.len - 2);
	if (!ip6_parse(text, &ip))
		return false;
	diagnostic_help(diagnostics, d, "did you mean '%.*s[IPv6:%.*s]'?", (int)local, begin,
	    SLICE_ARG(text));
	return true;
}

static struct slice
trim(struct slice text)
{
	while (text.len > 0 && text.ptr[0] == ' ')
		text = slice(text.ptr + 1, text.len - 1);
	while (text.len > 0 && text.ptr[text.len - 1] == ' ')
		text.len--;
	return text;
}

/* A domain with something in front or around it; false: it is none. */
static bool
help_domain(struct diagnostics *diagnostics, struct diagnostic *d, struct slice text, bool to)
{
	struct slice rest = slice(text.ptr + 1, text.len - 1), inner = slice(rest.ptr, rest.len - 1);
	bool wild = text.ptr[0] == '*' || text.ptr[0] == '.';

	if (text.ptr[0] == '<' && rest.ptr[inner.len] == '>')
		diagnostic_help(diagnostics, d, "did you mean '%.*s'?", SLICE_ARG(inner));
	else if (text.ptr[0] == '!')
		diagnostic_help(diagnostics, d,
		    "no pattern takes mail out: give '%.*s' a route of its own, perhaps 'via mx'",
		    SLICE_ARG(rest));
	else if (!is_domain(rest) || (!wild && text.ptr[0] != '@'))
		return false;
	else if (wild && to)
		diagnostic_help(diagnostics, d, "did you mean '*%s%.*s'?",
		    text.ptr[0] == '*' ? "." : "", SLICE_ARG(text.ptr[0] == '*' ? rest : text));
	else
		diagnostic_help(diagnostics, d, "did you mean '%.*s'?", SLICE_ARG(rest));
	return true;
}

void
slip_pattern(struct diagnostics *diagnostics, struct diagnostic *d, struct slice text, bool to)
{
	const char *text_help = NULL;
	struct slice trimmed = trim(text);
	size_t colon = text.len;

	if (slip_literal(diagnostics, d, text))
		return;
	while (colon > 0 && text.ptr[colon - 1] >= '0' && text.ptr[colon - 1] <= '9')
		colon--;
	/* Bare, both are patterns. */
	if (slice_is(text, "*") || (text.ptr[0] == '$' && text.len > 1 && !holds(text, "^(){}?\\ ,")))
		text_help = "quotes take its meaning away: write it without them";
	else if (slice_is(text, ".") || slice_is(text, "*.") || slice_is(text, "*.*") || slice_is(text, "*@*"))
		text_help = to ? "every destination is '*'"
			       : "a route without 'from' holds for every sender";
	else if (trimmed.len < text.len && !holds(trimmed, " ,"))
		diagnostic_help(diagnostics, d, "did you mean '%.*s'?", SLICE_ARG(trimmed));
	else if (text.len > 2 && help_domain(diagnostics, d, text, to))
		return;
	else if (holds(text, "^$(){}?\\") || text.ptr[0] == '/')
		text_help = "a pattern is an address, a domain or '*.DOMAIN', no regular expression";
	else if (holds(text, ",; |&"))
		text_help = "',' joins patterns, without blanks and outside of quotes";
	else if (colon > 1 && colon < text.len && text.ptr[colon - 1] == ':')
		text_help = "a port stands behind the host of 'via'";
	else if (colon > 1 && colon < text.len && text.ptr[colon - 1] == '/')
		text_help = "a pattern is a domain or one address in brackets, no network";
	else if (slice_is(text, "="))
		text_help = no_equals;
	else if (holds(text, "*"))
		text_help = "'*' stands alone or in front of a domain, as in '*.DOMAIN'";
	if (text_help != NULL)
		diagnostic_help(diagnostics, d, "%s", text_help);
}

/* A word of other programs, and what stands for it here. */
struct foreign_word {
	const char *theirs, *ours;
};

static const char *
find_ours(const struct foreign_word *words, size_t count, struct slice word)
{
	for (size_t i = 0; i < count; i++)
		if (slice_is(word, words[i].theirs))
			return words[i].ours;
	return NULL;
}

bool
slip_keyword(struct diagnostics *diagnostics, struct diagnostic *d, struct slice word)
{
	static const struct foreign_word words[] = {{"drop", "discard"}, {"blackhole", "discard"},
	    {"deny", "reject"}, {"refuse", "reject"}, {"bounce", "reject"}, {"block", "reject"},
	    {"error", "reject"}, {"hold", "defer"}, {"queue", "defer"}, {"retry", "defer"},
	    {"relay", "via"}, {"through", "via"}, {"smtp", "via"}, {"->", "via"}, {"=>", "via"},
	    {"recipient", "to"}, {"rcpt", "to"}, {"destination", "to"}, {"domain", "to"},
	    {"sender", "from"}};
	const char *ours = find_ours(words, sizeof(words) / sizeof(*words), word);
	struct foreign_hop foreign = foreign_hop(word);

	if (foreign.kind == FOREIGN_REPLY)
		ours = reply_action(foreign.scheme);
	if (ours != NULL)
		diagnostic_help(diagnostics, d, "did you mean '%s'?", ours);
	return ours != NULL;
}

const char *
slip_tls(struct slice word)
{
	static const struct foreign_word words[] = {{"none", "off"}, {"no", "off"},
	    {"false", "off"}, {"may", "opportunistic"}, {"encrypt", "required"},
	    {"verify", "verified"}, {"secure", "verified"}, {"ssl", "implicit"},
	    {"smtps", "implicit"}};

	return find_ours(words, sizeof(words) / sizeof(*words), word);
}
