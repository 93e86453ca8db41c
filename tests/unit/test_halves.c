/*
 * Two threads read and judge what one does: large files are cut in two, and so
 * are the routes and their names.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "image/image.h"
#include "store/parallel.h"
#include "text/parse.h"
#include "conf_promises.h"

enum { LARGE = 5 * 1024 * 1024 };

/* In place of the compiler's: the order is the test's to choose. */
static enum { IN_ORDER, IN_REVERSE, IN_THREADS, ORDERS } order;

struct work {
	void (*call)(void *);
	void *arg;
};

static void *
run(void *arg)
{
	const struct work *work = arg;

	work->call(work->arg);
	return NULL;
}

void
parallel(size_t items, void (*first)(void *), void *a, void (*second)(void *), void *b)
{
	struct work work = {order == IN_REVERSE ? first : second, order == IN_REVERSE ? a : b};
	pthread_t thread;

	(void)items;
	if (order == IN_THREADS)
		assert_int_equal(pthread_create(&thread, NULL, run, &work), 0);
	if (order == IN_REVERSE)
		second(b);
	else
		first(a);
	if (order == IN_THREADS)
		pthread_join(thread, NULL);
	else
		run(&work);
}

struct text {
	char bytes[LARGE + 4096 + SOURCE_SLACK];
	size_t size;
};

static struct text *text;

static void __attribute__((format(printf, 1, 2)))
put(const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(text->bytes + text->size, 4096, format, ap);
	va_end(ap);
	assert_true(n >= 0 && n < 4096);
	text->size += (size_t)n;
}

static void
begin(void)
{
	memset(text, 0, sizeof(*text));
}

static void
same_statement(const struct stmt *a, const struct stmt *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->pos, b->pos);
	assert_int_equal(a->line, b->line);
	assert_int_equal(a->count, b->count);
	for (uint32_t i = 0; i < a->count; i++) {
		struct item x = stmt_items(a)[i], y = stmt_items(b)[i];

		assert_int_equal(x.pos, y.pos);
		assert_int_equal(x.word, y.word);
	}
}

/* Statements of a half, in what was read in one piece, from *at on. */
static void
same_statements(const struct stmts *half, const struct stmts *whole, size_t *at)
{
	struct stmt a, b;

	for (size_t i = 0; stmts_next(half, &i, &a);) {
		assert_true(stmts_next(whole, at, &b));
		same_statement(&a, &b);
	}
}

/* The text in halves is the text in one piece. */
static void
same_halves(void)
{
	struct sources sources = {0};
	struct diagnostics diagnostics = {0};
	struct stmts whole = {0}, first = {0}, second = {0};
	struct source *source = sources_add(&sources, slice_str("text"), text->bytes, text->size);
	uint32_t lines;
	size_t at = 0;

	parse_file(source, &diagnostics, &whole);
	lines = source->lines;
	assert_int_equal(diagnostics.count[SEVERITY_ERROR], 0);
	assert_true(parse_halves(source, &first, &second));
	assert_true(first.used > 0 && second.used > 0);
	assert_int_equal(source->lines, lines);
	same_statements(&first, &whole, &at);
	same_statements(&second, &whole, &at);
	assert_int_equal(at, whole.used);
	stmts_release(&whole);
	stmts_release(&first);
	stmts_release(&second);
	diagnostics_release(&diagnostics);
	sources_release(&sources);
}

/* As many equal lines as make half a large file. */
static void
put_half(const char *end)
{
	for (size_t i = 0, half = text->size + LARGE / 2; text->size < half; i++)
		put("route to d%zu.example via h%zu.example%s", i, i % 7, end);
}

/* What stands at the cut, and how lines end. */
static void
any_cut_will_do(void **unused)
{
	static const char *const ends[] = {"\n", "\r\n", " # a comment\n", " \\\n port 25\n", "\t\n\n#\n"};
	static const char *const cuts[] = {"", "\n\n\n", "# a comment \\\n", "# route\r\n",
	    "route to a,\"b\" \\\n \\\n via \\\r\n h\n", "route \\\n\\\n via h\n", "list l a b \\\n c\n",
	    "route user \"\xc3\xa9\" via h # \xc3\xa9\n", "   route  to a.example\tvia h.example\n"};

	(void)unused;
	for (size_t e = 0; e < sizeof(ends) / sizeof(*ends); e++)
		for (size_t c = 0; c < sizeof(cuts) / sizeof(*cuts); c++) {
			begin();
			put_half(ends[e]);
			for (int i = 0; i < 20; i++)
				put("%s", cuts[c]);
			put_half(ends[e]);
			if (c % 2 == 0)	/* the last line lacks its end */
				put("route to last.example via h.example");
			order = (unsigned)(e + c) % ORDERS;
			same_halves();
		}
}

/* A name of a few, so that many come more than once. */
static const char *
some_name(size_t n)
{
	static char name[64];

	snprintf(name, sizeof(name), "d%zu.example", n * n % 7919);
	return name;
}

