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
	for (p++; p < end && (*p == ' ' || *p == '\t'); p++)
		;
	if (p == end || *p == '\n' || *p == '\r')
		diagnostic_help(report->diagnostics, d, "take the blanks behind it away");
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

/* Two bytes a character, as some editors save it. */
static bool
is_utf16(const struct source *source)
{
	return source->size >= 2 && (memcmp(source->text, "\xff\xfe", 2) == 0 ||
					memcmp(source->text, "\xfe\xff", 2) == 0);
}

void
fault_utf8(struct parse *parse, const char *at)
{
	struct report report = {.source = parse->source, .diagnostics = parse->diagnostics};
	struct span byte = report_bytes(&report, at, 1);
	bool carried = parse->carried;
	struct diagnostic *d;

	if (parse->begin != NULL)
		secrets_of_statement(parse->source, parse->begin, &carried, &report.secrets);
	d = report_is_secret(&report, at)
		? diagnose(parse->diagnostics, byte, SLUG_INVALID_UTF8,
		      "a byte that is not valid UTF-8")
		: diagnose(parse->diagnostics, byte, SLUG_INVALID_UTF8,
		      "byte 0x%02X is not valid UTF-8", (unsigned char)*at);
	if (at == parse->source->text && is_utf16(parse->source))
		diagnostic_help(parse->diagnostics, d,
		    "the file looks like UTF-16: save it as UTF-8");
	secrets_release(&report.secrets);
}
