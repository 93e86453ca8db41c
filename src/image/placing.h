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

struct placing {
	size_t count;
	struct parts *keys;	/* as they were taken */
	struct place *places;	/* by key: the result */
	unsigned char *seeds;	/* by bucket */
	uint64_t *filter;	/* by bucket / FILTER_BUCKETS */
	uint32_t nseeds, nslots;
	uint32_t lines_least;	/* no packing takes fewer */
};

/* placing_init - a table of so many keys; placing_release frees it. */
void placing_init(struct placing *placing, size_t count);
void placing_release(struct placing *placing);

/*
 * placing_take - takes the keys, in two threads if there are many.  keys(arg, i, n,
 * ...) is to fill in the hashes of the n keys from number i on, and the sizes of
 * their entries: at most LINE_SIZE - LINE_ENTRIES; n is at most PLACING_BLOCK.
 * Another call takes them anew.
 */
enum { PLACING_BLOCK = 256 };
typedef void placing_keys(void *arg, size_t i, size_t n, uint64_t *hashes, unsigned char *sizes);
void placing_take(struct placing *placing, placing_keys *keys, void *arg);

/*
 * placing_resize - how many buckets and slots the keys of these sizes want,
 * when `more` attempts have failed.
 */
void placing_resize(struct placing *placing, unsigned more);

/* How many buckets so many keys have. */
uint32_t placing_buckets(size_t keys);

/*
 * placing_try - places all keys, in two threads if there are many.  False: some
 * bucket has no good seed; take other hashes or try another size.  After true,
 * keys must be taken again before they are placed again.
 */
bool placing_try(struct placing *placing);

#endif
