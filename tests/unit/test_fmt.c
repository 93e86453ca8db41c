/* Files as they are canonically written: examples, and a great many random ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_promises.h"
#include "text/fmt.h"
#include "text/parse.h"

#define EIGHTY "route to aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example via bbbbbbbbbbbbb.example"

/* The text as it is canonically written; allocated. */
static struct slice
formatted(const char *text)
{
	struct sources sources = {0};
	struct diagnostics diagnostics = {0};
	struct stmts stmts = {0};
	struct edit edit = {0};
	struct file_text copy = file_text_copy(text, strlen(text));
	struct source *source = sources_add(&sources, slice_str("x"), copy.ptr, copy.size);
	struct slice bytes;

	parse_file(source, &diagnostics, &stmts);
	assert_int_equal(diagnostics.count[SEVERITY_ERROR], 0);
	fmt_source(&edit, source, NULL);
	edit_settle(&edit);
	bytes = edit_apply(&edit, source);
	edit_release(&edit);
	stmts_release(&stmts);
	diagnostics_release(&diagnostics);
	sources_release(&sources);
	file_text_release(&copy);
	return bytes;
}

static void
becomes(const char *text, const char *wanted)
{
	struct slice bytes = formatted(text);

	if (!slice_is(bytes, wanted))
		print_error("%s\nbecomes\n%.*s\nnot\n%s\n", text, (int)bytes.len, bytes.ptr, wanted);
	assert_true(slice_is(bytes, wanted));
	free((void *)(uintptr_t)bytes.ptr);
}

static void
stays(const char *text)
{
	becomes(text, text);
}

static void
blanks_and_lines(void **unused)
{
	(void)unused;
	stays("");
	stays("\n");
	stays("route to a.example via b.example");
	becomes(" \troute\tto  a.example   via b.example \t\n", "route to a.example via b.example\n");
	becomes("route \\\n to a.example \\\r\n\tvia mx\n", "route to a.example via mx\n");
	becomes("\\\n \\\nroute via mx \\\n\tport 26\n", "route via mx port 26\n");
	becomes("route via mx \\\n\n", "route via mx\n\n");
	becomes("route via mx\\\r\n \r\n\r\n\r\nroute via h", "route via mx\r\n\r\nroute via h");
	becomes("route via mx \\\n ", "route via mx\n");
	becomes("\n \n\t\n# a\n\n\n\\\n\nroute via mx\n\n\n\n", "\n# a\n\nroute via mx\n\n");
	becomes("route via mx\n   ", "route via mx\n");
	becomes("route via mx\n\n  ", "route via mx\n\n");
	becomes("route  via mx\r\nroute  via mx\n", "route via mx\r\nroute via mx\n");
	becomes("route 007  to A.EXAMPLE  via B\xc3\xbc.Example", "route 007 to A.EXAMPLE via B\xc3\xbc.Example");
	becomes("list l a , b,c  ,d, e ,\\\n  f", "list l a , b,c ,d, e , f");
}

static void
comments(void **unused)
{
	(void)unused;
	stays("  # indented, \t and with blanks  \n\t#x\r\n");
	becomes("\\\n  # continued\n", "  # continued\n");
	becomes("route via mx\t \t#  as it is \t\n", "route via mx #  as it is \t\n");
	becomes("route via mx \\\n   # c \\\nroute  via mx", "route via mx # c \\\nroute via mx");
}

static void
quotes(void **unused)
{
	(void)unused;
	becomes("route to \"a.example\",\"*\",\"b.example\" user \"bob\" via \"h.example:26\"\n",
	    "route to a.example,\"*\",b.example user bob via h.example:26\n");
	stays("route user \"any\" from \"<>\" via \"mx\"\n");
	stays("route to \"*.a\",\"$l\",\"a,b\",\"ANY\",\"@a\" via \"@r\"\n");
	stays("route via \"mx:a.example\" helo \"\" login \"a b\" password \"a#b\\x22\"\n");
	becomes("route via h login \"any\" password \"$mx,*@<>\" transport \"mx\" helo \"*\"\n",
	    "route via h login any password $mx,*@<> transport mx helo *\n");
	becomes("route via h login \"\\x41\\x62\" password \"a\\\\b\"\n",
	    "route via h login Ab password \"a\\\\b\"\n");
	stays("route via h login \"a\xc2\xa0" "b\" password \"\\xff\"\n");
	stays("route to a reject \"no\"\nroute to b defer \"later\"\ninclude \"a\"\nlist l file \"b\"\n");
	becomes("list l \"file\" \"file\"\n", "list l \"file\" file\n");
	becomes("list \"l\" \"a\",\"b\" \"c\",\"any\"\n", "list l a,b c,\"any\"\n");
	becomes("source \"192.0.2.1\" helo \"a\"\nrelay \"r\" \"h:25\"\n",
	    "source 192.0.2.1 helo a\nrelay r h:25\n");
	becomes("route to a.example via h local \"192.0.2.1|192.0.2.2\"",
	    "route to a.example via h local 192.0.2.1|192.0.2.2");
}

