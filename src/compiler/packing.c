#include "compiler/packing.h"

enum { UNITS = PACKING_LINE / PACKING_UNIT };

static void
leave(struct packing *packing, uint64_t at, size_t units)
{
	if (units > 0 && packing->open[units].count < PACKING_OPEN)
		packing->open[units].at[packing->open[units].count++] = at;
}

uint64_t
packing_place(struct packing *packing, size_t size)
{
	size_t units = size / PACKING_UNIT, rest;
	uint64_t at;

	for (size_t left = units; left < UNITS; left++) {
		if (packing->open[left].count == 0)
			continue;
		at = packing->open[left].at[--packing->open[left].count];
		leave(packing, at + size, left - units);
		return at;
	}
	at = packing->end;
	packing->end += (size + PACKING_LINE - 1) / PACKING_LINE * PACKING_LINE;
	rest = (size_t)(packing->end - at - size) / PACKING_UNIT;
	leave(packing, at + size, rest);
	return at;
}
