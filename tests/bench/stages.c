/*
 * stages - where the time of a lookup goes: N DIR, where DIR holds the index
 * of N routes (data, then a compile).  The same names are asked for in random
 * order, each time by one more step of what a lookup does.
 */
#include <stdio.h>
#include <stdlib.h>

#include "keys.h"
#include "runtime/domain.h"
#include "subject.h"

enum { ROUNDS = 9, QUERIES = 300000 };

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

static const struct {
	const char *name;
	uint64_t (*step)(const struct tmail_routes *, const char *, size_t);
} stages[] = {
    {"hash", hash_only},
    {"filter", to_filter},
    {"line", to_line},
    {"compared", compared},
    {"lookup", whole},
};
enum { STAGES = sizeof(stages) / sizeof(*stages) };

static double
ask(const struct tmail_routes *routes, int stage, const struct row *row)
{
	const unsigned char *p = row->bytes;
	uint64_t found = 0, begin = bench_now();

	for (size_t i = 0; i < row->count; i++) {
		found += stages[stage].step(routes, (const char *)p + 1, *p) != 0;
		p += *p + 1u;
	}
	if (found != row->count)
		bench_fail(stages[stage].name, "a wrong answer");
	return (double)(bench_now() - begin) / (double)row->count;
}

static double
ask_limit(void *limit, const struct row *row)
{
	const unsigned char *p = row->bytes;
	uint64_t found = 0, begin = bench_now();

	for (size_t i = 0; i < row->count; i++) {
		found += subject_limit.find(limit, (const char *)p + 1, *p) != 0;
		p += *p + 1u;
	}
	if (found != row->count)
		bench_fail("limit", "a wrong answer");
	return (double)(bench_now() - begin) / (double)row->count;
}

int
main(int argc, char **argv)
{
	double ns[STAGES + 1][ROUNDS];
	struct tmail_routes *routes;
	char path[4096];
	struct keys keys;
	struct row row;
	void *limit;

	if (argc != 3) {
		fputs("usage: stages N DIR\n", stderr);
		return 2;
	}
	snprintf(path, sizeof(path), "%s/routes.idx", argv[2]);
	if (tmail_routes_open(path, 0, &routes) != TMAIL_OK)
		bench_fail(path, "cannot open");
	limit = subject_limit.open(path);
	keys_make(&keys, strtoul(argv[1], NULL, 10));
	row_make(&row, &keys, 0, keys.count, QUERIES);
	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < STAGES; i++)
			ns[i][round] = ask(routes, i, &row);
		ns[STAGES][round] = ask_limit(limit, &row);
	}
	printf("ns a name that is there, of %s routes, up to this step:\n", argv[1]);
	for (int i = 0; i < STAGES; i++)
		printf("  %-12s %6.1f\n", stages[i].name, bench_median(ns[i], ROUNDS));
	printf("  %-12s %6.1f\n", "limit", bench_median(ns[STAGES], ROUNDS));
	subject_limit.close(limit);
	tmail_routes_close(routes);
	row_free(&row);
	keys_free(&keys);
	return 0;
}
