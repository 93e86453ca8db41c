/*
 * placing.h - places keys in a perfect hash table (runtime/format.h): finds the
 * seed of each bucket, so that every key has a slot of its own, in a line
 * that has room for its entry.
 *
 * Where a key goes depends on hashes and sizes alone: the same keys in the
 * same order always get the same places.
 */
#ifndef IMAGE_PLACING_H
#define IMAGE_PLACING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a key went. */
struct place {
	uint32_t slot;
	unsigned char start;	/* of its entry in the line */
};

struct table {
	size_t count;
	struct keys *keys;	/* as they were taken */
	struct place *places;	/* by key: the result */
	unsigned char *seeds;	/* by bucket */
	uint64_t *filter;	/* by bucket / FILTER_BUCKETS */
	uint32_t nseeds, nslots;
	uint32_t lines_least;	/* no packing takes fewer */
};

/* table_init - a table of so many keys; table_release frees it. */
void table_init(struct table *table, size_t count);
void table_release(struct table *table);

/*
 * table_take - takes the keys, in two threads if there are many.  keys(arg, i, n,
 * ...) is to fill in the hashes of the n keys from number i on, and the sizes of
 * their entries: at most LINE_SIZE - LINE_ENTRIES; n is at most TABLE_BLOCK.
 * Another call takes them anew.
 */
enum { TABLE_BLOCK = 256 };
typedef void table_keys(void *arg, size_t i, size_t n, uint64_t *hashes, unsigned char *sizes);
void table_take(struct table *table, table_keys *keys, void *arg);

/*
 * table_resize - how many buckets and slots the keys of these sizes want,
 * when `more` attempts have failed.
 */
void table_resize(struct table *table, unsigned more);

/* How many buckets so many keys have. */
uint32_t table_buckets(size_t keys);

/*
 * table_place - places all keys, in two threads if there are many.  False:
 * some bucket has no good seed; take other hashes or try another size.  True:
 * to place them anew, take them anew.
 */
bool table_place(struct table *table);

#endif
