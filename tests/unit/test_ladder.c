/*
 * The ladder against its definition: routes.conf(5)'s loops, walked naively
 * over the list of routes, for random routes and queries.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "naive.h"

enum { ROUTES_MAX = 60, NAME_MAX_LEN = 96 };

static uint64_t seed = 1;

static unsigned
draw(unsigned n)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned)((seed >> 33) % n);
}

static const char *const domains[] = {
	"example", "a.example", "b.a.example", "c.b.a.example", "x.example", "tmail.io",
	"[192.0.2.1]", "u", "averylongsubdomainlabel.of-some-sort.example",
};
static const char *const locals[] = {"u", "v", "a+b", "averylonglocalpart.with.dots"};

#define PICK(list) list[draw(sizeof(list) / sizeof(list[0]))]

/* a, middle and b in buf. */
static const char *
join(char buf[NAME_MAX_LEN], const char *a, const char *middle, const char *b)
{
	int n = snprintf(buf, NAME_MAX_LEN, "%s%s%s", a, middle, b);

	assert_in_range(n, 1, NAME_MAX_LEN - 1);
	return buf;
}

static const char *
random_name(char buf[NAME_MAX_LEN])
{
	if (draw(2) == 0)
		return PICK(domains);
	return join(buf, PICK(locals), "@", PICK(domains));
}

struct random_routes {
	struct mini_route routes[ROUTES_MAX];
	char names[ROUTES_MAX][3][NAME_MAX_LEN];
	size_t count;
};

static void
random_route(struct mini_route *r, char names[3][NAME_MAX_LEN], uint32_t id)
{
	unsigned kind = draw(8);

	*r = (struct mini_route){.id = id, .line = id, .host = "h", .port = 25,
	    .priority = (uint16_t)draw(3)};
	r->to = random_name(names[0]);
	if (kind < 2)
		r->to = "*";
	else if (kind < 4)
		r->to = join(names[0], "*.", "", domains[draw(6)]);
	kind = draw(6);
	if (kind < 3)
		r->user = kind == 0 ? "*" : random_name(names[1]);
	kind = draw(6);
	if (kind < 3)
		r->from = kind == 0 ? "<>" : random_name(names[2]);
}

static void
random_routes(struct random_routes *all)
{
	size_t i;

	all->count = draw(ROUTES_MAX);
	for (i = 0; i < all->count; i++)
		random_route(&all->routes[i], all->names[i], (uint32_t)i + 1);
}

static bool
is(struct tmail_slice got, const char *wanted)
{
	return got.len == strlen(wanted) && memcmp(got.ptr, wanted, got.len) == 0;
}

/* The same name in another spelling, at random. */
static const char *
respell(char buf[NAME_MAX_LEN], const char *s)
{
	size_t i, n = s == NULL ? 0 : strlen(s);

	if (s == NULL || s[0] == '<' || draw(2) == 0)
		return s;
	for (i = 0; i <= n; i++)
		buf[i] = s[i] >= 'a' && s[i] <= 'z' && draw(3) == 0 ?
		    (char)(s[i] - 32) : s[i];
	if (buf[n - 1] != ']' && draw(3) == 0) {
		buf[n] = '.';
		buf[n + 1] = '\0';
	}
	return buf;
}

static struct tmail_slice
slice_of(const char *s)
{
	return (struct tmail_slice){s, s == NULL ? 0 : strlen(s)};
}

static void
check_query(const struct tmail_routes *routes, const struct random_routes *all)
{
	char names[3][NAME_MAX_LEN], spelt[3][NAME_MAX_LEN];
	const char *to = random_name(names[0]);
	const char *login = draw(2) == 0 ? NULL : random_name(names[1]);
	const char *from = draw(4) == 0 ? NULL : draw(4) == 0 ? "<>" :
	    join(names[2], PICK(locals), "@", PICK(domains));
	struct tmail_query query = {
		slice_of(respell(spelt[0], to)),
		slice_of(respell(spelt[1], login)),
		slice_of(respell(spelt[2], from))
	};
	struct naive naive;

	naive_init(&naive, to, login, from);
	errno = E2BIG;
	naive_check(&naive, all->routes, all->count, routes, &query);
	assert_int_equal(errno, E2BIG);
}

