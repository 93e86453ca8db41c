#include "text/fault.h"

#include <string.h>
#include <strings.h>

#include "base/nearest.h"
#include "base/number.h"
#include "base/utf8.h"
#include "text/lexical_fault.h"
#include "text/slip.h"
#include "text/suspect.h"

/* What the parser knew when it stopped. */
struct stop {
	struct report report;
	struct arena arena;
	const struct token *token;
	struct token keyword;	/* of the statement; kind NL when there is none */
	struct token before;	/* the token before the faulty one */
	struct token key;	/* the one before that */
	const char *end;	/* of the text */
	bool expected[PARSER_KINDS];
};

static const char *const kind_words[PARSER_KINDS] = {
    [TK_ROUTE] = "route", [TK_RELAY] = "relay", [TK_LIST] = "list", [TK_DEFAULT] = "default",
    [TK_INCLUDE] = "include", [TK_SOURCE] = "source", [TK_EXPECT] = "expect", [TK_FIRST] = "first",
    [TK_MX] = "mx", [TK_TO] = "to", [TK_USER] = "user", [TK_FROM] = "from",
    [TK_VIA] = "via", [TK_REJECT] = "reject", [TK_DEFER] = "defer", [TK_DISCARD] = "discard",
    [TK_FILE] = "file"};

#define OUTCOMES "'via HOST', 'first HOST', 'route ID', 'mx', 'reject', 'defer' or 'discard'"

static enum statement
statement_of(const struct stop *stop)
{
	return (enum statement)(stop->keyword.kind - TK_ROUTE + STATEMENT_ROUTE);
}

static struct slice
text(const struct token *token)
{
	return slice(token->ptr, token->len);
}

/* The words that could have stood where an unknown one does. */
static size_t
candidates(const struct stop *stop, const char *list[])
{
	size_t n = 0;

	for (int kind = 0; kind < PARSER_KINDS; kind++)
		if (stop->expected[kind] && kind_words[kind] != NULL)
			list[n++] = kind_words[kind];
	for (int i = 0; stop->expected[TK_OPTION] && i < OPTION_COUNT; i++)
		if (option_allowed((enum option)i, statement_of(stop)))
			list[n++] = option_word((enum option)i);
	return n;
}

/* `route to user x`: the keyword became the value, and x stands alone. */
static bool
keyword_as_value(const struct stop *stop)
{
	return stop->before.kind == TK_WORD && (stop->before.info & WORD_QUOTED) == 0 &&
	    is_route_word(text(&stop->before));
}

/* The word as it may be shown. */
static struct slice
shown(struct stop *stop, const struct token *token)
{
	uint32_t begin = source_pos(stop->report.source, token->ptr);

	return secrets_mask(&stop->report.secrets, stop->report.source, begin,
	    begin + token->len, &stop->arena);
}

/* The '\\' by which the faulty token's line belongs to the one before; NULL: there is none. */
static const char *
continuation(const struct stop *stop)
{
	const char *after = stop->before.ptr + stop->before.len;
	const char *end = memchr(after, '\n', (size_t)(stop->token->ptr - after));

	return end == NULL ? NULL : memrchr(after, '\\', (size_t)(end - after));
}

/* A word behind the host of a route, relay or expectation. */
static bool
help_behind_host(const struct stop *stop, struct diagnostic *d)
{
	struct diagnostics *diagnostics = stop->report.diagnostics;
	struct slice word = text(stop->token), host = text(&stop->before);
	struct foreign_hop foreign = foreign_hop(host);

	if (foreign.kind == FOREIGN_REPLY)
		slip_host(diagnostics, d, &foreign);
	else if (stop->keyword.kind != TK_EXPECT &&
	    (host.ptr[host.len - 1] == ',' || word.ptr[0] == ','))
		slip_hosts(diagnostics, d);
	else if (foreign.kind != FOREIGN_NONE || suspect_user_info(host) != NULL ||
	    utf8_lookalike(host) != NULL)
		return false;
	else if (stop->keyword.kind == TK_RELAY && slice_is(host, "via"))
		diagnostic_help(diagnostics, d,
		    "the host stands right behind the relay's name: take the 'via' away");
	else
		return !keyword_as_value(stop) && slip_behind_host(diagnostics, d, host, word,
		    stop->keyword.kind == TK_ROUTE);
	return true;
}

