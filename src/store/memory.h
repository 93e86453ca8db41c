/*
 * memory.h - allocation for the compiler and the commands: a failure ends
 * the program with one line and exit code 71, before anything was renamed.
 * (The delivery library allocates through none of this.)
 */
#ifndef STORE_MEMORY_H
#define STORE_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include "base/fold.h"
#include "base/slice.h"

/* That end of the program, for what allocates in other ways. */
_Noreturn void mem_exhausted(void);

/* What came of folding a name, which allocates: never FOLD_MEMORY. */
static inline enum fold_status
mem_folded(enum fold_status status)
{
	if (status == FOLD_MEMORY)
		mem_exhausted();
	return status;
}

/* Like malloc, calloc and realloc; never NULL. */
void *mem_alloc(size_t size) __attribute__((malloc));
void *mem_zero(size_t count, size_t size) __attribute__((malloc));
void *mem_resize(void *p, size_t count, size_t size);

/*
 * mem_grow - makes room for one more element: *capacity doubles when `used`
 * has reached it.  Returns p, moved if need be.
 */
void *mem_double(void *p, size_t *capacity, size_t size);

static inline void *
mem_grow(void *p, size_t used, size_t *capacity, size_t size)
{
	return used < *capacity ? p : mem_double(p, capacity, size);
}

/*
 * mem_pages - zeroed memory straight from the kernel, in huge pages where it
 * has them, for the few blocks as large as the configuration itself.
 * mem_pages_free wants the same size.
 */
void *mem_pages(size_t size);
void mem_pages_free(void *p, size_t size);

/* Bump allocation, freed all at once.  Zero the struct to start. */
struct arena {
	struct arena_block *blocks;
	char *free;
	size_t left;
};

void *arena_alloc(struct arena *arena, size_t size);	/* 8-byte aligned */
char *arena_bytes(struct arena *arena, size_t size);	/* not aligned */
/* A copy with a NUL after it, which the length does not count. */
struct slice arena_copy(struct arena *arena, struct slice s);
struct slice arena_lower(struct arena *arena, struct slice text);	/* ASCII in lower case */
struct slice arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void arena_release(struct arena *arena);

#endif