static void
test_random_ladders(void **state)
{
	struct random_routes all;
	struct mini_index index;
	struct tmail_routes *routes;
	int round, i;

	(void)state;
	for (round = 0; round < 400; round++) {
		memset(&all, 0, sizeof(all));
		random_routes(&all);
		index = mini_build(all.routes, all.count, NULL, 0, round % 2 == 0 ? 8 : 40);
		assert_int_equal(mini_open(&index, TMAIL_OPEN_VERIFY, &routes), TMAIL_OK);
		for (i = 0; i < 250; i++)
			check_query(routes, &all);
		tmail_routes_close(routes);
		free(index.bytes);
	}
}

/* Every name is there, in a table of many lines. */
static void
test_crowded_tables(void **state)
{
	enum { NAMES = 3000 };
	struct mini_route *list = calloc(NAMES, sizeof(*list));
	char (*names)[32] = calloc(NAMES, sizeof(*names));
	struct mini_index index;
	struct tmail_routes *routes;
	struct tmail_match match;
	unsigned i;

	(void)state;
	assert_true(list != NULL && names != NULL);
	for (i = 0; i < NAMES; i++) {
		snprintf(names[i], sizeof(names[i]), "n%u.example", i * 7919);
		list[i] = (struct mini_route){.id = i + 1, .line = 1, .to = names[i],
		    .host = "h", .user = i % 3 == 0 ? "*" : NULL};
	}
	index = mini_build(list, NAMES, NULL, 0, 3);
	assert_int_equal(mini_open(&index, 0, &routes), TMAIL_OK);
	for (i = 0; i < NAMES; i++) {
		struct tmail_query query = {.recipient = slice_of(names[i]),
		    .login = slice_of(i % 3 == 0 ? "u" : NULL)};
		char other[40];

		assert_int_equal(tmail_routes_lookup(routes, &query, &match), TMAIL_OK);
		assert_true(is(match.to, names[i]));
		snprintf(other, sizeof(other), "x%s", names[i]);
		query.recipient = slice_of(other);
		assert_int_equal(tmail_routes_lookup(routes, &query, &match), TMAIL_NO_ROUTE);
	}
	tmail_routes_close(routes);
	free(index.bytes);
	free(list);
	free(names);
}

/* All of the widest ladder: 126 parents, each in every kind of group. */
static void
test_the_longest_name(void **state)
{
	char name[300], wild[300];
	struct mini_route list[4] = {
		{.id = 1, .line = 1, .to = "*", .user = "l.x", .from = "s.x"},
		{.id = 2, .line = 2, .to = "*.b.c", .user = "*", .from = "s.x"},
		{.id = 3, .line = 3, .to = "*", .user = "u@l.x", .from = "s@s.x"},
		{.id = 4, .line = 4, .user = "l.x"},
	};
	struct mini_index index;
	struct tmail_query query;
	struct tmail_match match;
	struct tmail_routes *routes;
	int i;

	(void)state;
	for (i = 0; i < 126; i++)
		memcpy(name + 2 * i, "a.", 2);
	memcpy(name + 252, "a", 2);
	assert_int_equal(strlen(name), 253);
	snprintf(wild, sizeof(wild), "*.%s", name + 4);
	list[3].to = wild;
	index = mini_build(list, 4, NULL, 0, 8);
	assert_int_equal(mini_open(&index, 0, &routes), TMAIL_OK);
	query = (struct tmail_query){slice_of(name), slice_of("u@l.x"), slice_of("t@s.x")};
	assert_int_equal(tmail_routes_lookup(routes, &query, &match), TMAIL_OK);
	assert_true(is(match.to, wild));
	query.login = slice_of("u@l.y");
	assert_int_equal(tmail_routes_lookup(routes, &query, &match), TMAIL_NO_ROUTE);
	query.recipient = slice_of("b.c");
	query.login = slice_of("u@l.x");
	assert_int_equal(tmail_routes_lookup(routes, &query, &match), TMAIL_OK);
	assert_true(is(match.to, "*"));
	assert_true(is(match.user, "l.x"));
	tmail_routes_close(routes);
	free(index.bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_ladders),
		cmocka_unit_test(test_crowded_tables),
		cmocka_unit_test(test_the_longest_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
