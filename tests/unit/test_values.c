/* What stands inside a word: the parts of each form, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/status_code.h"
#include "text/values.h"

static void
is(struct slice part, const char *wanted)
{
	if (wanted == NULL) {
		assert_null(part.ptr);
		return;
	}
	assert_non_null(part.ptr);
	assert_int_equal(part.len, strlen(wanted));
	assert_memory_equal(part.ptr, wanted, part.len);
}

static void
hops(void **unused)
{
	static const struct {
		const char *text;
		bool special;
		int kind;
		const char *host, *port, *rest;
	} cases[] = {
	    {"h.example", true, HOP_WORD_HOST, "h.example", NULL, NULL},
	    {"h.example:25", true, HOP_WORD_HOST, "h.example", "25", NULL},
	    {"h.example:", true, HOP_WORD_HOST, "h.example", "", NULL},
	    {":25", true, HOP_WORD_HOST, "", "25", NULL},
	    {"", true, HOP_WORD_HOST, "", NULL, NULL},
	    {"192.0.2.1:x@y", true, HOP_WORD_HOST, "192.0.2.1", "x@y", NULL},
	    {"[::1]", true, HOP_WORD_BRACKETS, "::1", NULL, ""},
	    {"[::1]:25", true, HOP_WORD_BRACKETS, "::1", "25", ":25"},
	    {"[::1]25", true, HOP_WORD_BRACKETS, "::1", NULL, "25"},
	    {"[]", true, HOP_WORD_BRACKETS, "", NULL, ""},
	    {"[::1", true, HOP_WORD_OPEN, "[::1", NULL, NULL},
	    {"::1", true, HOP_WORD_COLONS, "::1", NULL, NULL},
	    {"a:b:c", true, HOP_WORD_COLONS, "a:b:c", NULL, NULL},
	    {"mx", true, HOP_WORD_MX, "mx", NULL, NULL},
	    {"mx", false, HOP_WORD_HOST, "mx", NULL, NULL},
	    {"mxa", true, HOP_WORD_HOST, "mxa", NULL, NULL},
	    {"mx:d.example", true, HOP_WORD_MX_OF, "d.example", NULL, NULL},
	    {"mx:", true, HOP_WORD_MX_OF, "", NULL, NULL},
	    {"mx:25", false, HOP_WORD_HOST, "mx", "25", NULL},
	    {"@r", true, HOP_WORD_RELAY, "r", NULL, NULL},
	    {"@r:25", true, HOP_WORD_RELAY, "r:25", NULL, NULL},
	    {"@r:25", false, HOP_WORD_HOST, "@r", "25", NULL},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct hop_word word = hop_word(slice_str(cases[i].text), cases[i].special);

		if ((int)word.kind != cases[i].kind)
			fail_msg("%s is %d, not %d", cases[i].text, word.kind, cases[i].kind);
		is(word.host, cases[i].host);
		is(word.port, cases[i].port);
		is(word.rest, cases[i].rest);
	}
}

/* A slice ends where it ends, whatever stands behind it, and at no byte of zero. */
static void
ends(void **unused)
{
	struct hop_word word = hop_word(slice("h:25", 1), true);

	(void)unused;
	is(word.host, "h");
	is(word.port, NULL);
	word = hop_word(slice("a\0:25", 5), true);
	assert_int_equal(word.kind, HOP_WORD_HOST);
	assert_int_equal(word.host.len, 5);
	assert_int_equal(word_gap(slice(" \\\n x", 2)), 1);
	assert_int_equal(status_code(slice("5.7.1 no", 4)), 0);
}

