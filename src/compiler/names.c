#include "compiler/names.h"

#include <stdlib.h>

#include "base/hash.h"
#include "compiler/model.h"

/* Names that a bucket holds on average before the table grows. */
enum { LOAD = 5 };

/* The places of a bucket that hold x, as a mask. */
static unsigned
places_of(const uint32_t places[NAMES_BUCKET], uint32_t x)
{
	unsigned mask = 0;

#pragma GCC unroll 8
	for (unsigned i = 0; i < NAMES_BUCKET; i++)
		mask |= (unsigned)(places[i] == x) << i;
	return mask;
}

static void
place(struct names *names, uint32_t hash, uint32_t number)
{
	size_t i = hash & (names->nbuckets - 1);
	unsigned at, free_places;

	while ((free_places = places_of(names->buckets[i].number, 0)) == 0)
		i = (i + 1) & (names->nbuckets - 1);
	at = (unsigned)__builtin_ctz(free_places);
	names->buckets[i].hash[at] = hash;
	names->buckets[i].number[at] = number + 1;
}

static void
resize(struct names *names, size_t nbuckets)
{
	struct names_bucket *old = names->buckets;
	size_t n = names->nbuckets;

	names->nbuckets = nbuckets;
	names->buckets = mem_pages(nbuckets * sizeof(*names->buckets));
	for (size_t i = 0; i < n; i++)
		for (unsigned at = 0; at < NAMES_BUCKET && old[i].number[at] != 0; at++)
			place(names, old[i].hash[at], old[i].number[at] - 1);
	mem_pages_free(old, n * sizeof(*old));
}

void
names_init(struct names *names, uint64_t seed, size_t expected)
{
	size_t nbuckets = 64;

	*names = (struct names){.seed = seed};
	while (nbuckets * LOAD < expected)
		nbuckets *= 2;
	resize(names, nbuckets);
	names->list = mem_resize(NULL, expected, sizeof(*names->list));
	names->capacity = expected;
}

void
names_settle(struct names *names)
{
	mem_pages_free(names->buckets, names->nbuckets * sizeof(*names->buckets));
	names->buckets = NULL;
	names->nbuckets = 0;
}

void
names_release(struct names *names)
{
	names_settle(names);
	free(names->list);
	arena_release(&names->arena);
	*names = (struct names){0};
}

static uint32_t
append(struct names *names, struct slice name, bool plain)
{
	struct name *added;

	names->list = mem_grow(names->list, names->count, &names->capacity, sizeof(*names->list));
	added = &names->list[names->count];
	*added = (struct name){
	    .ptr = plain ? name.ptr : arena_copy(&names->arena, name).ptr,
	    .len = (uint32_t)name.len,
	    .roles = plain ? NAME_PLAIN : 0,
	    .members = {NO_MEMBER, NO_MEMBER, NO_MEMBER}};
	return (uint32_t)names->count++;
}

uint64_t
names_digest(const struct names *names, size_t begin, size_t end)
{
	unsigned char secret[HASH_SECRET_SIZE];
	uint64_t digest = end - begin;

	hash_secret(secret, 0);
	/* Not a chain of hashes: each would wait for the one before it. */
	for (size_t i = begin; i < end; i++)
		digest = digest * UINT64_C(0x9E3779B97F4A7C15) +
		    key_hash(secret, names->list[i].ptr, names->list[i].len);
	return digest;
}

uint32_t
names_hash(uint64_t seed, struct slice name)
{
	return (uint32_t)(hash64(name.ptr, name.len, seed) >> 32);
}

void
names_fetch(const struct names *names, uint32_t hash)
{
	__builtin_prefetch(&names->buckets[hash & (names->nbuckets - 1)], 1);
}

static uint32_t
find(const struct names *names, struct slice name, uint32_t hash)
{
	for (size_t i = hash & (names->nbuckets - 1);; i = (i + 1) & (names->nbuckets - 1)) {
		const struct names_bucket *bucket = &names->buckets[i];
		unsigned equal = places_of(bucket->hash, hash);

		for (; equal != 0; equal &= equal - 1) {
			uint32_t number = bucket->number[__builtin_ctz(equal)] - 1;

			if (number != NO_NAME && slice_eq(name, slice(names->list[number].ptr,
								    names->list[number].len)))
				return number;
		}
		if (bucket->number[NAMES_BUCKET - 1] == 0)
			return NO_NAME;
	}
}

uint32_t
names_find(const struct names *names, struct slice name)
{
	return find(names, name, names_hash(names->seed, name));
}

uint32_t
names_intern_hashed(struct names *names, struct slice name, uint32_t hash, bool plain)
{
	uint32_t number = find(names, name, hash);

	if (number != NO_NAME)
		return number;
	if (names->count >= names->nbuckets * LOAD)
		resize(names, names->nbuckets * 2);
	number = append(names, name, plain);
	place(names, hash, number);
	return number;
}

uint32_t
names_intern(struct names *names, struct slice name, bool plain)
{
	return names_intern_hashed(names, name, names_hash(names->seed, name), plain);
}
