/* bit.h - one bit of a word. */
#ifndef BASE_BIT_H
#define BASE_BIT_H

#include <stdint.h>

static inline uint64_t
word_bit_set(uint64_t word, uint64_t n)
{
	return word | UINT64_C(1) << (n & 63);
}

/* word with bit n % 64 set.  (gcc 12 makes three shifts of what is three bts.) */
static inline uint64_t
bit_set(uint64_t word, uint64_t n)
{
#if defined(__GNUC__) && defined(__x86_64__)
	__asm__("btsq %1, %0" : "+r"(word) : "r"(n) : "cc");
	return word;
#else
	return word_bit_set(word, n);
#endif
}

#endif