static void
open_model(struct conf *conf, bool good)
{
	struct overlay overlay = {.bytes = slice(text->bytes, text->size)};

	assert_int_equal(conf_open_with(conf, "no-such-directory/routes.conf", &overlay, 1),
	    SOURCE_OK);
	assert_true(conf_check(conf) == good);
}

static void
same_model(const struct model *a, const struct model *b)
{
	assert_int_equal(a->names.count, b->names.count);
	for (size_t i = 0; i < a->names.count; i++) {
		const struct name *x = &a->names.list[i], *y = &b->names.list[i];

		assert_true(slice_eq(slice(x->ptr, x->len), slice(y->ptr, y->len)));
		assert_memory_equal(x->members, y->members, sizeof(x->members));
		assert_int_equal(x->roles, y->roles);
	}
	assert_int_equal(a->route_count, b->route_count);
	assert_memory_equal(a->routes, b->routes, a->route_count * sizeof(*a->routes));
	assert_int_equal(a->member_count, b->member_count);
	assert_memory_equal(a->members, b->members, a->member_count * sizeof(*a->members));
	assert_int_equal(a->rungs, b->rungs);
	assert_int_equal(a->inline_groups, b->inline_groups);
	assert_int_equal(a->shared, b->shared);
}

/* The text as one model, in whatever order the threads go on; it is the caller's. */
static void
one_model(struct conf *conf)
{
	order = IN_ORDER;
	open_model(conf, true);
	for (order = IN_REVERSE; order < ORDERS; order++) {
		struct conf other;

		open_model(&other, true);
		same_model(&conf->model, &other.model);
		conf_close(&other);
	}
}

/* Every route stands in its name's group, and nowhere else. */
static void
every_route_is_found(const struct conf *conf)
{
	const struct model *model = &conf->model;
	struct route_buffer buffer = {0};
	size_t found = 0;

	for (size_t i = 0; i < model->names.count; i++) {
		const struct name *name = &model->names.list[i];
		size_t n = model_members(model, name->members[INLINE_TO], &buffer);

		for (size_t k = 0; k < n; k++) {
			const struct source *source = conf->sources.list[0];
			const char *p = source_text(source, model->routes[buffer.list[k]].pos);

			p = (const char *)memmem(p, 64, " to ", 4) + 4;
			assert_memory_equal(p, name->ptr, name->len);
			assert_int_equal(p[name->len], ' ');
		}
		found += n;
	}
	assert_int_equal(found, model->route_count);
	free(buffer.list);
}

static void
names_are_numbered_as_they_come(void **unused)
{
	struct conf conf;
	size_t next = 0;

	(void)unused;
	begin();
	for (size_t i = 0; text->size < LARGE; i++)
		put("route to %s via h%zu.example\n", some_name(i), i % 5);
	one_model(&conf);
	assert_true(conf.segment_count == 2 && conf.model.shared);
	every_route_is_found(&conf);
	for (size_t i = 0; i < conf.model.route_count; i++) {
		const struct model_route *route = &conf.model.routes[i];

		assert_int_equal(route->id, i + 1);
		assert_int_equal(route->line, i + 1);
	}
	/* The first use of a name is the first of its group. */
	for (size_t i = 0; i < conf.model.names.count; i++) {
		uint32_t member = conf.model.names.list[i].members[INLINE_TO];

		while (conf.model.members[member].before != NO_MEMBER)
			member = conf.model.members[member].before;
		assert_true(i == 0 || member > next);
		next = member;
	}
	conf_close(&conf);
}

static void
other_routes_come_between(void **unused)
{
	struct conf conf;
	size_t i;

	(void)unused;
	begin();
	put("list l a.example b.example %s\nrelay r h.example port 26\n", some_name(3));
	for (i = 0; text->size < LARGE; i++)
		if (i % 3 == 0)
			put("route %zu to %s via @r\n", i + 1, some_name(i));
		else if (i % 3 == 1)
			put("route user u%zu@e.example to $l,*.%s via mx weight 2\n", i % 11,
			    some_name(i));
		else
			put("route to %s  via h.example priority %zu\n", some_name(i), i % 4);
	one_model(&conf);
	assert_int_equal(conf.model.route_count, i);
	assert_int_equal(conf.model.routes[i - 1].line, i + 2);
	for (size_t k = 0; k < i; k += 3)
		assert_int_equal(conf.model.routes[k].id, k + 1);
	conf_close(&conf);
}

static void
every_faulty_route_is_counted(void **unused)
{
	struct conf conf;
	size_t faults = 0;

	(void)unused;
	begin();
	for (size_t i = 0; text->size < LARGE; i++) {
		bool faulty = i % 1000 == 500;

		put("route %zu to %s via %s\n", i == 100000 ? 7 : i + 1, some_name(i),
		    !faulty		? "h.example"
			: i % 2000 == 0 ? "@nothing"
					: "192.0.2.300");
		faults += faulty;
	}
	for (order = IN_ORDER; order < ORDERS; order++) {
		open_model(&conf, false);
		assert_int_equal(conf.diagnostics.count[SEVERITY_ERROR], faults + 1);
		conf_close(&conf);
	}
}

