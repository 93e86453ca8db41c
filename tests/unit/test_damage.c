/*
 * Damaged and hostile indexes: an error, or a bounded answer.  The map is
 * moved in front of a page that must not be touched, so that no read beyond
 * its end goes unseen.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "mini_index.h"
#include "runtime/index.h"
#include "use_index.h"

enum { PAGE = 4096 };

static const struct mini_route list[] = {
	{.id = 1, .line = 1, .to = "a.example", .host = "h1", .port = 25, .weight = 7,
	    .local_mode = TMAIL_LOCAL_ROUND_ROBIN, .locals = {"192.0.2.1", "192.0.2.2"}},
	{.id = 2, .line = 2, .to = "a.example", .host = "h2", .port = 25, .weight = 9},
	{.id = 3, .line = 3, .to = "*.a.example", .host = "h3", .port = 25},
	{.id = 4, .line = 4, .user = "a.example", .to = "*", .host = "h4", .port = 25},
	{.id = 5, .line = 5, .user = "u@a.example", .to = "b@a.example", .from = "a.example",
	    .host = "h5", .port = 25},
	{.id = 6, .line = 6, .to = "*", .host = "h6", .login = "l", .password = "p"},
	{.id = 7, .line = 7, .to = "r.example", .action = TMAIL_REJECT,
	    .kind = TMAIL_HOP_NONE, .text = "5.7.1 no"},
};
enum { COUNT = sizeof(list) / sizeof(list[0]) };

static bool
is_error(enum tmail_status status)
{
	return status == TMAIL_E_FORMAT || status == TMAIL_E_VERSION ||
	    status == TMAIL_E_DAMAGED;
}

/* A table without keys lies outside the map. */
static void
move_table(const struct tmail_routes *moved, int section, struct table *table)
{
	if (moved->sections[section].count == 0)
		return;
	table->seeds = moved->sections[section + TABLE_SEEDS].ptr;
	table->filter = moved->sections[section + TABLE_FILTER].ptr;
	table->lines = moved->sections[section + TABLE_LINES].ptr;
}

/* The same index, its last byte right before a page that cannot be read. */
static void
use_at_the_edge(const struct tmail_routes *routes)
{
	size_t pages = (routes->size + PAGE - 1) / PAGE * PAGE;
	unsigned char *area = mmap(NULL, pages + PAGE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned char *edge = area + pages - routes->size;
	const unsigned char *old = routes->map;
	struct tmail_routes moved = *routes;
	int i;

	assert_true(area != MAP_FAILED);
	assert_int_equal(mprotect(area + pages, PAGE, PROT_NONE), 0);
	memcpy(edge, old, routes->size);
	moved.map = edge;
	for (i = 0; i < SECTION_COUNT; i++)
		moved.sections[i].ptr = edge + (routes->sections[i].ptr - old);
	move_table(&moved, SECTION_NAMES, &moved.names);
	move_table(&moved, SECTION_GROUPS, &moved.groups);
	use_index(&moved);
	munmap(area, pages + PAGE);
}

static void
try(const struct mini_index *index)
{
	struct tmail_routes *routes;
	enum tmail_status status = mini_open(index, 0, &routes);

	if (status != TMAIL_OK) {
		assert_true(is_error(status));
		assert_null(routes);
		return;
	}
	use_at_the_edge(routes);
	tmail_routes_close(routes);
}

static void
refused(const struct mini_index *index, unsigned flags)
{
	struct tmail_routes *routes;

	assert_true(is_error(mini_open(index, flags, &routes)));
	assert_null(routes);
}

static struct mini_index
build(void)
{
	return mini_build(list, COUNT, NULL, 0, 8);
}

static void
test_every_length_but_the_right_one_is_refused(void **state)
{
	struct mini_index index = build(), cut = index;

	(void)state;
	for (cut.size = 0; cut.size < index.size; cut.size++) {
		refused(&cut, 0);
		if (cut.size % 64 == 0)
			refused(&cut, TMAIL_OPEN_SEALED);
	}
	cut.bytes = calloc(1, index.size + 1);
	assert_non_null(cut.bytes);
	memcpy(cut.bytes, index.bytes, index.size);
	cut.size = index.size + 1;
	refused(&cut, 0);
	free(cut.bytes);
	free(index.bytes);
}

static void
test_with_verify_every_changed_byte_is_seen(void **state)
{
	struct mini_index index = build();
	size_t i;

	(void)state;
	for (i = 0; i < index.size; i++) {
		index.bytes[i] ^= (unsigned char)(1 << i % 8);
		refused(&index, TMAIL_OPEN_VERIFY);
		index.bytes[i] ^= (unsigned char)(1 << i % 8);
		index.bytes[i] ^= 0xff;
		refused(&index, TMAIL_OPEN_VERIFY);
		index.bytes[i] ^= 0xff;
	}
	free(index.bytes);
}

/* A plain open: checksums as they were, and made to fit. */
static void
test_every_changed_byte_is_bounded(void **state)
{
	static const unsigned char masks[] = {0x01, 0x02, 0x04, 0x10, 0x40, 0x80, 0xff};
	struct mini_index index = build();
	unsigned char *good = malloc(index.size);
	size_t i, m;

	(void)state;
	assert_non_null(good);
	memcpy(good, index.bytes, index.size);
	for (i = 0; i < index.size; i++)
		for (m = 0; m < sizeof(masks); m++) {
			index.bytes[i] ^= masks[m];
			if (m == 0)
				try(&index);
			mini_seal(&index);
			try(&index);
			memcpy(index.bytes, good, index.size);
		}
	free(good);
	free(index.bytes);
}

/* Whole numbers of four bytes, at every place that may hold one. */
static void
test_every_changed_number_is_bounded(void **state)
{
	static const uint32_t numbers[] = {
		0, 1, 2, 3, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff, 0x40000000,
		0x55555556, 0x00ffffff, 64, 320
	};
	struct mini_index index = build();
	size_t i, n;

	(void)state;
	for (i = 0; i + 4 <= index.size; i += 4) {
		uint32_t old = le32_get(index.bytes + i);

		for (n = 0; n < sizeof(numbers) / sizeof(numbers[0]); n++) {
			le32_put(index.bytes + i, numbers[n]);
			mini_seal(&index);
			try(&index);
			le32_put(index.bytes + i, old + (uint32_t)n - 6);
			mini_seal(&index);
			try(&index);
		}
		le32_put(index.bytes + i, old);
	}
	free(index.bytes);
}

static uint64_t seed = 3;

static unsigned
draw(unsigned n)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned)((seed >> 33) % n);
}

