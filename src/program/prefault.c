#include "program/prefault.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* So large are blocks that malloc(3) maps apart, and so much may be free at the end of the heap:
 * to give memory back costs more than to keep it for the moment that a delivery takes. */
#define APART (2 * 1024 * 1024)
#define FREE (4 * 1024 * 1024)

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

/* All pages that the bytes are in. */
static void
populate(uintptr_t from, size_t size)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), begin = from & -page;

	(void)madvise((void *)begin, size + (from - begin), MADV_POPULATE_WRITE);
}

void
prefault_stack(size_t size)
{
	populate((uintptr_t)__builtin_frame_address(0) - size, size);
}

void
prefault_heap(size_t size)
{
	void *block;

	/* Other C libraries, as musl, have no such knobs. */
#ifdef M_TRIM_THRESHOLD
	mallopt(M_MMAP_THRESHOLD, APART);
	mallopt(M_TRIM_THRESHOLD, FREE);
#endif
	block = malloc(size);
	if (block != NULL)
		populate((uintptr_t)block, size);
	free(block);
}
