#include "text/lexical_fault.h"

#include <string.h>

#include "text/fault.h"

struct span
report_bytes(const struct report *report, const char *p, size_t n)
{
	uint32_t begin = source_pos(report->source, p);

	return span(begin, begin + (uint32_t)n);
}

bool
report_is_secret(const struct report *report, const char *p)
{
	return secrets_hide(&report->secrets, source_pos(report->source, p));
}

/* Whether nothing but blanks stands on the line from p on. */
static bool
ends_line(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\r'))
		p++;
	return p == end || *p == '\n';
}

/* A '\' that is not followed by a line end. */
static void
report_backslash(const struct report *report, const char *p, const char *end)
{
	struct span at = report_bytes(report, p, 1);
	struct diagnostic *d;

	if (p + 1 == end) {
		diagnose(report->diagnostics, at, SLUG_BAD_CONTINUATION,
		    "the line to continue with is missing");
		return;
	}
	d = diagnose(report->diagnostics, at, SLUG_BAD_CHARACTER,
	    "'\\' continues a line only as its last character");
	if (ends_line(p + 1, end))
		diagnostic_help(report->diagnostics, d, "take the blanks behind it away");
	else
		diagnostic_help(report->diagnostics, d,
		    "put the word in double quotes, with '\\\\' for '\\'");
}