/* A word behind the value of an option: several words, where the option takes one. */
static bool
help_behind_option(const struct stop *stop, struct diagnostic *d)
{
	struct diagnostics *diagnostics = stop->report.diagnostics;
	struct slice word = text(stop->token);

	if (stop->key.info == OPTION_LOGIN)
		diagnostic_help(diagnostics, d, "the word 'password' stands before a password;"
		    " a login with blanks stands in double quotes");
	else if (stop->key.info == OPTION_PASSWORD)
		diagnostic_help(diagnostics, d, continuation(stop) != NULL
			? "a password that ends in '\\' stands in double quotes, with '\\\\' for it"
			: "a password with blanks stands in double quotes, and no '=' before it");
	else if (stop->key.info == OPTION_PASSWORD_FILE &&
	    report_is_secret(&stop->report, word.ptr))
		diagnostic_help(diagnostics, d, "a path with blanks stands in double quotes");
	else if (stop->key.info == OPTION_LOCAL &&
	    (memchr("|&,", word.ptr[0], 3) != NULL || (word.ptr[0] >= '0' && word.ptr[0] <= '9') ||
		memchr(word.ptr, ':', word.len) != NULL))
		slip_addresses(diagnostics, d);
	else
		return false;
	return true;
}

static bool
help_behind(const struct stop *stop, struct diagnostic *d)
{
	if (stop->before.kind != TK_WORD)
		return false;
	if (stop->key.kind == TK_OPTION)
		return help_behind_option(stop, d);
	if (stop->key.kind == TK_SOURCE && !keyword_as_value(stop)) {
		struct slice word = text(stop->token);
		bool name = memchr(word.ptr, '.', word.len) != NULL;

		diagnostic_help(stop->report.diagnostics, d, "did you mean 'helo%s%.*s'?",
		    name ? " " : "", name ? (int)word.len : 0, word.ptr);
		return true;
	}
	return (stop->key.kind == TK_VIA || stop->key.kind == TK_FIRST ||
		   (stop->key.kind == TK_WORD && stop->keyword.kind == TK_RELAY)) &&
	    help_behind_host(stop, d);
}

/* "port=25": an option with a sign behind it. */
static bool
help_joined(const struct stop *stop, struct diagnostic *d, const char *list[], size_t count)
{
	struct slice word = text(stop->token), name = slice(word.ptr, suspect_name(word));

	if (name.len == word.len || memchr("=:", word.ptr[name.len], 2) == NULL)
		return false;
	for (size_t i = 0; i < count; i++)
		if (slice_is(name, list[i])) {
			diagnostic_help(stop->report.diagnostics, d,
			    "a blank stands between '%s' and its value", list[i]);
			return true;
		}
	return false;
}

/* Whether an action stands behind the faulty word. */
static bool
action_follows(const struct stop *stop)
{
	const char *p = stop->token->ptr + stop->token->len;

	for (size_t n; p < stop->end && *p != '\n'; p += n + (n == 0)) {
		n = 0;
		while (p + n < stop->end && (unsigned char)p[n] > ' ')
			n++;
		for (int kind = TK_VIA; kind <= TK_DISCARD; kind++)
			if (slice_is(slice(p, n), kind_words[kind]))
				return true;
	}
	return false;
}

/* A name where a selector or `via` has to stand before one. */
static bool
help_keyword(const struct stop *stop, struct diagnostic *d)
{
	struct slice word = text(stop->token);
	bool first = stop->before.ptr == stop->keyword.ptr || stop->before.kind == TK_ID;

	if (!stop->expected[TK_VIA])
		return false;
	if (slip_keyword(stop->report.diagnostics, d, word))
		return true;
	if (stop->keyword.kind == TK_EXPECT && word.len > 3 && strncasecmp(word.ptr, "mx:", 3) == 0) {
		diagnostic_help(stop->report.diagnostics, d, "did you mean 'mx%.*s'?",
		    (int)word.len - 2, word.ptr + 2);
		return true;
	}
	if (first && slip_id(stop->report.diagnostics, d, word))
		return true;
	if (memchr(word.ptr, '.', word.len) == NULL && memchr("@$", word.ptr[0], 2) == NULL)
		return false;
	if (stop->key.kind >= TK_TO && stop->key.kind <= TK_FROM && action_follows(stop)) {
		slip_patterns(stop->report.diagnostics, d, text(&stop->before), word);
		return true;
	}
	diagnostic_help(stop->report.diagnostics, d, "did you mean '%s %.*s'?",
	    first && word.ptr[0] != '@' ? "to" : "via", SLICE_ARG(word));
	return true;
}

