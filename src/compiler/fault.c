#include "compiler/fault.h"

#include <string.h>

#include "compiler/secret.h"

/* Where a fault is reported. */
struct report {
	const struct source *source;
	struct diagnostics *diagnostics;
};

static struct span
bytes(const struct report *report, const char *p, size_t n)
{
	uint32_t begin = source_pos(report->source, p);

	return span(begin, begin + (uint32_t)n);
}

static void
report_byte(const struct report *report, const char *p)
{
	unsigned char byte = (unsigned char)*p;
	struct span at = bytes(report, p, 1);
	struct diagnostic *d;

	if (byte == '\\') {
		d = diagnose(report->diagnostics, SEVERITY_ERROR, at, "bad-character",
		    "'\\' continues a line only as its last character");
	} else if (byte == '\r') {
		d = diagnose(report->diagnostics, SEVERITY_ERROR, at, "bad-character",
		    "a carriage return stands only before a line feed");
	} else if (byte < 0x20 || byte == 0x7f) {
		d = diagnose(report->diagnostics, SEVERITY_ERROR, at, "bad-character",
		    "control byte 0x%02X is not allowed", byte);
	} else {
		d = diagnose(report->diagnostics, SEVERITY_ERROR, at, "bad-character",
		    "character '%c' cannot stand in a bare word", byte);
		diagnostic_help(report->diagnostics, d, "put the word in double quotes");
	}
}

/* The first byte of a word that may not stand bare. */
static const char *
odd_byte(const char *p, size_t n)
{
	static const char odd[] = "\"#'();?\\^`{}\x7f";

	for (; n > 1; p++, n--)
		if ((unsigned char)*p < 0x20 || memchr(odd, *p, sizeof(odd) - 1) != NULL)
			break;
	return p;
}

static void
report_stuck(const struct report *report, const struct token *token, const char *end)
{
	const char *p = token->ptr + token->len;

	if (p < end && *p == ',') {
		diagnose(report->diagnostics, SEVERITY_ERROR, bytes(report, p, 1), "bad-pattern",
		    "a pattern is missing beside ','");
		return;
	}
	diagnose(report->diagnostics, SEVERITY_ERROR, bytes(report, p, 1), "missing-blank",
	    "a blank is missing before '%c'", p < end ? *p : ' ');
}

static void
report_open_string(const struct report *report, const struct token *token, const char *end)
{
	const char *stop = token->ptr + token->len;

	if (stop < end && *stop != '\n' && *stop != '\r') {
		report_byte(report, stop);
		return;
	}
	diagnose(report->diagnostics, SEVERITY_ERROR, bytes(report, token->ptr, token->len),
	    "unterminated-string", "the string is not closed on its line");
}

bool
fault_lexical(const struct source *source, struct diagnostics *diagnostics,
    const struct token *token, const char *end)
{
	struct report report = {source, diagnostics};

	switch (token->kind) {
	case TK_JUNK:
		report_byte(&report, odd_byte(token->ptr, token->len));
		return true;
	case TK_STUCK:
		report_stuck(&report, token, end);
		return true;
	case TK_UNTERMINATED:
		report_open_string(&report, token, end);
		return true;
	case TK_CONTROL:
		report_byte(&report, token->ptr);
		return true;
	case TK_LONG:
		diagnose(diagnostics, SEVERITY_ERROR, bytes(&report, token->ptr, 1), "too-long",
		    "a word of over %u bytes", WORD_LENGTH_MAX);
		return true;
	case TK_CONTINUED:
		diagnose(diagnostics, SEVERITY_ERROR, bytes(&report, token->ptr, 1),
		    "bad-continuation", "the line to continue with is missing");
		return true;
	default:
		return false;
	}
}

/* What the parser knew when it stopped. */
struct stop {
	struct report report;
	const struct token *token;
	struct token keyword;	/* of the statement; kind NL when there is none */
	struct token before;	/* the token before the faulty one */
	struct token key;	/* the one before that */
	bool credential;	/* login or password stands before */
	bool expected[PARSER_KINDS];
};

static const char *const kind_words[PARSER_KINDS] = {
    [TK_ROUTE] = "route", [TK_RELAY] = "relay", [TK_LIST] = "list", [TK_DEFAULT] = "default",
    [TK_INCLUDE] = "include", [TK_TO] = "to", [TK_USER] = "user", [TK_FROM] = "from",
    [TK_VIA] = "via", [TK_REJECT] = "reject", [TK_DEFER] = "defer", [TK_FILE] = "file"};

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
	static const int keywords[] = {TK_TO, TK_USER, TK_FROM, TK_VIA, TK_REJECT, TK_DEFER};

	if (stop->before.kind != TK_WORD || stop->before.info & WORD_QUOTED)
		return false;
	for (size_t i = 0; i < sizeof(keywords) / sizeof(*keywords); i++)
		if (slice_is(text(&stop->before), kind_words[keywords[i]]))
			return true;
	for (int i = 0; i < OPTION_COUNT; i++)
		if (slice_is(text(&stop->before), option_word((enum option)i)))
			return true;
	return false;
}