static void
a_hundred_columns(void **unused)
{
	char text[512], wanted[512];

	(void)unused;
	for (size_t n = 1; n < 40; n++) {
		static const char name[] = "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn";
		size_t length = strlen(EIGHTY) + strlen(" helo ") + n;

		snprintf(text, sizeof(text), EIGHTY "  helo %.*s\t# comment\n", (int)n, name);
		snprintf(wanted, sizeof(wanted), EIGHTY "%shelo %.*s # comment\n",
		    length > FMT_COLUMNS ? " \\\n    " : " ", (int)n, name);
		becomes(text, wanted);
		stays(wanted);
	}
	/* Characters, not bytes. */
	snprintf(text, sizeof(text), EIGHTY " helo \xc3\xbc%.*s\r\n",
	    (int)(FMT_COLUMNS - strlen(EIGHTY) - strlen(" helo \xc3")), "nnnnnnnnnnnnnnnnnnnn");
	stays(text);
}

static void
filled_lines(void **unused)
{
	char text[4096] = "list l", *p = text + strlen(text);
	size_t longest = 0, lines = 0;
	struct slice bytes;

	(void)unused;
	for (int i = 0; i < 100; i++)
		p += sprintf(p, "%s%d.example", i % 7 >= 3 ? "," : "  ", i * i);
	bytes = formatted(text);
	for (const char *q = bytes.ptr, *end = q + bytes.len, *stop; q < end; q = stop + 1) {
		size_t next;

		stop = memchr(q, '\n', (size_t)(end - q));
		stop = stop == NULL ? end : stop;
		longest = (size_t)(stop - q) > longest ? (size_t)(stop - q) : longest;
		lines++;
		if (stop == end)
			break;
		assert_memory_equal(stop - 2, " \\\n    ", 7);
		/* What comes first in the next line had no room in this one. */
		next = strcspn(stop + 5, " ,\n");
		next += stop[5 + next] == ',';
		assert_true((size_t)(stop - q) + next + (stop[-3] != ',') > FMT_COLUMNS);
	}
	assert_int_equal(longest <= FMT_COLUMNS, 1);
	assert_true(lines > 10);
	text[0] = '\0';
	strncat(text, bytes.ptr, bytes.len);
	stays(text);
	free((void *)(uintptr_t)bytes.ptr);
}

static void
long_line_ends(void **unused)
{
	(void)unused;
	becomes(EIGHTY "  helo aaaaaaaaaaaaaaaaaaaaaaaaa\r\n", EIGHTY " \\\r\n    helo aaaaaaaaaaaaaaaaaaaaaaaaa\r\n");
	becomes("\r\n" EIGHTY "  helo aaaaaaaaaaaaaaaaaaaaaaaaa", "\r\n" EIGHTY " \\\r\n    helo aaaaaaaaaaaaaaaaaaaaaaaaa");
	becomes(EIGHTY " \\\r\n helo aaaaaaaaaaaaaaaaaaaaaaaaa", EIGHTY " \\\r\n    helo aaaaaaaaaaaaaaaaaaaaaaaaa");
	stays("route to a,b reject \"" EIGHTY EIGHTY "\"\n");
}

/* All that a command prints; allocated. */
static char *
output_of(const char *command, size_t *size)
{
	FILE *in = popen(command, "r");
	size_t capacity = 1 << 20, n;
	char *all = malloc(capacity);

	assert_non_null(in);
	*size = 0;
	while (all != NULL && (n = fread(all + *size, 1, capacity - *size, in)) > 0) {
		*size += n;
		if (*size == capacity)
			all = realloc(all, capacity *= 2);
	}
	assert_non_null(all);
	assert_int_equal(pclose(in), 0);
	return all;
}

static void
random_configurations(void **unused)
{
	enum { CONFIGURATIONS = 10000 };
	const struct conf_files files = {.path = "no-such-directory/routes.conf"};
	size_t size, lines = 0, untouched = 0, read = 0;
	char *all = output_of("awk -v seed=20260229 -v count=10000 -f tests/property/conf.awk", &size);

	(void)unused;
	for (const char *p = all, *end; p < all + size; p = end + 1, read++) {
		size_t count;

		end = memchr(p, '\0', (size_t)(all + size - p));
		assert_non_null(end);
		assert_true(format_promises(&files, slice(p, (size_t)(end - p)), &count));
		lines += count;
		untouched += count == 0;
	}
	assert_int_equal(read, CONFIGURATIONS);
	assert_true(lines > 10 * CONFIGURATIONS / 2 && untouched < CONFIGURATIONS / 10);
	free(all);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(blanks_and_lines),
	    cmocka_unit_test(comments),
	    cmocka_unit_test(quotes),
	    cmocka_unit_test(a_hundred_columns),
	    cmocka_unit_test(filled_lines),
	    cmocka_unit_test(long_line_ends),
	    cmocka_unit_test(random_configurations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
