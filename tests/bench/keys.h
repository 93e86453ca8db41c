/*
 * keys.h - the names that a benchmark asks for: the same ones for every
 * subject, and the same ones on every machine.
 */
#ifndef BENCH_KEYS_H
#define BENCH_KEYS_H

#include <stddef.h>
#include <stdint.h>

#define BENCH_SEED 20231123
#define BENCH_RELAYS 1000
#define BENCH_KEY_MAX 48
#define BENCH_RELAY_MAX 40

/* SplitMix64. */
uint64_t bench_random(uint64_t *state);

/* Distinct domain names, each NUL-terminated. */
struct keys {
	char *text;
	uint64_t *at;		/* offsets into text */
	size_t count;
};

/*
 * keys_make - count names of 4 to 16 letters under a top-level domain, a
 * fifth of them with one more label.  The first n of a larger set are the set
 * of n names.  Ends the program if memory runs out.
 */
void keys_make(struct keys *keys, size_t count);
void keys_free(struct keys *keys);

static inline const char *
keys_get(const struct keys *keys, size_t n)
{
	return keys->text + keys->at[n];
}

/* The relay of route number n. */
void bench_relay(size_t n, char out[BENCH_RELAY_MAX]);

/*
 * Names in the order in which they are asked for, one behind the other: a
 * byte for the length, then the name.  So no query is warm, and the prefetcher
 * sees to them as it would to a mail that was just read.
 */
struct row {
	unsigned char *bytes;
	size_t size;
	size_t count;
};

/*
 * row_make - `count` names drawn from keys first..first + n - 1; another count
 * draws others.
 */
void row_make(struct row *row, const struct keys *keys, size_t first, size_t n, size_t count);
void row_free(struct row *row);

/* Like malloc; ends the program where that would return NULL. */
void *bench_alloc(size_t size);

#endif
