#include "store/pool.h"

#include <stdlib.h>

#include "base/hash.h"

struct pool_entry {
	uint32_t offset;
	uint32_t len;
	uint64_t hash;
};

static void
place(struct pool *pool, uint32_t entry)
{
	size_t i = (size_t)pool->entries[entry].hash & (pool->nslots - 1);

	while (pool->slots[i] != 0)
		i = (i + 1) & (pool->nslots - 1);
	pool->slots[i] = entry + 1;
}

static uint32_t
append(struct pool *pool, struct slice bytes, uint64_t hash)
{
	struct pool_entry *entry;

	while (pool->capacity - pool->used < bytes.len) {
		pool->capacity = pool->capacity == 0 ? 4096 : pool->capacity * 2;
		pool->bytes = mem_resize(pool->bytes, pool->capacity, 1);
	}
	pool->entries =
	    mem_grow(pool->entries, pool->count, &pool->entry_capacity, sizeof(*pool->entries));
	entry = &pool->entries[pool->count];
	*entry = (struct pool_entry){(uint32_t)pool->used, (uint32_t)bytes.len, hash};
	if (bytes.len != 0)
		memcpy(pool->bytes + pool->used, bytes.ptr, bytes.len);
	pool->used += bytes.len;
	place(pool, (uint32_t)pool->count);
	return (uint32_t)pool->count++;
}

uint32_t
pool_intern(struct pool *pool, struct slice bytes)
{
	/* Not a fixed seed: who writes a configuration cannot aim at our buckets. */
	uint64_t hash = hash64(bytes.ptr, bytes.len, (uint64_t)(uintptr_t)pool);

	if (pool->count * 2 >= pool->nslots) {
		free(pool->slots);
		pool->nslots = pool->nslots == 0 ? 64 : pool->nslots * 2;
		pool->slots = mem_zero(pool->nslots, sizeof(*pool->slots));
		for (size_t i = 0; i < pool->count; i++)
			place(pool, (uint32_t)i);
	}
	for (size_t i = (size_t)hash & (pool->nslots - 1); pool->slots[i] != 0;
	     i = (i + 1) & (pool->nslots - 1)) {
		const struct pool_entry *entry = &pool->entries[pool->slots[i] - 1];

		if (entry->hash == hash && slice_eq(pool_get(pool, pool->slots[i] - 1), bytes))
			return pool->slots[i] - 1;
	}
	return append(pool, bytes, hash);
}

uint32_t
pool_offset(const struct pool *pool, uint32_t entry)
{
	return pool->entries[entry].offset;
}

struct slice
pool_get(const struct pool *pool, uint32_t entry)
{
	const struct pool_entry *e = &pool->entries[entry];

	return e->len == 0 ? slice("", 0) : slice(pool->bytes + e->offset, e->len);
}

void
pool_release(struct pool *pool)
{
	free(pool->bytes);
	free(pool->entries);
	free(pool->slots);
	*pool = (struct pool){0};
}
