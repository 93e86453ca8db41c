/* table.h - builds a hash table of cache-line buckets (runtime/format.h). */
#ifndef COMPILER_TABLE_H
#define COMPILER_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A table being filled; the buckets are the caller's. */
struct table {
	unsigned char *buckets;
	unsigned char *taken;	/* slots in use, by bucket */
	uint32_t nbuckets;
	unsigned reach;		/* the farthest that a key stands from its home */
};

/* How many buckets for so many keys, when `more` sizes have failed. */
uint32_t table_buckets(size_t keys, unsigned more);

/* The buckets must be zeroed.  table_end frees what table_begin allocated. */
void table_begin(struct table *table, unsigned char *buckets, uint32_t nbuckets);
void table_end(struct table *table);

/* table_fetch - fetches the bucket that table_place will write to. */
void table_fetch(const struct table *table, uint64_t hash);

/*
 * table_place - puts a key into its bucket, or one of the next.  False if it
 * would stand more than PROBES_MAX buckets from home: try another seed.
 */
bool table_place(struct table *table, uint64_t hash, uint32_t ref);

#endif
