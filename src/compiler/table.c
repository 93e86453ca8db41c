/*
 * table.c - "hash, displace and pack": buckets with many keys first, while
 * there is much room, each tries its seeds until all of its keys fit.
 */
#include "compiler/table.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/memory.h"
#include "compiler/parallel.h"
#include "runtime/format.h"

enum {
	ROOM = LINE_SIZE - LINE_ENTRIES,
	/*
	 * Keys a bucket has on average, and lines that the tightest packing
	 * would leave in use, of a hundred.  With more of either, one bucket
	 * of a million begins to find no seed.
	 */
	BUCKET_LOAD = 2,
	FILL = 79,
	BUCKET_MOST = 32,	/* a bucket with more keys is given up */
	SEEDS = 256
};

void
table_init(struct table *table, size_t count)
{
	*table = (struct table){
	    .count = count,
	    .hashes = mem_resize(NULL, count, sizeof(*table->hashes)),
	    .sizes = mem_resize(NULL, count, sizeof(*table->sizes)),
	    .slots = mem_resize(NULL, count, sizeof(*table->slots)),
	    .starts = mem_resize(NULL, count, sizeof(*table->starts))};
}

void
table_release(struct table *table)
{
	free(table->hashes);
	free(table->sizes);
	free(table->slots);
	free(table->starts);
	free(table->seeds);
	*table = (struct table){0};
}

