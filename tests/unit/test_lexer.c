/* The lexer: no byte lost, none read that is not there, linear time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "text/lexer.h"
#include "text/source.h"

static const char *const pieces[] = {"route ", "to ", "via ", "list ", "include ", "default ", "port ",
    "password ", "a.example", "bob@a.example", "\"a b\"", "\"a\\\"", "\"", "\\", "\\\n", "\\\r\n", "\n",
    "\r", "\r\n", "# c", "#", " ", "\t", "\x01", "\x7f", "\xc3\xa9", "\xff", ",", "$", "(", "7", "abcdefgh"};
enum { PIECES = sizeof(pieces) / sizeof(*pieces), ROOM = 300 };

/* Text that ends, with its slack, where memory ends. */
struct wall {
	char *pages;
	size_t size;
};

static char *
wall_text(struct wall *wall, size_t size)
{
	char *text;

	wall->size = (size_t)sysconf(_SC_PAGESIZE);
	wall->pages = mmap(NULL, wall->size * 2, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(wall->pages, MAP_FAILED);
	assert_int_equal(mprotect(wall->pages + wall->size, wall->size, PROT_NONE), 0);
	text = wall->pages + wall->size - SOURCE_SLACK - size;
	return text;
}

static void
wall_free(struct wall *wall)
{
	assert_int_equal(munmap(wall->pages, wall->size * 2), 0);
}

/* What may stand between two tokens: blanks, continuations and comments. */
static const char *
skip_gap(const char *p, const char *end)
{
	for (;;) {
		if (p < end && (*p == ' ' || *p == '\t')) {
			p++;
		} else if (p < end && *p == '#') {
			while (p < end && *p != '\n' && ((unsigned char)*p >= ' ' || *p == '\t') &&
			    *p != '\x7f')
				p++;
		} else if (end - p >= 2 && p[0] == '\\' && p[1] == '\n') {
			p += 2;
		} else if (end - p >= 3 && p[0] == '\\' && p[1] == '\r' && p[2] == '\n') {
			p += 3;
		} else {
			return p;
		}
	}
}

/* Every byte is in a token or in a gap, in order, and the lines are counted. */
static void
read_all(const char *text, size_t size, enum lexer_state state)
{
	const char *end = text + size, *at = text;
	struct lexer lexer;
	struct token token;
	uint32_t lines = 1;

	lexer_init(&lexer, text, end, state, 1);
	do {
		lexer_next(&lexer, &token);
		assert_true(token.ptr >= at && token.ptr + token.len <= end);
		/* The comma behind a string that nothing follows is where a fault points. */
		if (token.ptr > at && *at == ',')
			at++;
		if (token.kind != TK_CONTINUED && skip_gap(at, end) != token.ptr &&
		    (token.kind != TK_WORD || token.len != 0 || token.ptr != at))
			fail_msg("token %d '%.*s' behind '%.*s'", token.kind, (int)token.len, token.ptr,
			    (int)(token.ptr - at), at);
		at = token.ptr + token.len;
		assert_true(lexer.cursor + lexer.gap >= at && lexer.cursor <= end);
	} while (token.kind != 0);
	assert_ptr_equal(token.ptr, end);
	for (const char *p = text; p < end; p++)
		lines += *p == '\n';
	assert_int_equal(lexer.line, lines);
}

static void
every_byte_is_in_a_token_or_a_gap(void **unused)
{
	struct wall wall;
	char joined[ROOM + 16];
	size_t size;

	(void)unused;
	srandom(1);
	for (int round = 0; round < 20000; round++) {
		char *text;

		for (size = 0; size < (size_t)random() % ROOM;) {
			const char *piece = pieces[(size_t)random() % PIECES];

			memcpy(joined + size, piece, strlen(piece));
			size += strlen(piece);
		}
		text = wall_text(&wall, size);
		memcpy(text, joined, size);
		read_all(text, size, round % 8 == 0 ? LEX_LINES : LEX_STATEMENT);
		wall_free(&wall);
	}
}

static void
kinds_are(const char *text, const int *kinds)
{
	char *copy = calloc(1, strlen(text) + SOURCE_SLACK);
	struct lexer lexer;
	struct token token;

	assert_non_null(copy);
	memcpy(copy, text, strlen(text));
	lexer_init(&lexer, copy, copy + strlen(text), LEX_STATEMENT, 1);
	do {
		lexer_next(&lexer, &token);
		if (token.kind != *kinds)
			fail_msg("%s: token '%.*s' is %d, not %d", text, (int)token.len, token.ptr,
			    token.kind, *kinds);
		kinds++;
	} while (token.kind != 0);
	free(copy);
}
#define KINDS(text, ...) kinds_are(text, (const int[]){__VA_ARGS__, 0})

static void
a_keyword_is_one_only_where_one_can_stand(void **unused)
{
	(void)unused;
	KINDS("route to via via to", TK_ROUTE, TK_TO, TK_WORD, TK_VIA, TK_WORD);
	KINDS("route 7 user user from from via route", TK_ROUTE, TK_ID, TK_USER, TK_WORD, TK_FROM,
	    TK_WORD, TK_VIA, TK_WORD);
	KINDS("route to 7", TK_ROUTE, TK_TO, TK_WORD);
	KINDS("route via.example", TK_ROUTE, TK_UNKNOWN);
	KINDS("relay relay port port port", TK_RELAY, TK_WORD, TK_WORD, TK_OPTION, TK_WORD);
	KINDS("list list file \"x\"", TK_LIST, TK_WORD, TK_FILE, TK_STRING);
	KINDS("list l a file", TK_LIST, TK_WORD, TK_WORD, TK_WORD);
	KINDS("list l \"file\"", TK_LIST, TK_WORD, TK_WORD);
	KINDS("default tls-name tls tls tls-name", TK_DEFAULT, TK_OPTION, TK_WORD, TK_OPTION, TK_WORD);
	KINDS("route to a,\"b\",c via h", TK_ROUTE, TK_TO, TK_WORD, TK_COMMA, TK_WORD, TK_COMMA,
	    TK_WORD, TK_VIA, TK_WORD);
	/* The values that are missing are empty. */
	KINDS("route to a,,b,", TK_ROUTE, TK_TO, TK_WORD, TK_COMMA, TK_WORD, TK_COMMA, TK_WORD,
	    TK_COMMA, TK_WORD);
	KINDS("list l \"a\",\"b\", c", TK_LIST, TK_WORD, TK_WORD, TK_COMMA, TK_WORD, TK_COMMA,
	    TK_WORD, TK_WORD);
	KINDS("list l ,a", TK_LIST, TK_WORD, TK_WORD, TK_COMMA, TK_WORD);
	KINDS("list l file,a", TK_LIST, TK_WORD, TK_WORD, TK_COMMA, TK_WORD);
	KINDS("relay r a,b", TK_RELAY, TK_WORD, TK_WORD);
}

static void
faults(void **unused)
{
	(void)unused;
	KINDS("route to \"a", TK_ROUTE, TK_TO, TK_UNTERMINATED);
	KINDS("route to \"a\\\nb\" via h\nroute", TK_ROUTE, TK_TO, TK_UNTERMINATED, TK_WORD, TK_UNKNOWN,
	    TK_NL, TK_ROUTE);
	KINDS("route to \"a\"b", TK_ROUTE, TK_TO, TK_STUCK, TK_WORD);
	KINDS("route to \"a\", b", TK_ROUTE, TK_TO, TK_WORD, TK_STUCK, TK_WORD);
	KINDS("route to a;b", TK_ROUTE, TK_TO, TK_JUNK);
	KINDS("route to a,b;c,d", TK_ROUTE, TK_TO, TK_WORD, TK_COMMA, TK_JUNK, TK_COMMA, TK_WORD);
	KINDS("route to a,#b", TK_ROUTE, TK_TO, TK_WORD, TK_JUNK);
	KINDS("route \\ \nto", TK_ROUTE, TK_CONTROL, TK_TO);
	KINDS("route \\", TK_ROUTE, TK_CONTROL);
	KINDS("route \\\n", TK_ROUTE, TK_CONTINUED);
	KINDS("\"route\"", TK_STRING);
	KINDS("rout 7", TK_UNKNOWN, TK_UNKNOWN);
	KINDS("route\rto", TK_ROUTE, TK_CONTROL, TK_TO);
}

/* Of the lexer's blocks, each calls this: see the Makefile. */
void __sanitizer_cov_trace_pc(void);
static size_t steps;

void
__sanitizer_cov_trace_pc(void)
{
	steps++;
}

/* What it takes to read `piece` again and again, up to this size. */
static size_t
steps_of(const char *piece, size_t size)
{
	size_t n = strlen(piece), at;
	char *text = calloc(1, size + SOURCE_SLACK);

	assert_non_null(text);
	memcpy(text, "route to ", 9);
	for (at = 9; at + n <= size; at += n)
		memcpy(text + at, piece, n);
	steps = 0;
	read_all(text, at, LEX_STATEMENT);
	free(text);
	return steps;
}

static void
time_is_linear(void **unused)
{
	static const char *const worst[] = {"a+", "\"", ":", ".", "\\", "\"a\",", "a,", "# ", "\\\n", "\\ \n",
	    "\"\\\n", "\x01", "\xc3", "a\""};

	(void)unused;
	for (size_t i = 0; i < sizeof(worst) / sizeof(*worst); i++) {
		size_t once = steps_of(worst[i], 1 << 14), twice = steps_of(worst[i], 1 << 15);

		assert_true(once > 1 << 9);
		assert_in_range(twice, once, 2 * once + once / 99);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_byte_is_in_a_token_or_a_gap),
	    cmocka_unit_test(a_keyword_is_one_only_where_one_can_stand),
	    cmocka_unit_test(faults),
	    cmocka_unit_test(time_is_linear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
