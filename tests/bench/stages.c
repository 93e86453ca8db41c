/*
 * stages - where the time of a lookup goes: N DIR, where DIR holds the index
 * of N routes (data, then a compile).  The same names are asked for in random
 * order, each time by one more step of what a lookup does; then a few of them
 * over and over, so that all lies in the nearest cache and what is left is
 * work.  And how long memory takes to answer, by how much of it is in use.
 */
#include <stdio.h>
#include <stdlib.h>

#include "keys.h"
#include "runtime/domain.h"
#include "subject.h"

enum { ROUNDS = 15, QUERIES = 300000, FEW = 100 };

static uint64_t
hash_only(const struct tmail_routes *routes, const char *key, size_t len)
{
	return key_hash(routes->secret, key, len) | 1;
}

static uint64_t
to_filter(const struct tmail_routes *routes, const char *key, size_t len)
{
	struct probe probe;

	probe_aim(&probe, routes, &routes->names, key, len);
	return probe_may(&probe);
}

static uint64_t
to_line(const struct tmail_routes *routes, const char *key, size_t len)
{
	struct probe probe;
	uint32_t slot;

	probe_aim(&probe, routes, &routes->names, key, len);
	if (!probe_may(&probe))
		return 0;
	slot = table_slot_of(&routes->names, probe.hash);
	return table_line(&routes->names, slot)[slot % LINE_SLOTS] | 1u;
}

static uint64_t
compared(const struct tmail_routes *routes, const char *key, size_t len)
{
	struct probe probe;
	uint32_t list;

	probe_aim(&probe, routes, &routes->names, key, len);
	return probe_may(&probe) && table_find(routes, &routes->names,
	    table_slot_of(&routes->names, probe.hash), key, len, &list) == TMAIL_OK;
}

static uint64_t
whole(const struct tmail_routes *routes, const char *key, size_t len)
{
	struct tmail_query query = {.recipient = {key, len}};
	struct tmail_match match;

	return tmail_routes_lookup(routes, &query, &match) == TMAIL_OK;
}

typedef uint64_t step(const struct tmail_routes *, const char *, size_t);

/* What is measured; of names that are not there, steps behind the filter are none. */
static const struct {
	const char *name;
	step *step;
	size_t few;	/* so many names over and over; 0: all of the row, once */
	int missing;	/* of interest for these, too */
} stages[] = {
    {"hash", hash_only, 0, 1},
    {"filter", to_filter, 0, 1},
    {"line", to_line, 0, 0},
    {"compared", compared, 0, 0},
    {"lookup", whole, 0, 1},
    {"lookup in cache", whole, FEW, 1},
};
enum { STAGES = sizeof(stages) / sizeof(*stages) };

static size_t
ask(const struct tmail_routes *routes, step *take, const struct row *row, size_t count)
{
	const unsigned char *p = row->bytes;
	size_t found = 0;

	for (size_t i = 0; i < count; i++) {
		found += take(routes, (const char *)p + 1, *p) != 0;
		p += *p + 1u;
	}
	return found;
}

/* ns a name. */
static double
time_stage(const struct tmail_routes *routes, int stage, const struct row *row)
{
	size_t count = stages[stage].few != 0 ? stages[stage].few : row->count;
	uint64_t begin = bench_now(), found = 0;

	for (size_t i = 0; i < row->count / count; i++)
		found += ask(routes, stages[stage].step, row, count);
	if (found == 1)		/* so that nothing is optimized away */
		bench_fail(stages[stage].name, "a wrong answer");
	return (double)(bench_now() - begin) / (double)row->count;
}

static void
measure(size_t size, const char *question, const struct tmail_routes *routes,
    const struct row *row, int missing)
{
	static double ns[STAGES][ROUNDS];

	for (int round = 0; round < ROUNDS; round++)
		for (int i = 0; i < STAGES; i++)
			ns[i][round] = time_stage(routes, i, row);
	for (int i = 0; i < STAGES; i++)
		if (!missing || stages[i].missing)
			bench_result(size, question, stages[i].name, "ns",
			    bench_least(ns[i], ROUNDS));
}

/* A cache line that says which one is read next. */
struct link {
	struct link *next;
	char rest[64 - sizeof(struct link *)];
};

/* Links `count` lines in random order, in a ring. */
static void
link_lines(struct link *lines, size_t count)
{
	uint64_t state = BENCH_SEED;
	size_t *order = bench_alloc(count * sizeof(*order));

	for (size_t i = 0; i < count; i++) {
		size_t other = bench_random(&state) % (i + 1);

		order[i] = order[other];
		order[other] = i;
	}
	for (size_t i = 0; i < count; i++)
		lines[order[i]].next = &lines[order[(i + 1) % count]];
	free(order);
}

static double
follow(const struct link *link)
{
	enum { STEPS = 1000000 };
	uint64_t begin = bench_now();

	for (int i = 0; i < STEPS; i++)
		link = link->next;
	if (link == NULL)
		bench_fail("memory", "a loose end");
	return (double)(bench_now() - begin) / STEPS;
}

static void
measure_memory(size_t size)
{
	enum { LEAST = 256 * 1024, MOST = 64 * 1024 * 1024 };
	struct link *lines = bench_alloc(MOST);
	double ns[ROUNDS];
	char name[32];

	for (size_t bytes = LEAST; bytes <= MOST; bytes *= 2) {
		link_lines(lines, bytes / sizeof(*lines));
		follow(lines);
		for (int round = 0; round < ROUNDS; round++)
			ns[round] = follow(lines);
		snprintf(name, sizeof(name), "%zu KB", bytes / 1024);
		bench_result(size, "memory", name, "ns", bench_least(ns, ROUNDS));
	}
	free(lines);
}

int
main(int argc, char **argv)
{
	struct tmail_routes *routes;
	char path[4096];
	struct keys keys;
	struct row row;
	size_t size;

	if (argc != 3) {
		fputs("usage: stages N DIR\n", stderr);
		return 2;
	}
	size = strtoul(argv[1], NULL, 10);
	snprintf(path, sizeof(path), "%s/routes.idx", argv[2]);
	if (tmail_routes_open(path, 0, &routes) != TMAIL_OK)
		bench_fail(path, "cannot open");
	keys_make(&keys, size * 2);
	row_make(&row, &keys, 0, size, QUERIES);
	measure(size, "stages", routes, &row, 0);
	row_free(&row);
	row_make(&row, &keys, size, size, QUERIES);
	measure(size, "stages-miss", routes, &row, 1);
	row_free(&row);
	keys_free(&keys);
	measure_memory(size);
	tmail_routes_close(routes);
	return 0;
}
