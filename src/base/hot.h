/* hot.h - functions on the path of every lookup, and off it. */
#ifndef BASE_HOT_H
#define BASE_HOT_H

/* Inlined wherever it is used: a call would cost as much as the work. */
#define HOT static inline __attribute__((always_inline))

/* Kept out of line, to keep the path short. */
#define COLD static __attribute__((noinline, cold))

#endif
