/* Plans: order by priority and chance, equal routes as one, repeatable. */
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

#include "mini_index.h"

enum { MANY = 2000, DRAWS = 60000 };

struct group {
	struct tmail_routes *routes;
	struct tmail_match match;
};

static void
group_open(struct group *g, const struct mini_route *list, size_t n)
{
	struct mini_index index = mini_build(list, n, NULL, 0, 8);
	struct tmail_query query = {.recipient = {"x@a", 3}};

	assert_int_equal(mini_open(&index, 0, &g->routes), TMAIL_OK);
	assert_int_equal(tmail_routes_lookup(g->routes, &query, &g->match), TMAIL_OK);
	free(index.bytes);
}

static size_t
plan(const struct group *g, struct tmail_random *random, struct tmail_candidate *c)
{
	size_t count;

	assert_int_equal(tmail_match_plan(g->routes, &g->match, random, c,
	    g->match.count, &count), TMAIL_OK);
	return count;
}

static uint32_t
id_of(const struct group *g, const struct tmail_candidate *c)
{
	struct tmail_route route;

	assert_int_equal(tmail_match_route(g->routes, &g->match, c->route, &route), TMAIL_OK);
	assert_int_equal(route.priority, c->priority);
	return route.id;
}

/* Values of the reference implementation of SplitMix64. */
static void
test_the_generator_is_splitmix64(void **state)
{
	struct tmail_random random;

	(void)state;
	tmail_random_init(&random, 1234567);
	assert_true(tmail_random_next(&random) == UINT64_C(6457827717110365317));
	assert_true(tmail_random_next(&random) == UINT64_C(3203168211198807973));
	assert_true(tmail_random_next(&random) == UINT64_C(9817491932198370423));
	assert_true(tmail_random_next(&random) == UINT64_C(4593380528125082431));
	assert_true(tmail_random_next(&random) == UINT64_C(16408922859458223821));
}

static void
test_priorities_ascend(void **state)
{
	static const struct mini_route list[] = {
		{.id = 1, .to = "a", .host = "h1", .priority = 9},
		{.id = 2, .to = "a", .host = "h2", .priority = 1},
		{.id = 3, .to = "a", .host = "h3", .priority = 5, .weight = 65535},
		{.id = 4, .to = "a", .host = "h4", .priority = 5},
		{.id = 5, .to = "a", .host = "h5", .priority = 0},
		{.id = 6, .to = "a", .kind = TMAIL_HOP_MX, .priority = 65535},
	};
	static const uint16_t wanted[] = {0, 1, 5, 5, 9, 65535};
	struct tmail_candidate c[6];
	struct tmail_random random;
	struct group g;
	uint64_t number;
	size_t i;

	(void)state;
	group_open(&g, list, 6);
	for (number = 0; number < 100; number++) {
		unsigned seen = 0;

		tmail_random_init(&random, number);
		assert_int_equal(plan(&g, &random, c), 6);
		for (i = 0; i < 6; i++) {
			assert_int_equal(c[i].priority, wanted[i]);
			seen |= 1u << id_of(&g, &c[i]);
		}
		assert_int_equal(seen, 0x7e);
	}
	tmail_routes_close(g.routes);
}

/* Observed counts of n draws against chance p: within six deviations. */
static void
near(uint64_t count, uint64_t n, uint64_t part, uint64_t whole)
{
	/* (count * whole - n * part)^2 <= 36 * n * part * (whole - part) */
	int64_t off = (int64_t)(count * whole) - (int64_t)(n * part);

	if ((uint64_t)(off * off) > 36 * n * part * (whole - part))
		fail_msg("%u of %u, where %u of %u were to be", (unsigned)count,
		    (unsigned)n, (unsigned)part, (unsigned)whole);
}

static void
test_places_go_by_weight(void **state)
{
	static const struct mini_route list[] = {
		{.id = 1, .to = "a", .host = "h1", .weight = 1},
		{.id = 2, .to = "a", .host = "h2", .weight = 2},
		{.id = 3, .to = "a", .host = "h3", .weight = 5},
	};
	uint64_t first[4] = {0}, second_after_3[4] = {0};
	struct tmail_candidate c[3];
	struct tmail_random random;
	struct group g;
	int i;

	(void)state;
	group_open(&g, list, 3);
	tmail_random_init(&random, 42);
	for (i = 0; i < DRAWS; i++) {
		assert_int_equal(plan(&g, &random, c), 3);
		first[id_of(&g, &c[0])]++;
		if (id_of(&g, &c[0]) == 3)
			second_after_3[id_of(&g, &c[1])]++;
	}
	near(first[1], DRAWS, 1, 8);
	near(first[2], DRAWS, 2, 8);
	near(first[3], DRAWS, 5, 8);
	near(second_after_3[1], first[3], 1, 3);
	near(second_after_3[2], first[3], 2, 3);
	assert_int_equal(second_after_3[3], 0);
	tmail_routes_close(g.routes);
}

