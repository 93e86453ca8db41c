/*
 * table.h - builds a hash table of cache-line buckets (runtime/format.h).
 *
 * Keys come by number; a callback says the hash of a key under a seed, so
 * that no array of hashes is needed and further seeds can be tried.
 */
#ifndef COMPILER_TABLE_H
#define COMPILER_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct table_keys {
	size_t count;
	uint64_t (*hash)(const void *arg, size_t key, uint64_t seed);
	uint32_t (*ref)(const void *arg, size_t key);
	const void *arg;
};

/* How many buckets for so many keys, when `more` sizes have failed. */
uint32_t table_buckets(size_t keys, unsigned more);

/*
 * table_fill - places all keys in zeroed buckets.  False if one would stand
 * more than PROBES_MAX buckets from its home: try another seed.  *reach: the
 * farthest one.
 */
bool table_fill(unsigned char *buckets, uint32_t nbuckets, const struct table_keys *keys,
    uint64_t seed, unsigned *reach);

#endif