static void
test_much_damage_is_bounded(void **state)
{
	struct mini_index index = build();
	unsigned char *good = malloc(index.size);
	int round, changes;

	(void)state;
	assert_non_null(good);
	memcpy(good, index.bytes, index.size);
	for (round = 0; round < 3000; round++) {
		for (changes = 1 + (int)draw(40); changes > 0; changes--)
			index.bytes[HEADER_RUNGS + draw((unsigned)index.size - HEADER_RUNGS)] =
			    (unsigned char)draw(256);
		memcpy(index.bytes + HEADER_SECTIONS, good + HEADER_SECTIONS,
		    HEADER_CHECKSUM - HEADER_SECTIONS);
		mini_seal(&index);
		try(&index);
		memcpy(index.bytes, good, index.size);
	}
	free(good);
	free(index.bytes);
}

static unsigned char *
section_of(struct mini_index *index, int section)
{
	return index->bytes + le64_get(index->bytes + HEADER_SECTIONS + 16 * section);
}

static size_t
section_len(const struct mini_index *index, int section)
{
	return (size_t)le64_get(index->bytes + HEADER_SECTIONS + 16 * section + 8);
}

/* What is seen to be damaged is an error, never "no route": lists that lead nowhere. */
static void
test_damage_seen_is_not_no_route(void **state)
{
	struct mini_index index = build();
	unsigned char *lines = section_of(&index, SECTION_NAMES + TABLE_LINES);
	size_t n = section_len(&index, SECTION_NAMES + TABLE_LINES) / LINE_SIZE, i;
	struct tmail_routes *routes;
	struct tmail_match match;
	int slot;

	(void)state;
	for (i = 0; i < n; i++)
		for (slot = 0; slot < LINE_SLOTS; slot++) {
			unsigned char *line = lines + i * LINE_SIZE;

			if (line[slot] != 0)
				le32_put(line + line[slot] + ENTRY_LIST, LIST_RECORD | 0x7ffffff0);
		}
	mini_seal(&index);
	assert_int_equal(mini_open(&index, 0, &routes), TMAIL_OK);
	for (i = 0; i < 4; i++) {
		assert_int_equal(tmail_routes_lookup(routes, &use_queries[i], &match),
		    TMAIL_E_DAMAGED);
		assert_int_equal(match.count, 0);
		assert_null(match.to.ptr);
	}
	tmail_routes_close(routes);
	free(index.bytes);
}

/* An entry that would reach beyond its line: a name of the query leads there. */
static void
test_an_entry_beyond_its_line_is_damage(void **state)
{
	struct mini_index index = build();
	unsigned char *lines = section_of(&index, SECTION_NAMES + TABLE_LINES);
	size_t n = section_len(&index, SECTION_NAMES + TABLE_LINES) / LINE_SIZE, i;
	struct tmail_routes *routes;
	struct tmail_match match;
	int slot;

	(void)state;
	for (i = 0; i < n; i++)
		for (slot = 0; slot < LINE_SLOTS; slot++) {
			unsigned char *line = lines + i * LINE_SIZE, len;

			if (line[slot] == 0)
				continue;
			len = line[line[slot] + ENTRY_LENGTH];
			line[slot] = LINE_SIZE - 4;
			line[LINE_SIZE - 4 + ENTRY_LENGTH] = len;
		}
	mini_seal(&index);
	assert_int_equal(mini_open(&index, 0, &routes), TMAIL_OK);
	assert_int_equal(tmail_routes_lookup(routes, &use_queries[3], &match), TMAIL_E_DAMAGED);
	use_at_the_edge(routes);
	tmail_routes_close(routes);
	free(index.bytes);
}