/* big, big, small: two thirds to big, and small next when big is down. */
static void
test_equal_routes_are_one_candidate(void **state)
{
	static const struct mini_route list[] = {
		{.id = 7, .to = "a", .host = "big", .weight = 1},
		{.id = 3, .to = "a", .host = "small"},
		{.id = 5, .to = "a", .host = "big", .weight = 1},
		{.id = 9, .to = "a", .host = "big", .weight = 1, .priority = 2},
	};
	struct tmail_candidate c[4];
	struct tmail_random random;
	uint64_t big = 0;
	struct group g;
	int i;

	(void)state;
	group_open(&g, list, 4);
	tmail_random_init(&random, 1);
	for (i = 0; i < DRAWS; i++) {
		bool first;

		assert_int_equal(plan(&g, &random, c), 3);
		first = id_of(&g, &c[0]) == 5;
		big += first;
		assert_int_equal(id_of(&g, &c[0]) + id_of(&g, &c[1]), 8);
		assert_true(c[!first].weight == 2);
		assert_true(c[first].weight == 1);
		assert_int_equal(id_of(&g, &c[2]), 9);
		assert_true(c[2].weight == 1);
	}
	near(big, DRAWS, 2, 3);
	tmail_routes_close(g.routes);
}

/* The order of a plan is part of what callers keep: it never changes. */
static void
test_a_number_gives_the_same_plan_for_ever(void **state)
{
	static const uint32_t wanted[3][8] = {
		{7, 1, 3, 5, 8, 6, 4, 2},
		{7, 5, 3, 1, 8, 6, 4, 2},
		{7, 3, 5, 1, 6, 2, 8, 4}
	};
	static const uint64_t numbers[] = {0, 1, UINT64_MAX};
	static const char *const hosts[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
	struct tmail_candidate c[8], again[8];
	struct mini_route list[8];
	struct tmail_random random;
	struct group g;
	size_t i, n;

	(void)state;
	memset(list, 0, sizeof(list));
	for (i = 0; i < 8; i++)
		list[i] = (struct mini_route){.id = (uint32_t)i + 1, .to = "a",
		    .host = hosts[i], .weight = (uint16_t)(i * i + 1),
		    .priority = (uint16_t)(i % 2)};
	group_open(&g, list, 8);
	for (n = 0; n < 3; n++) {
		tmail_random_init(&random, numbers[n]);
		assert_int_equal(plan(&g, &random, c), 8);
		for (i = 0; i < 8; i++)
			assert_int_equal(id_of(&g, &c[i]), wanted[n][i]);
		tmail_random_init(&random, numbers[n]);
		memset(again, 0xff, sizeof(again));
		plan(&g, &random, again);
		for (i = 0; i < 8; i++) {
			assert_int_equal(c[i].route, again[i].route);
			assert_true(c[i].draw == again[i].draw);
		}
	}
	tmail_routes_close(g.routes);
}

/* The numbers of hops change with every compile; plans do not. */
static void
test_plans_do_not_depend_on_other_routes(void **state)
{
	static const struct mini_route list[] = {
		{.id = 1, .to = "z", .host = "h3"},
		{.id = 2, .to = "a", .host = "h1"},
		{.id = 3, .to = "a", .host = "h2"},
		{.id = 4, .to = "a", .host = "h3"},
	};
	struct tmail_candidate c[3], d[3];
	struct tmail_random random;
	struct group g, h;
	uint64_t number;
	size_t i;

	(void)state;
	group_open(&g, list, 4);
	group_open(&h, list + 1, 3);
	for (number = 0; number < 50; number++) {
		tmail_random_init(&random, number);
		plan(&g, &random, c);
		tmail_random_init(&random, number);
		plan(&h, &random, d);
		for (i = 0; i < 3; i++)
			assert_int_equal(id_of(&g, &c[i]), id_of(&h, &d[i]));
	}
	tmail_routes_close(g.routes);
	tmail_routes_close(h.routes);
}

static void
test_many_routes_each_come_once(void **state)
{
	struct mini_route *list = calloc(MANY, sizeof(*list));
	char (*hosts)[16] = calloc(MANY, sizeof(*hosts));
	struct tmail_candidate *c = calloc(MANY, sizeof(*c));
	unsigned char *seen = calloc(MANY + 1, 1);
	struct tmail_random random;
	struct group g;
	uint64_t total = 0;
	size_t i, n;

	(void)state;
	assert_true(list != NULL && hosts != NULL && c != NULL && seen != NULL);
	for (i = 0; i < MANY; i++) {
		snprintf(hosts[i], sizeof(hosts[i]), "h%zu", i * 7 % 1500);
		list[i] = (struct mini_route){.id = (uint32_t)i + 1, .to = "a",
		    .host = hosts[i], .weight = 65535};
	}
	group_open(&g, list, MANY);
	tmail_random_init(&random, 5);
	n = plan(&g, &random, c);
	assert_int_equal(n, 1500);
	for (i = 0; i < n; i++) {
		assert_true(c[i].route < g.match.count);
		assert_false(seen[c[i].route]);
		seen[c[i].route] = 1;
		total += c[i].weight;
	}
	assert_true(total == (uint64_t)MANY * 65535);
	tmail_routes_close(g.routes);
	free(list);
	free(hosts);
	free(c);
	free(seen);
}

static void
test_rules_of_the_call(void **state)
{
	static const struct mini_route list[] = {
		{.id = 1, .to = "a", .host = "h1"},
		{.id = 2, .to = "a", .host = "h2"},
	};
	static const struct mini_route no[] = {
		{.id = 1, .to = "a", .action = TMAIL_DEFER, .kind = TMAIL_HOP_NONE, .text = "4.3.2 x"},
	};
	struct tmail_candidate c[3];
	struct tmail_random random = {1};
	struct group g;
	size_t count = 9;

	(void)state;
	group_open(&g, list, 2);
	memset(&c[2], 0x55, sizeof(c[2]));
	assert_int_equal(tmail_match_plan(g.routes, &g.match, &random, c, 1, &count),
	    TMAIL_E_SPACE);
	assert_int_equal(count, 0);
	errno = E2BIG;
	assert_int_equal(tmail_match_plan(g.routes, &g.match, &random, c, 2, &count), TMAIL_OK);
	assert_int_equal(errno, E2BIG);
	assert_int_equal(count, 2);
	assert_int_equal(((unsigned char *)&c[2])[0], 0x55);
	tmail_routes_close(g.routes);
	group_open(&g, no, 1);
	count = 9;
	assert_int_equal(g.match.action, TMAIL_DEFER);
	assert_int_equal(tmail_match_plan(g.routes, &g.match, &random, c, 3, &count),
	    TMAIL_E_ARGUMENT);
	assert_int_equal(count, 0);
	tmail_routes_close(g.routes);
}

/* The permutation of four source addresses in a candidate, as one number. */
static unsigned
order_of(const struct group *g, const struct tmail_candidate *c)
{
	struct tmail_address address;
	struct tmail_route route;
	unsigned order = 0, seen = 0;
	uint32_t i;

	assert_int_equal(tmail_match_route(g->routes, &g->match, c->route, &route), TMAIL_OK);
	assert_int_equal(route.local_count, 4);
	for (i = 0; i < 4; i++) {
		assert_int_equal(tmail_candidate_local(g->routes, c, &route, i, &address),
		    TMAIL_OK);
		order = order * 4 + address.bytes[3];
		seen |= 1u << address.bytes[3];
	}
	assert_int_equal(seen, 15);
	assert_int_equal(tmail_candidate_local(g->routes, c, &route, 4, &address),
	    TMAIL_E_ARGUMENT);
	return order;
}

static void
test_source_addresses_are_shuffled_or_not(void **state)
{
	static const struct mini_route list[] = {
		{.id = 1, .to = "a", .host = "h", .local_mode = TMAIL_LOCAL_ROUND_ROBIN,
		    .locals = {"192.0.2.0", "192.0.2.1", "192.0.2.2", "192.0.2.3"}},
		{.id = 2, .to = "a", .host = "h", .local_mode = TMAIL_LOCAL_FAILOVER,
		    .locals = {"192.0.2.0", "192.0.2.1", "192.0.2.2", "192.0.2.3"}},
	};
	uint64_t counts[256] = {0};
	struct tmail_candidate c[2];
	struct tmail_random random;
	struct group g;
	int i, orders = 0;

	(void)state;
	group_open(&g, list, 2);
	tmail_random_init(&random, 77);
	for (i = 0; i < DRAWS / 4; i++) {
		bool second;

		assert_int_equal(plan(&g, &random, c), 2);
		second = id_of(&g, &c[1]) == 1;
		assert_int_equal(order_of(&g, &c[!second]), 0x1b);
		counts[order_of(&g, &c[second])]++;
	}
	for (i = 0; i < 256; i++)
		if (counts[i] > 0) {
			near(counts[i], DRAWS / 4, 1, 24);
			orders++;
		}
	assert_int_equal(orders, 24);
	tmail_routes_close(g.routes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_generator_is_splitmix64),
		cmocka_unit_test(test_priorities_ascend),
		cmocka_unit_test(test_places_go_by_weight),
		cmocka_unit_test(test_equal_routes_are_one_candidate),
		cmocka_unit_test(test_a_number_gives_the_same_plan_for_ever),
		cmocka_unit_test(test_plans_do_not_depend_on_other_routes),
		cmocka_unit_test(test_many_routes_each_come_once),
		cmocka_unit_test(test_rules_of_the_call),
		cmocka_unit_test(test_source_addresses_are_shuffled_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
