#include "compiler/packing.h"

enum { UNITS = PACKING_LINE / PACKING_UNIT };

static void
leave(struct packing *packing, uint64_t at, size_t units)
{
	if (units == 0 || packing->open[units].count == PACKING_OPEN)
		return;
	packing->open[units].at[packing->open[units].count++] = at;
	packing->left |= 1u << units;
}

uint64_t
packing_place(struct packing *packing, size_t size)
{
	size_t units = size / PACKING_UNIT, left;
	unsigned fitting = units < UNITS ? packing->left >> units << units : 0;
	uint64_t at;

	if (fitting != 0) {
		left = (size_t)__builtin_ctz(fitting);
		at = packing->open[left].at[--packing->open[left].count];
		if (packing->open[left].count == 0)
			packing->left &= ~(1u << left);
		leave(packing, at + size, left - units);
		return at;
	}
	at = packing->end;
	packing->end += (size + PACKING_LINE - 1) / PACKING_LINE * PACKING_LINE;
	leave(packing, at + size, (size_t)(packing->end - at - size) / PACKING_UNIT);
	return at;
}