/* A table's three sections fit each other, or the index is refused. */
static void
test_tables_of_odd_sizes_are_refused(void **state)
{
	static const int sections[] = {SECTION_NAMES, SECTION_GROUPS};
	struct mini_index index = build();
	size_t i;
	int part;

	(void)state;
	for (i = 0; i < 2; i++)
		for (part = TABLE_SEEDS; part <= TABLE_LINES; part++) {
			unsigned char *len = index.bytes + HEADER_SECTIONS +
			    16 * (sections[i] + part) + 8;
			uint64_t old = le64_get(len);

			le64_put(len, 0);
			mini_seal(&index);
			refused(&index, 0);
			le64_put(len, old - (part == TABLE_SEEDS ? old : 1));
			mini_seal(&index);
			refused(&index, 0);
			if (part != TABLE_SEEDS) {
				le64_put(len, old - 4);
				mini_seal(&index);
				refused(&index, 0);
			}
			le64_put(len, old);
		}
	free(index.bytes);
}

/* Names and groups that are there do not vanish with the end of RECORDS. */
static void
test_cut_records_are_damage_not_no_route(void **state)
{
	struct mini_index index = build();
	unsigned char *len = index.bytes + HEADER_SECTIONS + 16 * SECTION_RECORDS + 8;
	uint64_t whole = le64_get(len), cut;
	struct tmail_routes *routes;
	struct tmail_match match;
	size_t i, damaged = 0;

	(void)state;
	for (cut = 0; cut < whole; cut++) {
		le64_put(len, cut);
		mini_seal(&index);
		assert_int_equal(mini_open(&index, 0, &routes), TMAIL_OK);
		for (i = 0; i < USE_QUERIES; i++) {
			enum tmail_status status;

			status = tmail_routes_lookup(routes, &use_queries[i], &match);
			assert_true(status == TMAIL_OK || status == TMAIL_E_DAMAGED);
			damaged += status == TMAIL_E_DAMAGED;
		}
		use_at_the_edge(routes);
		tmail_routes_close(routes);
	}
	assert_true(damaged >= whole);
	free(index.bytes);
}

/* What a hop says of its source addresses is checked with the hop. */
static void
test_locals_beyond_their_section_are_damage(void **state)
{
	struct mini_index index = build();
	unsigned char *hop = index.bytes +
	    le64_get(index.bytes + HEADER_SECTIONS + 16 * SECTION_HOPS);
	struct tmail_routes *routes;
	struct tmail_match match;
	struct tmail_route route;
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		le32_put(hop + HOP_LOCAL_FIRST, i == 0 ? 0 : i == 1 ? 1 : 0xffffffff);
		le32_put(hop + HOP_LOCAL_COUNT, i == 0 ? 3 : 2);
		mini_seal(&index);
		assert_int_equal(mini_open(&index, 0, &routes), TMAIL_OK);
		assert_int_equal(tmail_routes_lookup(routes, &use_queries[1], &match), TMAIL_OK);
		assert_int_equal(tmail_match_route(routes, &match, 0, &route),
		    TMAIL_E_DAMAGED);
		tmail_routes_close(routes);
	}
	free(index.bytes);
}

/* Sections anywhere: wrapping sums, odd places, beyond the end. */
static void
test_hostile_sections_are_refused(void **state)
{
	static const uint64_t offsets[] = {1, 65, UINT64_MAX, UINT64_MAX - 63, UINT64_C(1) << 63};
	struct mini_index index = build();
	unsigned char *entry;
	size_t i;
	int n;

	(void)state;
	for (n = 0; n < SECTION_COUNT; n++) {
		uint64_t offset, len;

		entry = index.bytes + HEADER_SECTIONS + 16 * n;
		offset = le64_get(entry);
		len = le64_get(entry + 8);
		for (i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
			le64_put(entry, offsets[i]);
			mini_seal(&index);
			refused(&index, 0);
			le64_put(entry, offset);
			le64_put(entry + 8, offsets[i] < 66 ? index.size + 1 : offsets[i]);
			mini_seal(&index);
			refused(&index, 0);
			le64_put(entry + 8, len);
		}
	}
	free(index.bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_length_but_the_right_one_is_refused),
		cmocka_unit_test(test_with_verify_every_changed_byte_is_seen),
		cmocka_unit_test(test_every_changed_byte_is_bounded),
		cmocka_unit_test(test_every_changed_number_is_bounded),
		cmocka_unit_test(test_much_damage_is_bounded),
		cmocka_unit_test(test_damage_seen_is_not_no_route),
		cmocka_unit_test(test_an_entry_beyond_its_line_is_damage),
		cmocka_unit_test(test_tables_of_odd_sizes_are_refused),
		cmocka_unit_test(test_cut_records_are_damage_not_no_route),
		cmocka_unit_test(test_locals_beyond_their_section_are_damage),
		cmocka_unit_test(test_hostile_sections_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