/* A part of a statement on a line of its own. */
static void
help_alone(struct diagnostics *diagnostics, struct diagnostic *d, struct slice word)
{
	static const char joined[] = "a line goes on in the next one with a '\\' at its end";
	bool keyword = false;

	for (size_t i = 0; i < ROUTE_KEYWORDS; i++)
		keyword |= slice_is(word, route_words[i]);
	if (keyword)
		diagnostic_help(diagnostics, d, "did you mean 'route %.*s'? %s", SLICE_ARG(word), joined);
	else
		diagnostic_help(diagnostics, d, "%s", joined);
}

/* As other languages have them. */
static bool
is_comment(struct slice word)
{
	return word.ptr[0] == ';' || (word.len > 1 && (memcmp(word.ptr, "//", 2) == 0 ||
							memcmp(word.ptr, "--", 2) == 0));
}

/* What may be behind an unknown word. */
static void
help_unknown(const struct stop *stop, struct diagnostic *d, const char *list[], size_t count)
{
	struct diagnostics *diagnostics = stop->report.diagnostics;
	struct slice word = text(stop->token), before = text(&stop->before);
	const char *itself = utf8_lookalike(word), *odd = itself;
	const char *nearest = nearest_word(word, list, count);
	bool comma = word.ptr[0] == ',' || (before.len > 0 && before.ptr[before.len - 1] == ',');

	if (odd == NULL && stop->before.kind == TK_WORD)
		odd = utf8_lookalike(before);
	if (slice_is(before, "=") && stop->before.kind == TK_WORD &&
	    !report_is_secret(&stop->report, before.ptr))
		slip_equals(diagnostics, d);
	else if (nearest != NULL)
		diagnostic_help(diagnostics, d, "did you mean '%s'?%s%s", nearest,
		    itself != NULL ? " there is " : "", itself != NULL ? itself : "");
	else if (is_comment(word))
		diagnostic_help(diagnostics, d, "a comment begins with '#'");
	else if (stop->keyword.kind == TK_NL && odd != NULL)
		diagnostic_help(diagnostics, d, "there is %s", odd);
	else if (stop->keyword.kind == TK_NL && is_route_word(word))
		help_alone(diagnostics, d, word);
	else if (stop->keyword.kind == TK_NL)
		diagnostic_help(diagnostics, d,
		    "a line begins with 'route', 'relay', 'source', 'list', 'default', 'include', 'expect' or '#'");
	else if (help_joined(stop, d, list, count) || help_behind(stop, d) ||
	    report_is_secret(&stop->report, word.ptr))
		return;
	else if (odd != NULL)
		diagnostic_help(diagnostics, d, "there is %s", odd);
	else if (stop->expected[TK_STRING])
		diagnostic_help(diagnostics, d, "put the text in double quotes");
	else if (keyword_as_value(stop))
		diagnostic_help(diagnostics, d,
		    "'%.*s' was taken as the value of '%.*s'; is that value missing?",
		    SLICE_ARG(before), SLICE_ARG(text(&stop->key)));
	else if (comma)
		diagnostic_help(diagnostics, d, "patterns are joined by ',' without blanks");
	else if (!help_keyword(stop, d) && stop->expected[TK_VIA])
		diagnostic_help(diagnostics, d, "'to', 'user', 'from' or %s stands here",
		    stop->keyword.kind == TK_EXPECT ? "an outcome: " OUTCOMES
			: "an action: 'via', 'reject', 'defer', 'discard'");
}

