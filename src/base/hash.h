/*
 * hash.h - XXH3, inlined from xxhash; the one place that includes it.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/le.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

static inline uint64_t
hash64(const void *p, size_t n, uint64_t seed)
{
	return XXH3_64bits_withSeed(p, n, seed);
}

/* The same of a number: of its eight bytes, least first, on any machine. */
static inline uint64_t
hash64_number(uint64_t n, uint64_t seed)
{
	n = htole64(n);
	return hash64(&n, sizeof(n), seed);
}

/* 128 bits in xxhash's canonical (big-endian) byte order. */
static inline void
hash128(const void *p, size_t n, uint64_t seed, unsigned char out[16])
{
	XXH128_canonical_t c;

	XXH128_canonicalFromHash(&c, XXH3_128bits_withSeed(p, n, seed));
	memcpy(out, c.digest, sizeof(c.digest));
}

/*
 * Keys of 8 to 31 bytes, as most names are, are read as four overlapping words
 * of eight bytes: no branch depends on the length, which no processor could
 * predict.
 */
enum { KEY_WORDS_LEAST = 8, KEY_WORDS_MOST = 31 };

static inline bool
key_has_words(size_t len)
{
	return len - KEY_WORDS_LEAST <= KEY_WORDS_MOST - KEY_WORDS_LEAST;
}

/* Where the second, third and last word begin; the first is at 0. */
struct key_words {
	size_t second, third, last;
};

static inline struct key_words
key_words(size_t len)
{
	struct key_words at = {.last = len - 8};

	at.second = at.last < 8 ? at.last : 8;
	at.third = (len < 16 ? 16 : len) - 16;
	return at;
}

/* Whether two keys of the same length are equal. */
static inline bool
key_equal(const char *a, const char *b, size_t len)
{
	struct key_words at;

	if (!key_has_words(len))
		return memcmp(a, b, len) == 0;
	at = key_words(len);
	return ((le64_get(a) ^ le64_get(b)) |
	    (le64_get(a + at.second) ^ le64_get(b + at.second)) |
	    (le64_get(a + at.third) ^ le64_get(b + at.third)) |
	    (le64_get(a + at.last) ^ le64_get(b + at.last))) == 0;
}

/* memcpy of a key. */
static inline void
key_copy(char *to, const char *from, size_t len)
{
	struct key_words at;

	if (!key_has_words(len)) {
		memcpy(to, from, len);
		return;
	}
	at = key_words(len);
	memcpy(to, from, 8);
	memcpy(to + at.second, from + at.second, 8);
	memcpy(to + at.third, from + at.third, 8);
	memcpy(to + at.last, from + at.last, 8);
}

/* What a seed makes of XXH3's secret. */
enum { HASH_SECRET_SIZE = XXH3_SECRET_DEFAULT_SIZE };

static inline void
hash_secret(unsigned char secret[HASH_SECRET_SIZE], uint64_t seed)
{
	XXH3_generateSecret_fromSeed(secret, seed);
}

/*
 * XXH3_mul128_fold64, finished before anything else begins: with two under way,
 * gcc spills halves to memory.
 */
static inline uint64_t
hash_fold(uint64_t a, uint64_t b)
{
	uint64_t folded = XXH3_mul128_fold64(a, b);

#ifdef __GNUC__
	__asm__("" : "+r"(folded));
#endif
	return folded;
}

/* The hash of a key whose words begin there: XXH3's for 17 to 32 bytes. */
static inline uint64_t
key_words_hash(const unsigned char *secret, uint64_t seed, const char *p, size_t len,
    struct key_words at)
{
	uint64_t first = hash_fold(le64_get(p) ^ (le64_get(secret) + seed),
	    le64_get(p + at.second) ^ (le64_get(secret + 8) - seed));
	uint64_t last = hash_fold(le64_get(p + at.third) ^ (le64_get(secret + 16) + seed),
	    le64_get(p + at.last) ^ (le64_get(secret + 24) - seed));

	return XXH3_avalanche(len * XXH_PRIME64_1 + first + last);
}

/*
 * The hash of a key of the index: XXH3_64bits_withSecret, but with its path for
 * 17 to 32 bytes used from 8 bytes on.
 */
static inline uint64_t
key_hash(const unsigned char *secret, const char *p, size_t len)
{
	if (key_has_words(len))
		return key_words_hash(secret, 0, p, len, key_words(len));
	return XXH3_64bits_withSecret(p, len, secret, HASH_SECRET_SIZE);
}

/* The same from a seed instead of a secret: XXH3_64bits_withSeed, so changed. */
static inline uint64_t
key_hash_seeded(uint64_t seed, const char *p, size_t len)
{
	if (key_has_words(len))
		return key_words_hash(XXH3_kSecret, seed, p, len, key_words(len));
	return hash64(p, len, seed);
}

#endif
