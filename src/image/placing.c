/*
 * placing.c - "hash, displace and pack": buckets with many keys first, while
 * there is much room, each tries its seeds until all of its keys fit.
 */
#include "image/placing.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "image/parts.h"
#include "store/memory.h"
#include "store/parallel.h"

enum {
	/*
	 * Keys a bucket has on average, and how many of a hundred lines the
	 * tightest packing would fill.  With more of either, a bucket of a
	 * million begins to find no seed.
	 */
	BUCKET_LOAD = 3,
	FILL = 72,
	BUCKET_MOST = 32,	/* a bucket with more keys is given up */
	SEEDS = 256
};

void
placing_init(struct placing *placing, size_t count)
{
	*placing = (struct placing){.count = count,
	    .places = mem_resize(NULL, count, sizeof(*placing->places)),
	    .keys = mem_zero(1, sizeof(*placing->keys))};
}

void
placing_release(struct placing *placing)
{
	if (placing->keys != NULL)
		parts_release(placing->keys);
	free(placing->keys);
	free(placing->places);
	free(placing->seeds);
	free(placing->filter);
	*placing = (struct placing){0};
}

void
placing_take(struct placing *placing, placing_keys *keys, void *arg)
{
	parts_take(placing->keys, placing->count, keys, arg);
}

/* What a line begun with an entry of this size takes: the largest that fit. */
static unsigned
fill_line(const uint32_t counts[KEYS_ROOM + 1], unsigned size, unsigned taken[LINE_SLOTS])
{
	unsigned n = 0, left = KEYS_ROOM, same = 0;

	while (n < LINE_SLOTS && size > 0) {
		if (size > left || same == counts[size]) {
			size--;
			same = 0;
			continue;
		}
		taken[n++] = size;
		left -= size;
		same++;
	}
	return n;
}

/* How often a line can be filled so. */
static uint32_t
fill_times(const uint32_t counts[KEYS_ROOM + 1], const unsigned *taken, unsigned n)
{
	uint32_t times = UINT32_MAX;

	for (unsigned i = 0, run = 1; i < n; i++, run++) {
		if (i > 0 && taken[i] != taken[i - 1])
			run = 1;
		if (counts[taken[i]] / run < times)
			times = counts[taken[i]] / run;
	}
	return times;
}

/* Lines that the largest first would take, none of them with a hole to spare. */
static uint32_t
tightest(const struct placing *placing)
{
	uint32_t counts[KEYS_ROOM + 1], lines = 0;

	memcpy(counts, placing->keys->sizes, sizeof(counts));
	for (unsigned size = KEYS_ROOM; size > 0; size--)
		while (counts[size] > 0) {
			unsigned taken[LINE_SLOTS], n = fill_line(counts, size, taken);
			uint32_t times = fill_times(counts, taken, n);

			for (unsigned i = 0; i < n; i++)
				counts[taken[i]] -= times;
			lines += times;
		}
	return lines;
}

/* The next multiple of TABLE_PARTS. */
static uint64_t
whole_parts(uint64_t n)
{
	return (n + TABLE_PARTS - 1) / TABLE_PARTS * TABLE_PARTS;
}

uint32_t
placing_buckets(size_t keys)
{
	const size_t words_keys = (size_t)BUCKET_LOAD * FILTER_BUCKETS;

	return (uint32_t)whole_parts((keys + words_keys - 1) / words_keys) * FILTER_BUCKETS;
}

void
placing_resize(struct placing *placing, unsigned more)
{
	uint64_t lines;

	if (placing->lines_least == 0)
		placing->lines_least = tightest(placing);
	lines = ((uint64_t)placing->lines_least * 100 + FILL - 1) / FILL;
	/* Another seed is tried first; a few keys may be spread unevenly. */
	for (more /= 2; more > 0 && placing->count > 0; more--)
		lines += lines / 16 + 1;
	placing->nslots = (uint32_t)(whole_parts(lines) * LINE_SLOTS);
	placing->nseeds = placing_buckets(placing->count);
	free(placing->seeds);
	placing->seeds = mem_zero(placing->nseeds, 1);
	free(placing->filter);
	placing->filter = mem_zero(placing->nseeds / FILTER_BUCKETS, sizeof(*placing->filter));
}

