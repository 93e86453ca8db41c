/* hash.h - XXH3, inlined from xxhash; the one place that includes it. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

static inline uint64_t
hash64(const void *p, size_t n, uint64_t seed)
{
	return XXH3_64bits_withSeed(p, n, seed);
}

/* 128 bits in xxhash's canonical (big-endian) byte order. */
static inline void
hash128(const void *p, size_t n, uint64_t seed, unsigned char out[16])
{
	XXH128_canonical_t c;

	XXH128_canonicalFromHash(&c, XXH3_128bits_withSeed(p, n, seed));
	memcpy(out, c.digest, sizeof(c.digest));
}

#endif
