#include "compiler/names.h"

#include <stdlib.h>

#include "base/hash.h"
#include "compiler/model.h"

static void
place(struct names *names, uint64_t slot)
{
	size_t i = (slot >> 32) & (names->nslots - 1);

	while (names->slots[i] != 0)
		i = (i + 1) & (names->nslots - 1);
	names->slots[i] = slot;
}

static void
resize(struct names *names, size_t nslots)
{
	uint64_t *old = names->slots;
	size_t n = names->nslots;

	names->nslots = nslots;
	names->slots = mem_pages(nslots * sizeof(*names->slots));
	for (size_t i = 0; i < n; i++)
		if (old[i] != 0)
			place(names, old[i]);
	mem_pages_free(old, n * sizeof(*old));
}

void
names_init(struct names *names, uint64_t seed, size_t expected)
{
	size_t nslots = 1024;

	*names = (struct names){.seed = seed};
	while (nslots < expected + expected / 2)
		nslots *= 2;
	resize(names, nslots);
	names->list = mem_resize(NULL, expected, sizeof(*names->list));
	names->capacity = expected;
}

void
names_release(struct names *names)
{
	mem_pages_free(names->slots, names->nslots * sizeof(*names->slots));
	free(names->list);
	arena_release(&names->arena);
	*names = (struct names){0};
}

static uint32_t
append(struct names *names, struct slice name, int stable)
{
	struct name *added;

	names->list = mem_grow(names->list, names->count, &names->capacity, sizeof(*names->list));
	added = &names->list[names->count];
	*added = (struct name){
	    .ptr = stable ? name.ptr : arena_copy(&names->arena, name).ptr,
	    .len = (uint32_t)name.len,
	    .members = {NO_MEMBER, NO_MEMBER, NO_MEMBER}};
	/* Not a chain of hashes: each would wait for the one before it. */
	names->digest = names->digest * UINT64_C(0x9E3779B97F4A7C15) +
	    hash64(name.ptr, name.len, names->count);
	return (uint32_t)names->count++;
}

uint32_t
names_hash(uint64_t seed, struct slice name)
{
	return (uint32_t)(hash64(name.ptr, name.len, seed) >> 32);
}

void
names_fetch(const struct names *names, uint32_t hash)
{
	__builtin_prefetch(&names->slots[hash & (names->nslots - 1)], 1);
}

static uint32_t
find(const struct names *names, struct slice name, uint32_t hash)
{
	for (size_t i = hash & (names->nslots - 1); names->slots[i] != 0;
	     i = (i + 1) & (names->nslots - 1)) {
		uint32_t number = (uint32_t)names->slots[i] - 1;

		if (names->slots[i] >> 32 == hash &&
		    slice_eq(slice(names->list[number].ptr, names->list[number].len), name))
			return number;
	}
	return NO_NAME;
}

uint32_t
names_find(const struct names *names, struct slice name)
{
	return find(names, name, names_hash(names->seed, name));
}

uint32_t
names_intern_hashed(struct names *names, struct slice name, uint32_t hash, int stable)
{
	uint32_t number = find(names, name, hash);

	if (number != NO_NAME)
		return number;
	if (names->count * 3 >= names->nslots * 2)
		resize(names, names->nslots * 2);
	number = append(names, name, stable);
	place(names, (uint64_t)hash << 32 | (number + 1));
	return number;
}

uint32_t
names_intern(struct names *names, struct slice name, int stable)
{
	return names_intern_hashed(names, name, names_hash(names->seed, name), stable);
}