/* What two threads build together, each taking the next part when done with one. */
struct building {
	struct placing *placing;
	atomic_uint next;			/* part */
	atomic_bool failed;
};

struct builder {
	const struct placing *placing;
	uint32_t part;				/* the one being built */
	struct carried *keys;			/* of the part, by bucket */
	uint32_t *starts;			/* of each bucket in keys */
	uint32_t *order;			/* buckets, those with most keys first */
	uint16_t *lines;			/* see line_entry */
};

static uint32_t
part_buckets(const struct builder *b)
{
	return b->placing->nseeds / TABLE_PARTS;
}

static uint32_t
part_slots(const struct builder *b)
{
	return b->placing->nslots / TABLE_PARTS;
}

static uint32_t
bucket_of(const struct builder *b, uint64_t hash)
{
	return table_bucket(hash, b->placing->nseeds) - b->part * part_buckets(b);
}

static uint32_t
bucket_size(const struct builder *b, uint32_t bucket)
{
	return b->starts[bucket + 1] - b->starts[bucket];
}

/* Sorts the keys of the part by bucket. */
static void
sort_keys(struct builder *b)
{
	uint32_t n = part_buckets(b);
	size_t count;

	/* Counted two further on: placing the keys moves each start to where it should be. */
	memset(b->starts, 0, ((size_t)n + 2) * sizeof(*b->starts));
	for (unsigned half = 0; half < KEYS_HALVES; half++) {
		const struct carried *keys = parts_get(b->placing->keys, b->part, half, &count);

		for (size_t i = 0; i < count; i++)
			b->starts[bucket_of(b, keys[i].hash) + 2]++;
	}
	for (uint32_t bucket = 0; bucket < n; bucket++)
		b->starts[bucket + 1] += b->starts[bucket];
	for (unsigned half = 0; half < KEYS_HALVES; half++) {
		const struct carried *keys = parts_get(b->placing->keys, b->part, half, &count);

		for (size_t i = 0; i < count; i++)
			b->keys[b->starts[bucket_of(b, keys[i].hash) + 1]++] = keys[i];
	}
}

/* Sorts the buckets by the number of their keys. */
static bool
sort_buckets(struct builder *b)
{
	uint32_t n = part_buckets(b), starts[BUCKET_MOST + 2] = {0};

	for (uint32_t bucket = 0; bucket < n; bucket++) {
		if (bucket_size(b, bucket) > BUCKET_MOST)
			return false;
		starts[BUCKET_MOST - bucket_size(b, bucket) + 1]++;
	}
	for (int i = 0; i < BUCKET_MOST; i++)
		starts[i + 1] += starts[i];
	for (uint32_t bucket = 0; bucket < n; bucket++)
		b->order[starts[BUCKET_MOST - bucket_size(b, bucket)]++] = bucket;
	return true;
}

/* What is used of a line: bytes, and above them a bit for each slot taken. */
enum { LINE_TAKEN = 256 };

static inline unsigned
line_entry(uint32_t slot, uint32_t size)
{
	return size + ((unsigned)LINE_TAKEN << slot % LINE_SLOTS);
}

static inline bool
line_fits(unsigned line, uint32_t slot, uint32_t size)
{
	return ((line & (unsigned)LINE_TAKEN << slot % LINE_SLOTS) == 0) &
	    (line % LINE_TAKEN + size <= LINE_SIZE);
}

/*
 * Where a seed sends the n keys of a bucket, in slots of the part.  False: one
 * has no room there.  (No branch for each key: none could be predicted.)
 */
static inline bool
aim(const struct builder *b, const struct carried *keys, size_t n, unsigned char seed,
    uint32_t *slots)
{
	const uint32_t nslots = b->placing->nslots, first = part_slots(b) * b->part;
	bool fit = true;

	for (size_t i = 0; i < n; i++) {
		slots[i] = table_slot(keys[i].hash, seed, nslots) - first;
		fit &= line_fits(b->lines[slots[i] / LINE_SLOTS], slots[i], keys[i].size);
	}
	return fit;
}

