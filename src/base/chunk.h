/*
 * chunk.h - sixteen bytes at once: SSE2 where the compiler has it, else two
 * 64-bit words.  Both are always compiled, so that a test can compare them;
 * the macros at the end choose.
 *
 * Masks have bit n for byte n.
 */
#ifndef BASE_CHUNK_H
#define BASE_CHUNK_H

#include <stdbool.h>

#include "base/le.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { CHUNK_SIZE = 16 };

/* The first n (1 to 15) bytes at p as two little-endian words; the rest zero. */
static inline void
chunk_words(const char *p, size_t n, uint64_t *lo, uint64_t *hi)
{
	const unsigned char *u = (const unsigned char *)p;

	*hi = 0;
	if (n >= 8) {
		*lo = le64_get(p);
		*hi = le64_get(p + n - 8) >> (8 * (15 - n)) >> 8;
	} else if (n >= 4) {
		*lo = le32_get(p) | (uint64_t)le32_get(p + n - 4) << (8 * (n - 4));
	} else {
		*lo = u[0] | (uint64_t)u[n / 2] << (8 * (n / 2)) |
		    (uint64_t)u[n - 1] << (8 * (n - 1));
	}
}

/* Portable: each byte's answer stands in its top bit. */

#define WORD_ALL(c) (UINT64_C(0x0101010101010101) * (unsigned char)(c))
#define WORD_TOPS WORD_ALL(0x80)

struct words {
	uint64_t w[2];
};

static inline struct words
words_load(const char *p)
{
	return (struct words){{le64_get(p), le64_get(p + 8)}};
}

static inline struct words
words_load_short(const char *p, size_t n)
{
	struct words c;

	chunk_words(p, n, &c.w[0], &c.w[1]);
	return c;
}

/* Eight bytes at each of two places. */
static inline struct words
words_load_two(const char *p, const char *q)
{
	return (struct words){{le64_get(p), le64_get(q)}};
}

static inline void
words_store(char *p, struct words c)
{
	le64_put(p, c.w[0]);
	le64_put(p + 8, c.w[1]);
}

/* Top bits of the bytes of w in [lo, hi]; both below 0x80. */
static inline uint64_t
word_range(uint64_t w, unsigned char lo, unsigned char hi)
{
	uint64_t low = w & ~WORD_TOPS;

	return (low + WORD_ALL(0x80 - lo)) & ~(low + WORD_ALL(0x7f - hi)) &
	    ~w & WORD_TOPS;
}

/* Bit n from the top bit of byte n. */
static inline unsigned
word_mask(uint64_t tops)
{
	return (unsigned)(((tops >> 7) * UINT64_C(0x0102040810204080)) >> 56);
}

static inline unsigned
words_equal(struct words c, unsigned char byte)
{
	unsigned mask = 0;
	int i;

	for (i = 0; i < 2; i++) {
		uint64_t x = c.w[i] ^ WORD_ALL(byte);
		uint64_t zero = ~(((x & ~WORD_TOPS) + ~WORD_TOPS) | x) & WORD_TOPS;

		mask |= word_mask(zero) << (8 * i);
	}
	return mask;
}

static inline bool
words_differ(struct words a, struct words b)
{
	return ((a.w[0] ^ b.w[0]) | (a.w[1] ^ b.w[1])) != 0;
}

/* Whether a differs from b, or c from d. */
static inline bool
words_differ_two(struct words a, struct words b, struct words c, struct words d)
{
	return ((a.w[0] ^ b.w[0]) | (a.w[1] ^ b.w[1]) |
	    (c.w[0] ^ d.w[0]) | (c.w[1] ^ d.w[1])) != 0;
}

/* Bytes that no folded name has, or that begin an address literal. */
static inline unsigned
words_unfolded(struct words c)
{
	return word_mask((word_range(c.w[0], 'A', '[') | c.w[0]) & WORD_TOPS) |
	    word_mask((word_range(c.w[1], 'A', '[') | c.w[1]) & WORD_TOPS) << 8;
}

static inline unsigned
words_high(struct words c)
{
	return word_mask(c.w[0] & WORD_TOPS) | word_mask(c.w[1] & WORD_TOPS) << 8;
}

static inline unsigned
words_upper(struct words c)
{
	return word_mask(word_range(c.w[0], 'A', 'Z')) |
	    word_mask(word_range(c.w[1], 'A', 'Z')) << 8;
}

