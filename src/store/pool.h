/*
 * pool.h - byte strings, each stored once.  Used for the index's strings,
 * hops, targets and source addresses: equal content is one entry.
 */
#ifndef STORE_POOL_H
#define STORE_POOL_H

#include <stdint.h>

#include "base/slice.h"
#include "store/memory.h"

struct pool {
	char *bytes;
	size_t used;
	size_t capacity;
	struct pool_entry *entries;
	size_t count;
	size_t entry_capacity;
	uint32_t *slots;	/* entry + 1; 0: free */
	size_t nslots;
};

/* The number of the entry with these bytes, added if it is new. */
uint32_t pool_intern(struct pool *pool, struct slice bytes);

/* Its offset in bytes; its content, valid until the next pool_intern. */
uint32_t pool_offset(const struct pool *pool, uint32_t entry);
struct slice pool_get(const struct pool *pool, uint32_t entry);

void pool_release(struct pool *pool);

#endif