/* Puts them there, unless two of them collide. */
static bool
put(struct builder *b, const struct carried *keys, size_t n, const uint32_t *slots)
{
	const uint32_t first = part_slots(b) * b->part;

	for (size_t i = 0; i < n; i++) {
		uint16_t *line = &b->lines[slots[i] / LINE_SLOTS];

		if (!line_fits(*line, slots[i], keys[i].size)) {
			while (i-- > 0)
				b->lines[slots[i] / LINE_SLOTS] -=
				    (uint16_t)line_entry(slots[i], keys[i].size);
			return false;
		}
		b->placing->places[keys[i].key] =
		    (struct place){first + slots[i], (unsigned char)*line};
		*line += (uint16_t)line_entry(slots[i], keys[i].size);
	}
	return true;
}

static bool
place_bucket(struct builder *b, uint32_t bucket)
{
	const struct carried *keys = b->keys + b->starts[bucket];
	size_t n = bucket_size(b, bucket);
	uint32_t slots[BUCKET_MOST];

	for (unsigned seed = 0; seed < SEEDS; seed++)
		if (aim(b, keys, n, (unsigned char)seed, slots) && put(b, keys, n, slots)) {
			b->placing->seeds[b->part * part_buckets(b) + bucket] = (unsigned char)seed;
			return true;
		}
	return false;
}

/* Sorted by bucket, the keys are sorted by word, too. */
static void
fill_filter(struct builder *b)
{
	const struct carried *key = b->keys, *end = key + b->starts[part_buckets(b)];

	for (; key < end; key++)
		b->placing->filter[table_bucket(key->hash, b->placing->nseeds) / FILTER_BUCKETS] |=
		    table_filter_bits(key->hash);
}

/*
 * Buckets of one size lie all over the part, and their keys' places all over
 * the table: keys are prefetched some buckets ahead, and places once the keys
 * are there.
 */
static inline void
fetch(const struct builder *b, uint32_t i, uint32_t n)
{
	enum { AHEAD = 8 };

	if (i + 2 * AHEAD < n)
		__builtin_prefetch(b->keys + b->starts[b->order[i + 2 * AHEAD]]);
	if (i + AHEAD < n) {
		uint32_t bucket = b->order[i + AHEAD];

		for (uint32_t key = b->starts[bucket]; key < b->starts[bucket + 1]; key++)
			__builtin_prefetch(b->placing->places + b->keys[key].key, 1);
	}
}

static bool
build_part(struct builder *b, uint32_t part)
{
	uint32_t n = part_buckets(b);

	b->part = part;
	sort_keys(b);
	if (!sort_buckets(b))
		return false;
	fill_filter(b);
	for (uint32_t i = 0; i < part_slots(b) / LINE_SLOTS; i++)
		b->lines[i] = LINE_ENTRIES;
	for (uint32_t i = 0; i < n && bucket_size(b, b->order[i]) > 0; i++) {
		fetch(b, i, n);
		if (!place_bucket(b, b->order[i]))
			return false;
	}
	return true;
}

/* A thread's arrays have room for any part and are reused. */
static void
build(void *arg)
{
	struct building *building = arg;
	struct builder b = {.placing = building->placing};
	size_t n = part_buckets(&b);
	uint32_t part;

	b.keys = mem_alloc(b.placing->keys->room * KEYS_HALVES * sizeof(*b.keys));
	b.starts = mem_alloc((n + 2) * sizeof(*b.starts));
	b.order = mem_alloc(n * sizeof(*b.order));
	b.lines = mem_alloc(part_slots(&b) / LINE_SLOTS * sizeof(*b.lines));
	while (!building->failed && (part = building->next++) < TABLE_PARTS)
		if (!build_part(&b, part))
			building->failed = true;
	free(b.keys);
	free(b.starts);
	free(b.order);
	free(b.lines);
}

bool
placing_try(struct placing *placing)
{
	struct building building = {.placing = placing};

	if (placing->count == 0 || placing->keys->full)
		return placing->count == 0;
	parallel(placing->count, build, &building, build, &building);
	if (building.failed)
		return false;
	parts_release(placing->keys);
	return true;
}