static inline struct words
words_lower(struct words c)
{
	int i;

	for (i = 0; i < 2; i++)
		c.w[i] |= word_range(c.w[i], 'A', 'Z') >> 2;
	return c;
}

/* Bytes that a folded domain may hold: a-z, 0-9, '-', '.', '_'. */
static inline unsigned
words_domain(struct words c)
{
	unsigned mask = 0;
	int i;

	for (i = 0; i < 2; i++)
		mask |= word_mask(word_range(c.w[i], 'a', 'z') |
		    word_range(c.w[i], '0', '9') | word_range(c.w[i], '-', '.') |
		    word_range(c.w[i], '_', '_')) << (8 * i);
	return mask;
}

#ifdef __SSE2__

static inline __m128i
sse2_load(const char *p)
{
	__m128i c;

	memcpy(&c, p, sizeof(c));
	return c;
}

static inline __m128i
sse2_load_short(const char *p, size_t n)
{
	uint64_t lo, hi;

	chunk_words(p, n, &lo, &hi);
	return _mm_set_epi64x((long long)hi, (long long)lo);
}

static inline __m128i
sse2_load_two(const char *p, const char *q)
{
	__m128 c = _mm_castsi128_ps(_mm_loadl_epi64((const __m128i *)(const void *)p));

	return _mm_castps_si128(_mm_loadh_pi(c, (const __m64 *)(const void *)q));
}

static inline void
sse2_store(char *p, __m128i c)
{
	memcpy(p, &c, sizeof(c));
}

static inline unsigned
sse2_equal(__m128i c, unsigned char byte)
{
	return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(c, _mm_set1_epi8((char)byte)));
}

static inline bool
sse2_differ(__m128i a, __m128i b)
{
	return _mm_movemask_epi8(_mm_cmpeq_epi8(a, b)) != 0xffff;
}

static inline bool
sse2_differ_two(__m128i a, __m128i b, __m128i c, __m128i d)
{
	return _mm_movemask_epi8(_mm_and_si128(_mm_cmpeq_epi8(a, b),
	    _mm_cmpeq_epi8(c, d))) != 0xffff;
}

static inline unsigned
sse2_high(__m128i c)
{
	return (unsigned)_mm_movemask_epi8(c);
}

/* 0xff in the bytes of c in [lo, hi]: they wrap to the least signed numbers. */
static inline __m128i
sse2_range(__m128i c, int lo, int hi)
{
	return _mm_cmplt_epi8(_mm_add_epi8(c, _mm_set1_epi8((char)(-128 - lo))),
	    _mm_set1_epi8((char)(-128 + (hi - lo + 1))));
}

static inline unsigned
sse2_unfolded(__m128i c)
{
	return (unsigned)_mm_movemask_epi8(_mm_or_si128(sse2_range(c, 'A', '['), c));
}

static inline unsigned
sse2_upper(__m128i c)
{
	return (unsigned)_mm_movemask_epi8(sse2_range(c, 'A', 'Z'));
}

static inline __m128i
sse2_lower(__m128i c)
{
	return _mm_or_si128(c,
	    _mm_and_si128(sse2_range(c, 'A', 'Z'), _mm_set1_epi8(0x20)));
}

static inline unsigned
sse2_domain(__m128i c)
{
	__m128i letters = _mm_or_si128(sse2_range(c, 'a', 'z'), sse2_range(c, '0', '9'));
	__m128i marks = _mm_or_si128(sse2_range(c, '-', '.'),
	    _mm_cmpeq_epi8(c, _mm_set1_epi8('_')));

	return (unsigned)_mm_movemask_epi8(_mm_or_si128(letters, marks));
}

#define CHUNK __m128i
#define CHUNK_DO(verb) sse2_##verb

#else

#define CHUNK struct words
#define CHUNK_DO(verb) words_##verb

#endif

#define chunk_load CHUNK_DO(load)
#define chunk_load_short CHUNK_DO(load_short)
#define chunk_load_two CHUNK_DO(load_two)
#define chunk_store CHUNK_DO(store)
#define chunk_equal CHUNK_DO(equal)
#define chunk_differ CHUNK_DO(differ)
#define chunk_differ_two CHUNK_DO(differ_two)
#define chunk_unfolded CHUNK_DO(unfolded)
#define chunk_high CHUNK_DO(high)
#define chunk_upper CHUNK_DO(upper)
#define chunk_lower CHUNK_DO(lower)
#define chunk_domain CHUNK_DO(domain)

#endif