/* What one of the parts and their whole must be like, wherever the cut is. */
static void
join_at(const char (*words)[8], size_t count, size_t cut, bool more)
{
	struct names whole, first, second, once;
	uint32_t map[64];

	names_init(&whole, 5, count);
	names_init(&once, 5, 1);
	first = names_part(&whole, 0, cut, 0);
	second = names_part(&whole, cut, count - cut, 0);
	for (size_t i = 0; i < count; i++) {
		struct slice word = slice_str(words[i]);

		names_intern(i < cut ? &first : &second, word, true);
		names_intern(&once, word, false);
	}
	names_match(&first, &second, map);
	names_join(&whole, &first, &second, map, more);
	assert_int_equal(whole.count, once.count);
	for (size_t i = 0; i < whole.count; i++) {
		struct slice name = slice(whole.list[i].ptr, whole.list[i].len);

		assert_true(slice_eq(name, slice(once.list[i].ptr, once.list[i].len)));
		assert_true(!more || names_find(&whole, name) == i);
	}
	for (uint32_t i = 0; more && i < 5000; i++) {
		char added[16];

		snprintf(added, sizeof(added), "new%u", i);
		assert_int_equal(names_intern(&whole, slice_str(added), false), once.count + i);
	}
	for (size_t i = 0; more && i < count; i++)
		assert_int_equal(names_intern(&whole, slice_str(words[i]), false),
		    names_find(&once, slice_str(words[i])));
	names_release(&whole);
	names_release(&once);
}

static void
parts_become_one(void **unused)
{
	char words[60][8];

	(void)unused;
	for (unsigned kinds = 1; kinds <= 60; kinds += 7)
		for (size_t cut = 0; cut <= 60; cut += 3) {
			for (unsigned i = 0; i < 60; i++)
				snprintf(words[i], sizeof(words[i]), "w%u", i * i % kinds);
			order = cut % ORDERS;
			join_at((const char(*)[8])words, 60, cut, cut % 2 == 0);
		}
}

/* Equal lines, one of them with something that must be noticed. */
static void
no_line_is_taken_for_another(void **unused)
{
	static const char *const lines[] = {"route to %s via h.example", "route %s to a.b via h.example",
	    "route to a.example via %s", "  route\tuser %s to a.example  via h", "route to %s via mx\r",
	    "route to a.example via h.example priority %s", "route to %s reject", "%s to a.example via h",
	    "route from %s via @r"};
	static const char *const odd[] = {"", "a", "a.", ".a", "a..b", "a.b\\", "\"a\"", "a\"", "\"a\",b", "a,b",
	    "a,\"b\"", "a,", "A.B", "b\xc3\xbc.example", "b\xff.example", "a#b", "#", " ", "\t", "a\tb", "a\rb",
	    "7", "007", "7a", "4294967296", "a@b.example", "@r", "@", "$l", "$", "*", "*.a", "<>", "any", "mx",
	    "[192.0.2.1]", "h:25", "h:99999", "192.0.2.1", "192.0.2.300", "a\x01", "a\x7f", "to", "via", "\\\n",
	    "0123456789012345678901234567890123456789012345678901234567890.example",
	    "a123456789.a123456789.a123456789.a12", "a123456789.a1234567890123456789..a"};

	(void)unused;
	order = IN_ORDER;
	for (size_t l = 0; l < sizeof(lines) / sizeof(*lines); l++)
		for (size_t o = 0; o < sizeof(odd) / sizeof(*odd); o++) {
			begin();
			put("relay r h.example\nlist l a b\nroute to $l via @r\n");
			for (int i = 0; i < 6; i++) {
				/* Not from a variable, for the compiler's sake. */
				const char *at = strstr(lines[l], "%s");

				put("%.*s%s%s\n", (int)(at - lines[l]), lines[l],
				    i == 3	       ? odd[o]
					: l == 1 || l == 5 ? (const char *[]){"11", "12", "13", "", "14",
								 "15"}[i]
					: l == 7 ? "route"
						 : "x.example",
				    at + 2);
			}
			conf_promises(&(struct conf_files){"no-such-directory/routes.conf", NULL, 0},
			    text->bytes, text->size);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(any_cut_will_do),
	    cmocka_unit_test(names_are_numbered_as_they_come),
	    cmocka_unit_test(other_routes_come_between),
	    cmocka_unit_test(every_faulty_route_is_counted),
	    cmocka_unit_test(parts_become_one),
	    cmocka_unit_test(no_line_is_taken_for_another),
	};

	text = malloc(sizeof(*text));
	return text == NULL ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
