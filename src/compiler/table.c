#include "compiler/table.h"

#include <stdlib.h>

#include "compiler/memory.h"
#include "runtime/format.h"

/* Keys whose buckets are fetched ahead of placing the first of them. */
enum { AHEAD = 32, LOAD_TENTHS = 85 };

uint32_t
table_buckets(size_t keys, unsigned more)
{
	uint64_t n = ((uint64_t)keys * 10 + LOAD_TENTHS - 1) / LOAD_TENTHS;

	while (more-- > 0)
		n += n / 4 + 1;
	return (uint32_t)n;
}

/* A table being filled: how many slots of each bucket are taken. */
struct filling {
	unsigned char *buckets;
	unsigned char *taken;
	uint32_t nbuckets;
	unsigned *reach;
};

static bool
place(struct filling *f, uint64_t hash, uint32_t ref)
{
	uint32_t home = bucket_home(hash, f->nbuckets), at = home;
	unsigned distance = 0;
	unsigned char *bucket;

	while (f->taken[at] == BUCKET_SLOTS) {
		at = at + 1 == f->nbuckets ? 0 : at + 1;
		if (++distance > PROBES_MAX || at == home)
			return false;
	}
	bucket = f->buckets + (size_t)at * BUCKET_SIZE;
	bucket[f->taken[at]] = bucket_fingerprint(hash);
	le32_put(bucket + BUCKET_REFS + f->taken[at]++ * 4, ref);
	bucket = f->buckets + (size_t)home * BUCKET_SIZE;
	if (bucket[BUCKET_REACH] < distance)
		bucket[BUCKET_REACH] = (unsigned char)distance;
	if (*f->reach < distance)
		*f->reach = distance;
	return true;
}

bool
table_fill(unsigned char *buckets, uint32_t nbuckets, const struct table_keys *keys,
    uint64_t seed, unsigned *reach)
{
	struct filling filling = {buckets, mem_zero(nbuckets, 1), nbuckets, reach};
	uint64_t hashes[AHEAD];
	bool fits = true;

	for (size_t from = 0; from < keys->count && fits; from += AHEAD) {
		size_t n = keys->count - from < AHEAD ? keys->count - from : AHEAD;

		for (size_t i = 0; i < n; i++) {
			hashes[i] = keys->hash(keys->arg, from + i, seed);
			__builtin_prefetch(
			    buckets + (size_t)bucket_home(hashes[i], nbuckets) * BUCKET_SIZE, 1);
		}
		for (size_t i = 0; i < n && fits; i++)
			fits = place(&filling, hashes[i], keys->ref(keys->arg, from + i));
	}
	free(filling.taken);
	return fits;
}
