#include "compiler/table.h"

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

static bool
place(unsigned char *buckets, uint32_t nbuckets, uint64_t hash, uint32_t ref, unsigned *reach)
{
	uint32_t home = bucket_home(hash, nbuckets), at = home;

	for (unsigned distance = 0; distance <= PROBES_MAX && distance < nbuckets; distance++) {
		unsigned char *bucket = buckets + (size_t)at * BUCKET_SIZE;

		for (unsigned slot = 0; slot < BUCKET_SLOTS; slot++) {
			if (le32_get(bucket + BUCKET_REFS + slot * 4) != 0)
				continue;
			bucket[slot] = bucket_fingerprint(hash);
			le32_put(bucket + BUCKET_REFS + slot * 4, ref);
			bucket = buckets + (size_t)home * BUCKET_SIZE;
			if (bucket[BUCKET_REACH] < distance)
				bucket[BUCKET_REACH] = (unsigned char)distance;
			if (*reach < distance)
				*reach = distance;
			return true;
		}
		at = at + 1 == nbuckets ? 0 : at + 1;
	}
	return false;
}

bool
table_fill(unsigned char *buckets, uint32_t nbuckets, const struct table_keys *keys,
    uint64_t seed, unsigned *reach)
{
	uint64_t hashes[AHEAD];

	for (size_t from = 0; from < keys->count; from += AHEAD) {
		size_t n = keys->count - from < AHEAD ? keys->count - from : AHEAD;

		for (size_t i = 0; i < n; i++) {
			hashes[i] = keys->hash(keys->arg, from + i, seed);
			__builtin_prefetch(
			    buckets + (size_t)bucket_home(hashes[i], nbuckets) * BUCKET_SIZE, 1);
		}
		for (size_t i = 0; i < n; i++)
			if (!place(buckets, nbuckets, hashes[i], keys->ref(keys->arg, from + i),
				reach))
				return false;
	}
	return true;
}