static void
report_byte(const struct report *report, const char *p, const char *end)
{
	unsigned char byte = (unsigned char)*p;
	struct span at = report_bytes(report, p, 1);
	struct diagnostic *d;

	if (byte == '\\') {
		report_backslash(report, p, end);
	} else if (report_is_secret(report, p)) {
		d = diagnose(report->diagnostics, at, SLUG_BAD_CHARACTER,
		    "a character that cannot stand here");
		diagnostic_help(report->diagnostics, d,
		    "put the word in double quotes; \\xHH in them is any byte");
	} else if (byte == '\r') {
		d = diagnose(report->diagnostics, at, SLUG_BAD_CHARACTER,
		    "a carriage return stands only before a line feed");
	} else if (byte < 0x20 || byte == 0x7f) {
		d = diagnose(report->diagnostics, at, SLUG_BAD_CHARACTER,
		    "control byte 0x%02X is not allowed", byte);
	} else {
		d = diagnose(report->diagnostics, at, SLUG_BAD_CHARACTER,
		    "character '%c' cannot stand in a bare word", byte);
		if (byte == ';' && p > report->source->text && (p[-1] == ' ' || p[-1] == '\t') &&
		    !ends_line(p + 1, end))
			diagnostic_help(report->diagnostics, d, "a comment begins with '#'");
		else if (byte == ';' && ends_line(p + 1, end))
			diagnostic_help(report->diagnostics, d,
			    "a statement ends with its line: take the ';' away");
		else if (byte == ';')
			diagnostic_help(report->diagnostics, d,
			    "',' joins patterns, '|' or '&' source addresses");
		else if (byte == '#')
			diagnostic_help(report->diagnostics, d, "a comment begins behind a blank;"
			    " a word with a '#' in it stands in double quotes");
		else if (byte == '\'' || byte == '`')
			diagnostic_help(report->diagnostics, d,
			    "a string stands in double quotes: \"...\"");
		else if (byte == '^')
			diagnostic_help(report->diagnostics, d,
			    "a pattern is an address, a domain or '*.DOMAIN', no regular expression");
		else
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

	if (p < end && *p == ',' && !report_is_secret(report, p)) {
		diagnose(report->diagnostics, report_bytes(report, p, 1), SLUG_BAD_PATTERN,
		    "a pattern is missing beside ','");
		return;
	}
	if (*token->ptr == '"')
		diagnose(report->diagnostics, report_bytes(report, p, 1), SLUG_MISSING_BLANK,
		    "a blank is missing behind the string");
	else
		diagnose(report->diagnostics, report_bytes(report, p, 1), SLUG_MISSING_BLANK,
		    "a blank is missing before the string");
}

static void
report_open_string(const struct report *report, const struct token *token, const char *end)
{
	const char *stop = token->ptr + token->len;
	const char *newline = memchr(token->ptr, '\n', token->len);

	if (newline != NULL)
		stop = newline;
	else if (stop < end && *stop != '\n' && (*stop != '\r' || stop[1] != '\n')) {
		report_byte(report, stop, end);
		return;
	}
	diagnose(report->diagnostics, report_bytes(report, token->ptr, (size_t)(stop - token->ptr)),
	    SLUG_UNTERMINATED_STRING, "the string is not closed on its line");
}

bool
report_lexical(const struct report *report, const struct token *token, const char *end)
{
	switch (token->kind) {
	case TK_JUNK:
		report_byte(report, odd_byte(token->ptr, token->len), end);
		return true;
	case TK_STUCK:
		report_stuck(report, token, end);
		return true;
	case TK_UNTERMINATED:
		report_open_string(report, token, end);
		return true;
	case TK_CONTROL:
		report_byte(report, token->ptr, end);
		return true;
	case TK_LONG:
		diagnose(report->diagnostics, report_bytes(report, token->ptr, 1), SLUG_TOO_LONG,
		    "a word of over %d bytes", WORD_LENGTH_MAX);
		return true;
	case TK_CONTINUED:
		diagnose(report->diagnostics, report_bytes(report, token->ptr, 1),
		    SLUG_BAD_CONTINUATION, "the line to continue with is missing");
		return true;
	default:
		return false;
	}
}

void
fault_lexical(const struct parse *parse, const struct token *token)
{
	struct report report = {.source = parse->source, .diagnostics = parse->diagnostics};

	report_lexical(&report, token, parse->lexer.end);
}

/* With its byte order mark or without: no file of ours holds a NUL. */
static bool
is_utf16(const struct source *source)
{
	const char *p = source->text;
	bool pairs = source->size >= 2, low = source->size >= 4, high = low;

	for (size_t i = 0; (low || high) && i < 4; i++) {
		low &= (p[i] == '\0') == (i % 2 == 1);
		high &= (p[i] == '\0') == (i % 2 == 0);
	}
	return low || high ||
	    (pairs && (memcmp(p, "\xff\xfe", 2) == 0 || memcmp(p, "\xfe\xff", 2) == 0));
}

bool
fault_encoding(const struct source *source, struct diagnostics *diagnostics)
{
	struct diagnostic *d;

	if (!is_utf16(source))
		return false;
	d = diagnose(diagnostics, span(source->begin, source->begin + 1), SLUG_INVALID_UTF8,
	    "the file is UTF-16, not UTF-8");
	diagnostic_help(diagnostics, d, "save it as UTF-8");
	return true;
}

void
fault_vain(const struct parse *parse, const char *p)
{
	struct report report = {.source = parse->source};
	struct diagnostic *d = diagnose(parse->diagnostics, report_bytes(&report, p, 1),
	    SLUG_EMPTY_CONTINUATION, "the line goes on, but the next one is empty");

	diagnostic_help(parse->diagnostics, d,
	    "take the '\\' away; one that is a part of a word stands in double quotes, as '\\\\'");
}

void
fault_utf8(struct parse *parse, const char *at)
{
	struct report report = {.source = parse->source, .diagnostics = parse->diagnostics};
	struct span byte = report_bytes(&report, at, 1);
	bool carried = parse->carried;

	if (parse->begin != NULL)
		secrets_of_statement(parse->source, parse->begin, &carried, &report.secrets);
	if (report_is_secret(&report, at))
		diagnose(parse->diagnostics, byte, SLUG_INVALID_UTF8,
		      "a byte that is not valid UTF-8");
	else
		diagnose(parse->diagnostics, byte, SLUG_INVALID_UTF8,
		      "byte 0x%02X is not valid UTF-8", (unsigned char)*at);
	secrets_release(&report.secrets);
}
