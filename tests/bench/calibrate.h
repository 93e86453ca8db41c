/*
 * calibrate.h - work of the same kinds as a compile and a lookup, which never
 * changes: words cut out of text, hashed, looked for and stored.  The guard
 * counts its instructions to compare compilers.  Do not improve it.
 */
#ifndef BENCH_CALIBRATE_H
#define BENCH_CALIBRATE_H

#include <stdint.h>

/* The number says that the work was done. */
uint64_t calibrate(void);

#endif
