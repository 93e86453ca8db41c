/*
 * parser_expected: what it says may come next is what the parser then takes.
 * did-you-mean draws its candidates from there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "text/parse.h"

static const struct {
	int kind;
	const char *word;
} keywords[] = {{TK_ROUTE, "route"}, {TK_RELAY, "relay"}, {TK_LIST, "list"}, {TK_DEFAULT, "default"},
    {TK_INCLUDE, "include"}, {TK_ID, "7"}, {TK_TO, "to"}, {TK_USER, "user"}, {TK_FROM, "from"},
    {TK_VIA, "via"}, {TK_REJECT, "reject"}, {TK_DEFER, "defer"}, {TK_OPTION, "weight"},
    {TK_STRING, "\"text\""}, {TK_NL, "\n"}};
enum { KEYWORDS = sizeof(keywords) / sizeof(*keywords) };

/* Prefixes behind which the lexer looks for keywords, so that each is one token. */
static const char *const prefixes[] = {"", "route ", "route 7 ", "route to a ", "route 7 to a,\"b\" ",
    "route to \"a\",b user c ", "route from a to b ", "route to a to b ", "route via h ",
    "route 7 to a via h ", "route via h port 25 ", "route via h port 25 login l ", "route reject ",
    "route reject \"no\" ", "route to a defer ", "route defer \"no\" priority 3 ", "relay r h ",
    "relay r h port 25 ", "list l file \"x\" ", "default ", "default port 25 ",
    "default port 25 tls off ", "include \"x\" "};

/* Whether the parser takes the word: no fault is reported where it stands. */
static bool
takes(const char *prefix, const char *word)
{
	size_t n = strlen(prefix), size = n + strlen(word);
	char *text = calloc(1, size + SOURCE_SLACK);
	struct sources sources = {0};
	struct diagnostics diagnostics = {0};
	struct diagnostics_cursor cursor = {0};
	struct stmts stmts = {0};
	const struct diagnostic *d;
	struct source *source;
	bool taken = true;

	assert_non_null(text);
	memcpy(text, prefix, n);
	memcpy(text + n, word, strlen(word));
	source = sources_add(&sources, slice_str("text"), text, size);
	parse_file(source, &diagnostics, &stmts);
	while ((d = diagnostics_next(&diagnostics, &cursor)) != NULL) {
		/* At a line end, what is missing belongs in front of it. */
		if (d->at.begin - source->begin >= n || *word == '\n')
			taken = taken && d->at.begin - source->begin > n;
	}
	stmts_release(&stmts);
	diagnostics_release(&diagnostics);
	sources_release(&sources);
	free(text);
	return taken;
}

static void
what_is_expected_is_taken(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
		size_t n = strlen(prefixes[i]);
		char *text = calloc(1, n + SOURCE_SLACK);
		bool set[PARSER_KINDS];

		assert_non_null(text);
		memcpy(text, prefixes[i], n);
		parser_expected(text, text + n, text + n, set);
		for (size_t k = 0; k < KEYWORDS; k++)
			if (set[keywords[k].kind] != takes(prefixes[i], keywords[k].word))
				fail_msg("'%s' behind '%s': expected %d", keywords[k].word, prefixes[i],
				    set[keywords[k].kind]);
		free(text);
	}
}

static void
kinds_of_faults_are_never_expected(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
		bool set[PARSER_KINDS];
		const char *p = prefixes[i];
		char text[64 + SOURCE_SLACK] = {0};

		memcpy(text, p, strlen(p));
		parser_expected(text, text + strlen(p), text + strlen(p), set);
		for (int kind = TK_UNKNOWN; kind < PARSER_KINDS; kind++)
			assert_false(set[kind]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_expected_is_taken),
	    cmocka_unit_test(kinds_of_faults_are_never_expected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
