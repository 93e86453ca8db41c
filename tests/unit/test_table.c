/* Perfect hash tables: every key is placed, none over another, whatever the keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "image/placing.h"
#include "runtime/format.h"

enum { ROOM = LINE_SIZE - LINE_ENTRIES };

static uint64_t
draw_hash(uint64_t n, uint64_t seed)
{
	return hash64(&n, sizeof(n), seed);
}

/* Keys to be drawn. */
struct draw {
	uint64_t (*hash)(uint64_t n, uint64_t seed);
	unsigned (*size)(size_t);
	uint64_t seed;
};

static void
draw_keys(void *arg, size_t first, size_t n, uint64_t *hashes, unsigned char *sizes)
{
	const struct draw *draw = arg;

	for (size_t i = 0; i < n; i++) {
		hashes[i] = draw->hash(first + i, draw->seed);
		sizes[i] = (unsigned char)draw->size(first + i);
	}
}

/* No two entries of a line overlap, and each key is where a reader looks. */
static void
check(const struct placing *table, struct draw *draw)
{
	unsigned char (*lines)[LINE_SIZE] = calloc(table->nslots / LINE_SLOTS + 1, LINE_SIZE);
	unsigned char *taken = calloc(table->nslots + 1, 1);

	assert_true(lines != NULL && taken != NULL);
	assert_int_equal(table->nslots % (TABLE_PARTS * LINE_SLOTS), 0);
	assert_int_equal(table->nseeds % (TABLE_PARTS * FILTER_BUCKETS), 0);
	for (size_t i = 0; i < table->count; i++) {
		uint64_t hash = draw->hash(i, draw->seed);
		unsigned size = draw->size(i);
		uint32_t slot = table->places[i].slot;
		unsigned char *line = lines[slot / LINE_SLOTS];
		uint32_t bucket = table_bucket(hash, table->nseeds);

		assert_int_equal(table->filter[bucket / FILTER_BUCKETS] & table_filter_bits(hash),
		    table_filter_bits(hash));
		assert_int_equal(slot, table_slot(hash, table->seeds[bucket], table->nslots));
		assert_int_equal(taken[slot]++, 0);
		assert_true(table->places[i].start >= LINE_ENTRIES);
		assert_true(table->places[i].start + size <= LINE_SIZE);
		for (unsigned at = 0; at < size; at++)
			assert_int_equal(line[table->places[i].start + at]++, 0);
	}
	free(lines);
	free(taken);
}

/* How many attempts it took. */
static unsigned
place(size_t count, unsigned (*size)(size_t))
{
	struct draw draw = {draw_hash, size, 0};
	struct placing table;

	placing_init(&table, count);
	for (;; draw.seed++) {
		placing_take(&table, draw_keys, &draw);
		placing_resize(&table, (unsigned)draw.seed);
		if (placing_try(&table))
			break;
		assert_true(draw.seed < 100);
	}
	check(&table, &draw);
	placing_release(&table);
	return (unsigned)draw.seed;
}

static unsigned
size_of_names(size_t i)
{
	return 12 + (unsigned)(draw_hash(i, 99) % 18);
}

static unsigned
size_of_groups(size_t i)
{
	(void)i;
	return 17;
}

static unsigned
size_largest(size_t i)
{
	(void)i;
	return ROOM;
}

static unsigned
size_half(size_t i)
{
	(void)i;
	return ROOM / 2 + 1;
}

static unsigned
size_smallest(size_t i)
{
	(void)i;
	return 6;
}

static unsigned
size_extremes(size_t i)
{
	return i % 2 == 0 ? 6 : ROOM;
}

static unsigned (*const sizes[])(size_t) = {size_of_names, size_of_groups, size_largest,
    size_half, size_smallest, size_extremes};
enum { SIZES = sizeof(sizes) / sizeof(*sizes) };

static void
test_few_keys(void **state)
{
	(void)state;
	for (size_t n = 0; n < 70; n++)
		for (size_t i = 0; i < SIZES; i++)
			place(n, sizes[i]);
}

/* Meanwhile another table may have failed. */
static void
test_no_keys_take_no_room(void **state)
{
	struct placing table;

	(void)state;
	placing_init(&table, 0);
	for (unsigned more = 0; more < 20; more++) {
		placing_resize(&table, more);
		assert_int_equal(table.nslots, 0);
		assert_int_equal(table.nseeds, 0);
		assert_true(placing_try(&table));
	}
	placing_release(&table);
}

/* Many keys of any size: the first or second attempt is the rule. */
static void
test_many_keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < SIZES; i++)
		assert_true(place(60000, sizes[i]) <= 6);
	assert_true(place(300000, size_of_names) <= 1);
}

static uint64_t
hash_one_twice(uint64_t n, uint64_t seed)
{
	return draw_hash(n == 999 ? 0 : n, seed);
}

static uint64_t
hash_all_alike(uint64_t n, uint64_t seed)
{
	return 12345 + 0 * n + seed;
}

/* Of one part. */
static uint64_t
hash_crowded(uint64_t n, uint64_t seed)
{
	return draw_hash(n, seed) >> TABLE_PART_BITS;
}

/* Keys that share a whole hash cannot be placed, but no loop runs for ever. */
static void
test_bad_hashes_are_refused(void **state)
{
	uint64_t (*const hashes[])(uint64_t, uint64_t) = {hash_one_twice, hash_all_alike,
	    hash_crowded};
	struct placing table;

	(void)state;
	for (size_t n = 1000; n < 100000; n *= 60) {
		placing_init(&table, n);
		for (unsigned i = 0; i < 3; i++) {
			struct draw draw = {hashes[i], size_of_groups, 0};

			placing_take(&table, draw_keys, &draw);
			placing_resize(&table, i);
			assert_false(placing_try(&table));
		}
		placing_release(&table);
	}
}

/* Where keys go depends on the keys alone. */
static void
test_the_same_keys_have_the_same_places(void **state)
{
	enum { KEYS = 30000 };
	struct draw draw = {draw_hash, size_of_names, 3};
	struct placing a, b;

	(void)state;
	placing_init(&a, KEYS);
	placing_init(&b, KEYS);
	placing_take(&a, draw_keys, &draw);
	placing_take(&b, draw_keys, &draw);
	placing_resize(&a, 0);
	placing_resize(&b, 0);
	assert_true(placing_try(&a));
	placing_take(&a, draw_keys, &draw);	/* as when groups have no place */
	assert_true(placing_try(&a));
	assert_true(placing_try(&b));
	for (size_t i = 0; i < KEYS; i++) {
		assert_int_equal(a.places[i].slot, b.places[i].slot);
		assert_int_equal(a.places[i].start, b.places[i].start);
	}
	assert_memory_equal(a.seeds, b.seeds, a.nseeds);
	placing_release(&a);
	placing_release(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_few_keys),
		cmocka_unit_test(test_no_keys_take_no_room),
		cmocka_unit_test(test_many_keys),
		cmocka_unit_test(test_bad_hashes_are_refused),
		cmocka_unit_test(test_the_same_keys_have_the_same_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