static void
report_unknown(const struct stop *stop)
{
	const char *list[PARSER_KINDS + OPTION_COUNT];
	const struct report *report = &stop->report;
	struct slice word = text(stop->token);
	struct span at = bytes(report, word.ptr, word.len);
	bool statement = stop->keyword.kind == TK_NL;
	const char *nearest = word_nearest(word, list, candidates(stop, list));
	struct diagnostic *d;

	if (stop->expected[TK_STRING] && stop->keyword.kind != TK_ROUTE) {
		d = diagnose(report->diagnostics, SEVERITY_ERROR, at, "bad-path",
		    "'%.*s' is not a quoted path", SLICE_ARG(word));
		diagnostic_help(report->diagnostics, d, "put the path in double quotes");
		return;
	}
	/* A lone word near a credential may be the secret itself. */
	if (nearest == NULL && stop->credential)
		word = slice_str(SECRET_MASK);
	d = diagnose(report->diagnostics, SEVERITY_ERROR, at,
	    stop->expected[TK_OPTION] ? "unknown-option" : "unknown-keyword",
	    "unknown %s '%.*s'", stop->expected[TK_OPTION] ? "option" : "keyword",
	    SLICE_ARG(word));
	if (nearest != NULL)
		diagnostic_help(report->diagnostics, d, "did you mean '%s'?", nearest);
	else if (keyword_as_value(stop))
		diagnostic_help(report->diagnostics, d,
		    "'%.*s' was taken as the value of '%.*s'; is that value missing?",
		    SLICE_ARG(text(&stop->before)), SLICE_ARG(text(&stop->key)));
	else if (stop->before.len > 0 && stop->before.ptr[stop->before.len - 1] == ',')
		diagnostic_help(report->diagnostics, d, "patterns are joined by ',' without blanks");
	else if (statement)
		diagnostic_help(report->diagnostics, d,
		    "a line begins with 'route', 'relay', 'list', 'default', 'include' or '#'");
}

/* The line ends, or a valid word comes, where something else has to stand. */
static bool
report_missing(const struct stop *stop)
{
	const struct report *report = &stop->report;
	const char *after = stop->before.ptr + stop->before.len;
	struct span gap = bytes(report, after, 0);

	if (stop->expected[TK_WORD] || stop->expected[TK_STRING]) {
		struct slice word = text(&stop->before);

		if (stop->before.kind == TK_WORD && stop->keyword.kind == TK_RELAY)
			diagnose(report->diagnostics, SEVERITY_ERROR, gap, "missing-value",
			    "the relay's host is missing");
		else if (stop->before.kind == TK_WORD)
			diagnose(report->diagnostics, SEVERITY_ERROR, gap, "missing-value",
			    "the list has no values");
		else
			diagnose(report->diagnostics, SEVERITY_ERROR, gap, "missing-value",
			    "the value of '%.*s' is missing", SLICE_ARG(word));
		return true;
	}
	if (stop->expected[TK_VIA]) {
		struct diagnostic *d = diagnose(report->diagnostics, SEVERITY_ERROR, gap,
		    "missing-action", "the route has no action");

		diagnostic_help(report->diagnostics, d, "add 'via HOST', 'reject' or 'defer'");
		return true;
	}
	if (stop->keyword.kind == TK_DEFAULT) {
		diagnose(report->diagnostics, SEVERITY_ERROR, gap, "missing-value",
		    "the default has no option");
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
	struct span at = bytes(report, word.ptr, word.len);
	struct diagnostic *d;

	switch (stop->token->kind) {
	case TK_VIA:
	case TK_REJECT:
	case TK_DEFER:
		if (stop->keyword.kind != TK_ROUTE)
			break;
		diagnose(report->diagnostics, SEVERITY_ERROR, at, "second-action",
		    "'%.*s' is a second action", SLICE_ARG(word));
		return;
	case TK_TO:
	case TK_USER:
	case TK_FROM:
		if (stop->keyword.kind != TK_ROUTE)
			break;
		d = diagnose(report->diagnostics, SEVERITY_ERROR, at, "misplaced-keyword",
		    "'%.*s' stands behind the action", SLICE_ARG(word));
		diagnostic_help(report->diagnostics, d,
		    "selectors come before 'via', 'reject' and 'defer'");
		return;
	case TK_OPTION:
		d = diagnose(report->diagnostics, SEVERITY_ERROR, at, "misplaced-keyword",
		    "option '%.*s' stands before the action", SLICE_ARG(word));
		diagnostic_help(report->diagnostics, d, "options come after 'via HOST'");
		return;
	case TK_STRING:
		diagnose(report->diagnostics, SEVERITY_ERROR, at, "unexpected-string",
		    "a string has no meaning here");
		return;
	default:
		break;
	}
	diagnose(report->diagnostics, SEVERITY_ERROR, at, "misplaced-keyword",
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
	for (lexer_next(&lexer, &token);
	     token.ptr < stop->token->ptr && token.kind != TK_NL && token.kind != 0;
	     lexer_next(&lexer, &token)) {
		if (stop->keyword.kind == TK_NL)
			stop->keyword = token;
		if (token.kind == TK_OPTION &&
		    (token.info == OPTION_LOGIN || token.info == OPTION_PASSWORD))
			stop->credential = true;
		stop->key = stop->before;
		stop->before = token;
	}
	parser_expected(parse->begin, parse->lexer.end, stop->token->ptr, stop->expected);
}

void
fault_syntax(struct parse *parse, const struct token *token)
{
	struct stop stop = {.report = {parse->source, parse->diagnostics}, .token = token};

	if (fault_lexical(parse->source, parse->diagnostics, token, parse->lexer.end))
		return;
	look_back(&stop, parse);
	if (token->kind == TK_UNKNOWN)
		report_unknown(&stop);
	else if (token->kind != TK_NL || !report_missing(&stop))
		report_misplaced(&stop);
}

void
fault_utf8(struct parse *parse, const char *at)
{
	struct report report = {parse->source, parse->diagnostics};

	diagnose(parse->diagnostics, SEVERITY_ERROR, bytes(&report, at, 1), "invalid-utf8",
	    "byte 0x%02X is not valid UTF-8", (unsigned char)*at);
}