static void
report_unknown(struct stop *stop)
{
	const char *list[PARSER_KINDS + OPTION_COUNT];
	const struct report *report = &stop->report;
	struct slice word = text(stop->token);
	struct span at = report_bytes(report, word.ptr, word.len);
	size_t count = candidates(stop, list);
	bool option = stop->expected[TK_OPTION];
	struct diagnostic *d;

	word = shown(stop, stop->token);
	if (stop->expected[TK_STRING] && stop->keyword.kind != TK_ROUTE) {
		d = diagnose(report->diagnostics, at, SLUG_BAD_PATH, "'%.*s' is not a quoted path",
		    SLICE_ARG(word));
		diagnostic_help(report->diagnostics, d, "put the path in double quotes");
		return;
	}
	d = diagnose(report->diagnostics, at, option ? SLUG_UNKNOWN_OPTION : SLUG_UNKNOWN_KEYWORD,
	    "unknown %s '%.*s'", option ? "option" : "keyword", SLICE_ARG(word));
	help_unknown(stop, d, list, count);
}

static void
report_no_host(const struct report *report, struct span gap, struct slice word)
{
	struct diagnostic *d = diagnose(report->diagnostics, gap, SLUG_MISSING_VALUE,
	    "the relay's host is missing");

	if (memchr(word.ptr, '.', word.len) != NULL && memchr(word.ptr, ':', word.len) == NULL)
		diagnostic_help(report->diagnostics, d, "did you mean 'relay NAME %.*s'?",
		    SLICE_ARG(word));
}

/* What is missing may be there, behind a '#' that was not meant to begin a comment. */
static void
help_comment(const struct stop *stop, const char *end)
{
	const char *p = stop->before.ptr + stop->before.len;

	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	if (end - p > 1 && p[0] == '#' && memchr("# \t\r\n", p[1], 5) == NULL)
		diagnostic_help(stop->report.diagnostics, stop->report.diagnostics->last,
		    "a '#' at the start of a word begins a comment; in double quotes it does not");
}

/* The line ends, or a valid word comes, where something else has to stand. */
static bool
report_missing(const struct stop *stop)
{
	const struct report *report = &stop->report;
	const char *after = stop->before.ptr + stop->before.len;
	struct span gap = report_bytes(report, after, 0);

	if (stop->expected[TK_WORD] || stop->expected[TK_STRING]) {
		struct slice word = text(&stop->before);

		if (stop->before.kind == TK_RELAY || stop->before.kind == TK_LIST)
			diagnose(report->diagnostics, gap, SLUG_MISSING_VALUE,
			    "the name of the %.*s is missing", SLICE_ARG(word));
		else if (stop->before.kind == TK_SOURCE)
			diagnose(report->diagnostics, gap, SLUG_MISSING_VALUE,
			    "the address of the source is missing");
		else if (stop->before.kind == TK_WORD && stop->keyword.kind == TK_RELAY)
			report_no_host(report, gap, word);
		else if (stop->before.kind == TK_WORD)
			diagnose(report->diagnostics, gap, SLUG_MISSING_VALUE,
			    "the list has no values");
		else
			diagnose(report->diagnostics, gap, SLUG_MISSING_VALUE,
			    "the value of '%.*s' is missing", SLICE_ARG(word));
		return true;
	}
	if (stop->expected[TK_VIA] && stop->keyword.kind == TK_EXPECT) {
		struct diagnostic *d = diagnose(report->diagnostics, gap, SLUG_MISSING_ACTION,
		    "the expectation has no outcome");

		diagnostic_help(report->diagnostics, d, "add " OUTCOMES);
		return true;
	}
	if (stop->expected[TK_VIA]) {
		struct diagnostic *d = diagnose(report->diagnostics, gap, SLUG_MISSING_ACTION,
		    "the route has no action");

		diagnostic_help(report->diagnostics, d, "add 'via HOST', 'reject', 'defer' or 'discard'");
		return true;
	}
	if (stop->keyword.kind == TK_SOURCE) {
		diagnose(report->diagnostics, gap, SLUG_MISSING_VALUE,
		    "the source has no 'helo'");
		return true;
	}
	if (stop->keyword.kind == TK_DEFAULT) {
		diagnose(report->diagnostics, gap, SLUG_MISSING_VALUE, "the default has no option");
		return true;
	}
	return false;
}