/* What a line begun with an entry of this size takes: the largest that fit. */
static unsigned
fill_line(const uint32_t counts[ROOM + 1], unsigned size, unsigned taken[LINE_SLOTS])
{
	unsigned n = 0, left = ROOM, same = 0;

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
fill_times(const uint32_t counts[ROOM + 1], const unsigned *taken, unsigned n)
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
lines_least(const struct table *table)
{
	uint32_t counts[ROOM + 1] = {0}, lines = 0;

	for (size_t i = 0; i < table->count; i++)
		counts[table->sizes[i]]++;
	for (unsigned size = ROOM; size > 0; size--)
		while (counts[size] > 0) {
			unsigned taken[LINE_SLOTS], n = fill_line(counts, size, taken);
			uint32_t times = fill_times(counts, taken, n);

			for (unsigned i = 0; i < n; i++)
				counts[taken[i]] -= times;
			lines += times;
		}
	return lines;
}

uint32_t
table_buckets(size_t keys)
{
	return keys == 0 ? 0 : (uint32_t)(keys / BUCKET_LOAD / 2 * 2 + 2);
}

void
table_resize(struct table *table, unsigned more)
{
	uint64_t lines;

	if (table->nlines_least == 0)
		table->nlines_least = lines_least(table);
	lines = ((uint64_t)table->nlines_least * 100 + FILL - 1) / FILL;
	/* Another seed is tried first; few keys may lie unevenly. */
	for (more /= 2; more > 0; more--)
		lines += lines / 16 + 1;
	table->nslots = (uint32_t)((lines + 1) / 2 * 2 * LINE_SLOTS);
	table->nseeds = table_buckets(table->count);
	free(table->seeds);
	table->seeds = mem_zero(table->nseeds, 1);
}

struct line {
	unsigned char used;	/* bytes */
	unsigned char taken;	/* slots, as a mask */
};

/* Half a table: what is being placed, by bucket. */
struct half {
	struct table *table;
	uint32_t which;
	bool placed;
	uint32_t *first;	/* by bucket: its first key in keys */
	uint32_t *keys;
	uint64_t *hashes;	/* of those keys */
	unsigned char *sizes;
	uint32_t *order;	/* buckets, those with most keys first */
	struct line *lines;
	size_t most;		/* keys of one bucket */
};

static uint32_t
half_buckets(const struct half *half)
{
	return half->table->nseeds / 2;
}

static uint32_t
bucket_of(const struct half *half, uint64_t hash)
{
	return table_bucket(hash, half->table->nseeds) - half->which * half_buckets(half);
}

static size_t
bucket_size(const struct half *half, uint32_t bucket)
{
	return half->first[bucket + 1] - half->first[bucket];
}

/* The keys of this half, in ascending order; how many. */
static size_t
gather(const struct half *half, uint32_t *keys)
{
	const struct table *table = half->table;
	size_t n = 0;

	for (size_t i = 0; i < table->count; i++) {
		keys[n] = (uint32_t)i;
		n += table_half(table->hashes[i]) == half->which;
	}
	return n;
}

/* Sorts the keys by bucket. */
static void
sort_keys(struct half *half)
{
	const struct table *table = half->table;
	uint32_t n = half_buckets(half), *keys = mem_alloc((table->count + 1) * sizeof(*keys));
	size_t count = gather(half, keys);

	half->first = mem_zero((size_t)n + 2, sizeof(*half->first));
	for (size_t i = 0; i < count; i++)
		half->first[bucket_of(half, table->hashes[keys[i]]) + 2]++;
	for (uint32_t b = 0; b < n; b++)
		half->first[b + 1] += half->first[b];
	half->keys = mem_alloc(count * sizeof(*half->keys));
	half->hashes = mem_alloc(count * sizeof(*half->hashes));
	half->sizes = mem_alloc(count);
	for (size_t i = 0; i < count; i++) {
		uint64_t hash = table->hashes[keys[i]];
		uint32_t at = half->first[bucket_of(half, hash) + 1]++;

		half->keys[at] = keys[i];
		half->hashes[at] = hash;
		half->sizes[at] = table->sizes[keys[i]];
	}
	free(keys);
}

/* Sorts the buckets by the number of their keys. */
static bool
sort_buckets(struct half *half)
{
	uint32_t n = half_buckets(half), starts[BUCKET_MOST + 2] = {0};

	for (uint32_t b = 0; b < n; b++) {
		size_t size = bucket_size(half, b);

		if (size > BUCKET_MOST)
			return false;
		starts[BUCKET_MOST - size + 1]++;
	}
	for (int i = 0; i < BUCKET_MOST; i++)
		starts[i + 1] += starts[i];
	half->order = mem_alloc(n * sizeof(*half->order));
	for (uint32_t b = 0; b < n; b++)
		half->order[starts[BUCKET_MOST - bucket_size(half, b)]++] = b;
	return true;
}

static struct line *
line_of(const struct half *half, uint32_t slot)
{
	return &half->lines[slot / LINE_SLOTS];
}

static void
take_back(struct half *half, const uint32_t *slots, const unsigned char *sizes, size_t n)
{
	while (n-- > 0) {
		line_of(half, slots[n])->used -= sizes[n];
		line_of(half, slots[n])->taken ^= (unsigned char)(1u << slots[n] % LINE_SLOTS);
	}
}

/* Puts the keys of a bucket where this seed sends them, all or none. */
static bool
try_seed(struct half *half, uint32_t bucket, unsigned char seed)
{
	struct table *table = half->table;
	size_t first = half->first[bucket], n = bucket_size(half, bucket);
	const unsigned char *sizes = half->sizes + first;
	unsigned char starts[BUCKET_MOST];
	uint32_t slots[BUCKET_MOST];

	for (size_t i = 0; i < n; i++) {
		uint32_t slot = table_slot(half->hashes[first + i], seed, table->nslots);
		struct line *line = line_of(half, slot);
		unsigned bit = 1u << slot % LINE_SLOTS;

		if ((line->taken & bit) != 0 || line->used + sizes[i] > LINE_SIZE) {
			take_back(half, slots, sizes, i);
			return false;
		}
		slots[i] = slot;
		starts[i] = line->used;
		line->taken |= (unsigned char)bit;
		line->used += sizes[i];
	}
	for (size_t i = 0; i < n; i++) {
		table->slots[half->keys[first + i]] = slots[i];
		table->starts[half->keys[first + i]] = starts[i];
	}
	return true;
}

static bool
place_bucket(struct half *half, uint32_t bucket)
{
	for (unsigned seed = 0; seed < SEEDS; seed++)
		if (try_seed(half, bucket, (unsigned char)seed)) {
			half->table->seeds[half->which * half_buckets(half) + bucket] =
			    (unsigned char)seed;
			return true;
		}
	return false;
}

static bool
place_buckets(struct half *half)
{
	uint32_t n = half_buckets(half), nlines = half->table->nslots / LINE_SLOTS;

	half->lines = mem_zero(nlines, sizeof(*half->lines));
	for (uint32_t i = 0; i < nlines; i++)
		half->lines[i].used = LINE_ENTRIES;
	for (uint32_t i = 0; i < n && bucket_size(half, half->order[i]) > 0; i++)
		if (!place_bucket(half, half->order[i]))
			return false;
	return true;
}

static void
place_half(void *arg)
{
	struct half *half = arg;

	sort_keys(half);
	half->placed = sort_buckets(half) && place_buckets(half);
	free(half->first);
	free(half->keys);
	free(half->hashes);
	free(half->sizes);
	free(half->order);
	free(half->lines);
}

bool
table_place(struct table *table)
{
	struct half low = {.table = table}, high = {.table = table, .which = 1};

	if (table->count == 0)
		return true;
	parallel(table->count, place_half, &low, place_half, &high);
	return low.placed && high.placed;
}
