/*
 * parser_expected: what it says may come next is what the parser then takes.
 * did-you-mean draws its candidates from there.
 *
 * And what is read without lexer and parser is what they read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
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

/* Lines of words one blank apart, which are read quickly if all their words are usual. */
static const char *const lines[] = {"expect to joe@a.example via h.example\n",
    "expect to a.example via h.example\n", "expect to a.example via h.example\r\n",
    "expect to Joe.Doe+x@A.example via H.example:587\n",
    "expect to joe@a.example user u@b.example from s@c.example via h.example tls off\n",
    "expect to joe@a.example user u from c.example first h.example tls verified\n",
    "expect to joe@a.example from <> first h.example tls opportunistic\n",
    "expect to joe@a.example from * via @relay\n", "expect to $list user any via [2001:db8::1]:25\n",
    "expect to any via any\n", "expect to anyone.example from any via abc\n",
    "expect to user@host@a.example via 192.0.2.1\n", "expect to a.b1 via h- tls 1\n",
    "expect to 4294967295 via 1.2.3.4.5\n", "expect to a.-b via -h_\n",
    "expect to @a.example via mx tls off\n", "expect to a. via mx:a.example\n",
    "expect to averylongnameofmorethanoneblock.of.bytes@averylongnameofmorethantwoblocks.example "
    "user averylongnameofmorethanoneblock.of.bytes from averylongnameofmorethanoneblock@b.example "
    "via averylongnameofmorethanoneblock.and-many-more.of.bytes tls off\n",
    "expect to fifteen.b@ytes via h.example\n", "expect to sixteen.by@tes. via h.example\n",
    "expect to a.example,b@b.example via h.example\n", "expect to a.example via h.example,i.example:26\n",
    "expect to \"a b\"@a.example via \"h.example\"\n", "expect to a.example via h.example # why\n",
    "expect to a.example via h.example tls off helo b.example\n",
    "expect to a.example via h.example helo \"\"\n", "expect to a.example via h.example tls a,b\n",
    "expect to a.example from s user u via h.example\n", "expect to a.example to b.example via h\n",
    "expect to a.example via h.example \\\n tls off\n", "expect to a.example mx\n",
    "expect to a.example route 1,2 login me\n", "expect to a.example reject\n",
    "route to a.example via h.example\n", "route 7 to a.example via h.example:26\n"};

/* Lines like those that something is wrong with. */
static const char *const faulty[] = {"expect to a.example via\n", "expect to a.example via h.example tls\n",
    "expect to  via h.example\n", "expect to joe@a.example  h.example\n", "expect to via h.example\n",
    "expect to a.example via h.example tls off tls\n", "expect to a.example via h.example to b\n",
    "expect to a.example via h.exa\"mple\n", "expect to a.ex#ample via h.example\n",
    "expect to a.example via h.example\x01\n", "expect to a.example via h.ex\xffmple\n",
    "expect to a.example first h.example\t\r \n x\n"};

/* All that was read of a text, as text. */
static void
tell(const char *text, size_t n, char out[4096])
{
	char *copy = calloc(1, n + SOURCE_SLACK);
	struct sources sources = {0};
	struct diagnostics diagnostics = {0};
	struct stmts stmts = {.seed = 1};
	struct source *source;
	struct stmt stmt;
	size_t at = 0, used = 0;

	assert_non_null(copy);
	memcpy(copy, text, n);
	source = sources_add(&sources, slice_str("text"), copy, n);
	parse_file(source, &diagnostics, &stmts);
	while (stmts_next(&stmts, &at, &stmt)) {
		used += (size_t)snprintf(out + used, 4096 - used, "%d%d line %u:", (int)stmt.kind,
		    stmt.broken, stmt.line);
		for (uint32_t i = 0; i < stmt.count; i++) {
			struct item item = stmt_items(&stmt)[i];

			used += (size_t)snprintf(out + used, 4096 - used, " %u/%u/%x %.*s",
			    item_role(item), item_flags(item), item.hash, (int)item_length(item),
			    source_text(source, item.pos));
		}
		used += (size_t)snprintf(out + used, 4096 - used, "\n");
	}
	snprintf(out + used, 4096 - used, "%zu errors, %u others of %u lines\n",
	    diagnostics.count[SEVERITY_ERROR], stmts.tally.others, source->lines);
	stmts_release(&stmts);
	diagnostics_release(&diagnostics);
	sources_release(&sources);
	free(copy);
}

/* With one blank more, nothing is read quickly. */
static void
compare_with_slow(const char *line)
{
	char quick[512], slow[512], told[2][4096];
	int n = snprintf(quick, sizeof(quick), "%s%s", line, line);
	int m = snprintf(slow, sizeof(slow), " %s %s", line, line);

	assert_true(n < (int)sizeof(quick) && m < (int)sizeof(slow));
	tell(quick, (size_t)n, told[0]);
	tell(slow, (size_t)m, told[1]);
	assert_string_equal(told[0], told[1]);
}

static void
what_is_read_quickly_is_what_the_parser_reads(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		compare_with_slow(lines[i]);
	for (size_t i = 0; i < sizeof(faulty) / sizeof(*faulty); i++)
		compare_with_slow(faulty[i]);
}

/* Wherever a text ends, nothing behind it is read. */
static void
a_quick_line_may_end_anywhere(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		for (size_t n = 0; n < strlen(lines[i]); n++) {
			char slow[512], told[2][4096];

			snprintf(slow, sizeof(slow), " %.*s", (int)n, lines[i]);
			tell(lines[i], n, told[0]);
			tell(slow, n + 1, told[1]);
			assert_string_equal(told[0], told[1]);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_read_quickly_is_what_the_parser_reads),
	    cmocka_unit_test(a_quick_line_may_end_anywhere),
	    cmocka_unit_test(what_is_expected_is_taken),
	    cmocka_unit_test(kinds_of_faults_are_never_expected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