/* A known word in a place where it has no meaning. */
static void
report_misplaced(const struct stop *stop)
{
	const struct report *report = &stop->report;
	struct slice word = text(stop->token);
	struct span at = report_bytes(report, word.ptr, word.len);
	struct diagnostic *d;

	switch (stop->token->kind) {
	case TK_VIA:
	case TK_REJECT:
	case TK_DEFER:
	case TK_DISCARD:
		if (stop->keyword.kind == TK_DEFAULT) {
			d = diagnose(report->diagnostics, at, SLUG_MISPLACED_KEYWORD,
			    "'%.*s' is no option", SLICE_ARG(word));
			diagnostic_help(report->diagnostics, d, "mail that no other route takes"
			    " goes by 'route %.*s ...'", SLICE_ARG(word));
			return;
		}
		if (stop->keyword.kind != TK_ROUTE)
			break;
		d = diagnose(report->diagnostics, at, SLUG_SECOND_ACTION, "'%.*s' is a second action",
		    SLICE_ARG(word));
		if (stop->token->kind == TK_VIA && stop->before.kind == TK_WORD)
			slip_hosts(report->diagnostics, d);
		return;
	case TK_TO:
	case TK_USER:
	case TK_FROM:
		if (stop->keyword.kind != TK_ROUTE && stop->keyword.kind != TK_EXPECT)
			break;
		d = diagnose(report->diagnostics, at, SLUG_MISPLACED_KEYWORD,
		    "'%.*s' stands behind the %s", SLICE_ARG(word),
		    stop->keyword.kind == TK_ROUTE ? "action" : "outcome");
		diagnostic_help(report->diagnostics, d, "selectors come before %s%s",
		    stop->keyword.kind == TK_ROUTE ? "'via', 'reject', 'defer' and 'discard'" : "it",
		    stop->token->kind == TK_USER ? "; a login at the relay is 'login'" : "");
		return;
	case TK_OPTION:
		d = diagnose(report->diagnostics, at, SLUG_MISPLACED_KEYWORD,
		    "option '%.*s' stands before the action", SLICE_ARG(word));
		diagnostic_help(report->diagnostics, d, "options come after 'via HOST'");
		return;
	case TK_STRING:
		d = diagnose(report->diagnostics, at, SLUG_UNEXPECTED_STRING,
		    "a string has no meaning here");
		if (stop->before.kind == TK_DISCARD)
			diagnostic_help(report->diagnostics, d, "'discard' tells nobody anything");
		return;
	default:
		break;
	}
	diagnose(report->diagnostics, at, SLUG_MISPLACED_KEYWORD,
	    "'%.*s' has no meaning in this statement", SLICE_ARG(word));
}

/* Reads the statement again up to the faulty token. */
static void
look_back(struct stop *stop, const struct parse *parse)
{
	struct lexer lexer;
	struct token token;

	stop->keyword.kind = TK_NL;
	stop->before = stop->key = stop->keyword;
	stop->before.ptr = parse->begin;
	lexer_init(&lexer, parse->begin, parse->lexer.end, LEX_STATEMENT, 1);
	for (lexer_next_joined(&lexer, &token);
	     token.ptr < stop->token->ptr && token.kind != TK_NL && token.kind != 0;
	     lexer_next_joined(&lexer, &token)) {
		if (stop->keyword.kind == TK_NL)
			stop->keyword = token;
		stop->key = stop->before;
		stop->before = token;
	}
	parser_expected(parse->begin, parse->lexer.end, stop->token->ptr, stop->expected);
}

void
fault_syntax(struct parse *parse, const struct token *token)
{
	struct stop stop = {
	    .report = {.source = parse->source, .diagnostics = parse->diagnostics},
	    .token = token,
	    .end = parse->lexer.end};
	bool carried = parse->carried;
	const char *backslash;

	look_back(&stop, parse);
	secrets_of_statement(parse->source, parse->begin, &carried, &stop.report.secrets);
	if (token->kind == TK_UNKNOWN ||
	    (token->kind == TK_JUNK && stop.keyword.kind == TK_NL &&
		memchr(token->ptr, '\x7f', token->len) == NULL))
		report_unknown(&stop);
	else if (report_lexical(&stop.report, token, parse->lexer.end))
		;
	else if (token->kind == TK_NL && report_missing(&stop))
		help_comment(&stop, parse->lexer.end);
	else
		report_misplaced(&stop);
	backslash = continuation(&stop);
	if (backslash != NULL)
		diagnostic_note(parse->diagnostics, parse->diagnostics->last,
		    report_bytes(&stop.report, backslash, 1), "this line goes on in the next one");
	secrets_release(&stop.report.secrets);
	arena_release(&stop.arena);
}