static void
foreign_hops(void **unused)
{
	static const struct {
		const char *text;
		int kind;
		const char *scheme, *host, *port;
	} cases[] = {
	    {"", FOREIGN_NONE, NULL, NULL, NULL},
	    {"h.example:25", FOREIGN_NONE, NULL, NULL, NULL},
	    {"hold:25", FOREIGN_NONE, NULL, NULL, NULL},
	    {"[::1]:25", FOREIGN_NONE, NULL, NULL, NULL},
	    {"smtps://h", FOREIGN_URL, "smtps", "h", NULL},
	    {"smtp+tls://u:p@h:587/", FOREIGN_URL, "smtp+tls", "h", "587"},
	    {"smtp://[::1]:25", FOREIGN_URL, "smtp", "::1", "25"},
	    {"smtp:[h]", FOREIGN_TRANSPORT, "smtp", "h", NULL},
	    {"smtp:[h]:587", FOREIGN_TRANSPORT, "smtp", "h", "587"},
	    {"smtp:h:submission", FOREIGN_TRANSPORT, "smtp", "h", "submission"},
	    {"relay:h.example", FOREIGN_TRANSPORT, "relay", "h.example", NULL},
	    {"error:5.1.2", FOREIGN_REPLY, "error", NULL, NULL},
	    {"defer:", FOREIGN_REPLY, "defer", NULL, NULL},
	    {"h.example/MX", FOREIGN_MX, NULL, "h.example", NULL},
	    {"h/mx::25", FOREIGN_MX, NULL, "h", "25"},
	    {"h::25", FOREIGN_PORT, NULL, "h", "25"},
	    {"u:p@h:25", FOREIGN_LOGIN, NULL, "h", "25"},
	    {"u@[::1]", FOREIGN_LOGIN, NULL, "::1", NULL},
	    {"h1,h2", FOREIGN_SEVERAL, NULL, "h1,h2", NULL},
	    {",", FOREIGN_SEVERAL, NULL, ",", NULL},
	    {"@r", FOREIGN_NONE, NULL, NULL, NULL},
	    {"2001:db8::1", FOREIGN_NONE, NULL, NULL, NULL},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct foreign_hop hop = foreign_hop(slice_str(cases[i].text));

		if ((int)hop.kind != cases[i].kind)
			fail_msg("%s is %d, not %d", cases[i].text, hop.kind, cases[i].kind);
		is(hop.scheme, cases[i].scheme);
		is(hop.host, cases[i].host);
		is(hop.port, cases[i].port);
	}
}

static void
reply_codes(void **unused)
{
	static const struct {
		const char *text;
		size_t length;
	} cases[] = {{"550 no", 4}, {"450-4.2.1 no", 4}, {"550  x", 5}, {"550", 0}, {"", 0},
	    {"5.1.2 no", 0}, {"250 ok", 0}, {"560 x", 0}, {"5500 x", 0}};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(reply_code(slice_str(cases[i].text)), cases[i].length);
}

static void
codes(void **unused)
{
	static const char *const good[] = {"5.7.1", "4.3.2 later", "2.0.0 ok", "5.777.999"};
	static const char *const bad[] = {"", "5", "5.7", "5.7.", "5.7.1x", "5.7777.1 x", "5.7.1000",
	    "55.7.1", "x5.7.1", "5..1", "5.7.1.1"};

	(void)unused;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		assert_int_equal(status_code(slice_str(good[i])), strcspn(good[i], " "));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(status_code(slice_str(bad[i])), 0);
}

static void
escapes(void **unused)
{
	static const struct {
		const char *text;
		size_t length;
		char byte;
	} cases[] = {{"\"", 1, '"'}, {"\\n", 1, '\\'}, {"tt", 1, '\t'}, {"x0a", 3, '\n'},
	    {"xFF", 3, '\xff'}, {"xaBc", 3, '\xab'}};
	static const char *const bad[] = {"", "n", "x", "x1", "x1g", "xg1", "X41", "0"};
	char byte;

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(escape_read(slice_str(cases[i].text), &byte), cases[i].length);
		assert_int_equal(byte, cases[i].byte);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(escape_read(slice_str(bad[i]), &byte), 0);
}

static void
gaps(void **unused)
{
	(void)unused;
	assert_int_equal(word_gap(slice_str("a")), 0);
	assert_int_equal(word_gap(slice_str(" \t# c")), 2);
	assert_int_equal(word_gap(slice_str(" \\\n\t\\\r\n x")), 8);
	assert_int_equal(word_gap(slice_str(" \n")), 1);
	assert_int_equal(word_gap(slice_str("\\ \n")), 0);
	assert_int_equal(word_gap(slice_str("\\\r")), 0);
}

static void
rates(void **unused)
{
	static const char *const bad[] = {"", "5", "5/", "/s", "5/x", "5/s ", "5/sec", "-5/s", "5 /s", "5/S"};
	struct rate_word word = rate_word(slice_str("10/m"));

	(void)unused;
	is(word.number, "10");
	assert_int_equal(word.unit, 'm');
	assert_int_equal(rate_word(slice_str("1/s")).unit, 's');
	assert_int_equal(rate_word(slice_str("00/h")).unit, 'h');
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(rate_word(slice_str(bad[i])).unit, '\0');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hops), cmocka_unit_test(rates),
	    cmocka_unit_test(ends),
	    cmocka_unit_test(foreign_hops),
	    cmocka_unit_test(reply_codes),
	    cmocka_unit_test(codes),
	    cmocka_unit_test(escapes),
	    cmocka_unit_test(gaps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
