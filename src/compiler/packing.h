/*
 * packing.h - places records so that none that fits into a cache line
 * straddles two: a reader then waits for one line, not for two.
 *
 * Best fit over the lines begun so far; the choice depends on the sizes
 * alone, so the same records always get the same places.
 */
#ifndef COMPILER_PACKING_H
#define COMPILER_PACKING_H

#include <stddef.h>
#include <stdint.h>

enum { PACKING_LINE = 64, PACKING_UNIT = 4, PACKING_OPEN = 64 };

struct packing {
	uint64_t end;		/* bytes used, in whole lines */
	struct {
		uint64_t at[PACKING_OPEN];	/* of the free space */
		unsigned count;
	} open[PACKING_LINE / PACKING_UNIT];	/* by units left in the line */
	unsigned left;		/* which of them there are, as a mask */
};

/* The offset of a record of `size` bytes, a multiple of PACKING_UNIT. */
uint64_t packing_place(struct packing *packing, size_t size);

#endif
