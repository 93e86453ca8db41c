#include "compiler/table.h"

#include <stdlib.h>

#include "compiler/memory.h"
#include "runtime/format.h"

/*
 * Keys a bucket holds on average, in tenths: it has room for twelve.  At 70 no
 * key of ten million stands more than seven buckets from home, and 3 % of the
 * buckets send a search on; at 85 ten per cent do, and most seeds fail.
 */
enum { LOAD_TENTHS = 70 };

uint32_t
table_buckets(size_t keys, unsigned more)
{
	uint64_t n = ((uint64_t)keys * 10 + LOAD_TENTHS - 1) / LOAD_TENTHS;

	while (more-- > 0)
		n += n / 4 + 1;
	return (uint32_t)n;
}

void
table_begin(struct table *table, unsigned char *buckets, uint32_t nbuckets)
{
	*table = (struct table){buckets, mem_zero(nbuckets, 1), nbuckets, 0};
}

void
table_end(struct table *table)
{
	free(table->taken);
}

static unsigned char *
bucket_at(const struct table *table, uint32_t n)
{
	return table->buckets + (size_t)n * BUCKET_SIZE;
}

void
table_fetch(const struct table *table, uint64_t hash)
{
	__builtin_prefetch(bucket_at(table, bucket_home(hash, table->nbuckets)), 1);
}

bool
table_place(struct table *table, uint64_t hash, uint32_t ref)
{
	uint32_t home = bucket_home(hash, table->nbuckets), at = home;
	unsigned distance = 0, slot;

	while (table->taken[at] == BUCKET_SLOTS) {
		at = at + 1 == table->nbuckets ? 0 : at + 1;
		if (++distance > PROBES_MAX || at == home)
			return false;
	}
	slot = table->taken[at]++;
	bucket_at(table, at)[slot] = bucket_fingerprint(hash);
	le32_put(bucket_at(table, at) + BUCKET_REFS + slot * 4, ref);
	if (bucket_at(table, home)[BUCKET_REACH] < distance)
		bucket_at(table, home)[BUCKET_REACH] = (unsigned char)distance;
	if (table->reach < distance)
		table->reach = distance;
	return true;
}
