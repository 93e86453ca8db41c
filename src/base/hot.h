/* hot.h - functions on the way of every lookup, and off it. */
#ifndef BASE_HOT_H
#define BASE_HOT_H

/* Inlined wherever it is used: a call would cost as much as the work. */
#define HOT static inline __attribute__((always_inline))

/* Kept out of line, so that the rest is short. */
#define COLD static __attribute__((noinline, cold))

#endif
