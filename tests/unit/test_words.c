/* Text in the compiler: UTF-8, quoting, misspelt words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "text/quote.h"
#include "base/utf8.h"
#include "conf/value.h"
#include "text/words.h"
#include "base/nearest.h"

/* The character's bytes, by RFC 3629's table. */
static size_t
encode(uint32_t c, char out[4])
{
	static const unsigned char leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	for (size_t i = n; i-- > 1; c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(leads[n] | c);
	return n;
}

static void
every_character(void **unused)
{
	(void)unused;
	for (uint32_t c = 0; c < 0x120000; c += c < 0x3000 ? 1 : 37) {
		char bytes[4];
		size_t n = encode(c, bytes);
		bool good = c < 0x110000 && (c < 0xd800 || c > 0xdfff);
		uint32_t got;

		assert_ptr_equal(utf8_next(bytes, bytes + n, &got), bytes + (good ? n : 1));
		assert_int_equal(got, good ? c : UTF8_INVALID);
		assert_true((utf8_flaw(bytes, bytes + n) == NULL) == good);
		/* Cut short, it is none. */
		if (n > 1) {
			assert_ptr_equal(utf8_next(bytes, bytes + n - 1, &got), bytes + 1);
			assert_int_equal(got, UTF8_INVALID);
		}
	}
}

static void
flaws(void **unused)
{
	static const struct {
		const char *text;
		int at;
	} flawed[] = {{"\x80", 0}, {"a\xff", 1}, {"\xc0\xaf", 0}, {"\xc1\xbf", 0}, {"\xe0\x9f\xbf", 0},
	    {"\xf0\x8f\xbf\xbf", 0}, {"\xf4\x90\x80\x80", 0}, {"\xf8\x88\x80\x80\x80", 0}, {"\xed\xa0\x80", 0},
	    {"abcdefghijklmnop\xc3", 16}, {"abcdefg\xc3(", 7}, {"\xc3\xa9\xc3\xa9\xc3", 4},
	    {"", -1}, {"abcdefghijklmnopq", -1}, {"abcdefg\xc3\xa9h", -1}, {"\xef\xbf\xbf", -1}};

	(void)unused;
	for (size_t i = 0; i < sizeof(flawed) / sizeof(*flawed); i++) {
		const char *text = flawed[i].text, *found = utf8_flaw(text, text + strlen(text));

		assert_int_equal(found == NULL ? -1 : (int)(found - text), flawed[i].at);
	}
}

static void
width_and_danger(void **unused)
{
	(void)unused;
	assert_int_equal(utf8_width('a'), 1);
	assert_int_equal(utf8_width(0xe9), 1);
	assert_int_equal(utf8_width(0x301), 0);
	assert_int_equal(utf8_width(0x94d), 0);
	assert_int_equal(utf8_width(0x93f), 1);
	assert_int_equal(utf8_width(0x65e5), 2);
	assert_int_equal(utf8_width(0xff57), 2);
	assert_int_equal(utf8_width(0x1f4e7), 2);
	assert_true(utf8_hostile(0x1b) && utf8_hostile(0x7f) && utf8_hostile(0x9b));
	assert_true(utf8_hostile(0x202e) && utf8_hostile(0x2066) && utf8_hostile(0xfeff));
	assert_true(utf8_hostile(0x200b) && utf8_hostile(0x2028) && utf8_hostile(UTF8_INVALID));
	assert_true(utf8_hostile(0xfffe) && utf8_hostile(0xffff) && utf8_hostile(0x1ffff));
	assert_false(utf8_hostile(0xfffd) || utf8_hostile(0x10000));
	assert_false(utf8_hostile(' ') || utf8_hostile(0xa0) || utf8_hostile(0x65e5));
	assert_non_null(utf8_lookalike(slice_str("a\xc2\xa0" "b")));
	assert_non_null(utf8_lookalike(slice_str("\xe2\x80\x9c" "b")));
	assert_null(utf8_lookalike(slice_str("b\xc3\xbc" "cher")));
	assert_null(utf8_lookalike(slice_str("")));
}

static void
nearest_is(const char *word, const char *wanted)
{
	static const char *const words[] = {"to", "user", "from", "via", "port", "priority", "tls",
	    "tls-name", "password", "password-file"};
	const char *got = nearest_word(slice_str(word), words, sizeof(words) / sizeof(*words));

	if (wanted == NULL ? got != NULL : got == NULL || strcmp(got, wanted) != 0)
		fail_msg("%s: %s, not %s", word, got, wanted);
}

static void
misspelt_words(void **unused)
{
	(void)unused;
	nearest_is("to", "to");
	nearest_is("too", "to");
	nearest_is("ot", "to");
	nearest_is("usr", "user");
	nearest_is("form", "from");
	nearest_is("prot", "port");
	nearest_is("prioritty", "priority");
	nearest_is("piroirty", "priority");
	nearest_is("pasword", "password");
	nearest_is("passwordfile", "password-file");
	nearest_is("tls-nmae", "tls-name");
	nearest_is("VIA", "via");
	nearest_is("PASSWORD-FIEL", "password-file");
	nearest_is("t", NULL);
	nearest_is("", NULL);
	nearest_is("x", NULL);
	nearest_is("xyz", NULL);
	nearest_is("example", NULL);
	nearest_is("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL);
}

/* The value, quoted and read back by the lexer and value_text, is itself. */
static void
comes_back(struct arena *arena, struct slice value)
{
	struct slice word = quote_word(arena, value), text;
	char *line = calloc(1, word.len + 32 + SOURCE_SLACK);
	struct conf conf = {0};
	struct shown shown = {0};
	const struct unit *unit;
	struct stmt stmt = {0};
	size_t at = 0, n = 0;

	assert_non_null(line);
	memcpy(line, "default helo ", 13);
	memcpy(line + 13, word.ptr, word.len);
	n = 13 + word.len;
	unit = conf_add_statement(&conf, slice_str("text"), line, n, &shown);
	assert_int_equal(conf.diagnostics.count[SEVERITY_ERROR], 0);
	assert_true(stmts_next(&unit->stmts, &at, &stmt) && stmt.count == 1);
	assert_int_equal(at, unit->stmts.used);
	assert_true(value_text(&conf, unit->source, stmt_items(&stmt)[0], &text));
	assert_true(slice_eq(text, value));
	assert_int_equal(quote_is_bare(value), slice_eq(word, value));
	conf_close(&conf);
	free(line);
}

static void
quoted_values_come_back(void **unused)
{
	static const char bytes[] = "ab \t\"\\#,$@*<>|&\n\r\x01\x7f\x80\xc3\xa9\xff\x00x20";
	struct arena arena = {0};
	char value[24];

	(void)unused;
	for (int c = 0; c < 256; c++) {
		value[0] = (char)c;
		comes_back(&arena, slice(value, 1));
	}
	srandom(2);
	for (int round = 0; round < 20000; round++) {
		size_t n = (size_t)random() % sizeof(value);

		for (size_t i = 0; i < n; i++)
			value[i] = bytes[(size_t)random() % (sizeof(bytes) - 1)];
		comes_back(&arena, slice(value, n));
	}
	arena_release(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_character),
	    cmocka_unit_test(flaws),
	    cmocka_unit_test(width_and_danger),
	    cmocka_unit_test(misspelt_words),
	    cmocka_unit_test(quoted_values_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
