#include "store/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sysexits.h>

enum { ARENA_BLOCK = 64 * 1024, HUGE_PAGE = 2 * 1024 * 1024 };

struct arena_block {
	struct arena_block *next;
	max_align_t data[];
};

void
mem_exhausted(void)
{
	/* Never unlocked: a second thread may say no word, nor call exit, too. */
	flockfile(stderr);
	fputs("tmail: out of memory\n", stderr);
	exit(EX_OSERR);
}

void *
mem_alloc(size_t size)
{
	void *p = malloc(size == 0 ? 1 : size);

	if (p == NULL)
		mem_exhausted();
	return p;
}

/* Arrays with an element a route: huge pages spare most of their faults. */
static void
advise_huge(void *p, size_t size)
{
	uintptr_t page = (uintptr_t)p & ~(uintptr_t)4095;

	if (size >= 2 * HUGE_PAGE)
		(void)madvise((void *)page, size, MADV_HUGEPAGE);
}

void *
mem_zero(size_t count, size_t size)
{
	void *p = calloc(count == 0 ? 1 : count, size);

	if (p == NULL)
		mem_exhausted();
	advise_huge(p, count * size);
	return p;
}

void *
mem_resize(void *p, size_t count, size_t size)
{
	p = reallocarray(p, count == 0 ? 1 : count, size);
	if (p == NULL)
		mem_exhausted();
	advise_huge(p, count * size);
	return p;
}

void *
mem_double(void *p, size_t *capacity, size_t size)
{
	*capacity = *capacity < 8 ? 16 : *capacity * 2;
	return mem_resize(p, *capacity, size);
}

static char *
map(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		mem_exhausted();
	return p;
}

/*
 * Begins at a huge page: two threads that touch parts of one for the first
 * time would both clear it, and one in vain.
 */
static char *
map_huge(size_t size)
{
	char *p = map(size + HUGE_PAGE);
	size_t before = -(uintptr_t)p % HUGE_PAGE;
	char *end = p + before + size + (-size & 4095);

	if (before != 0)
		munmap(p, before);
	if (end < p + size + HUGE_PAGE)
		munmap(end, (size_t)(p + size + HUGE_PAGE - end));
	(void)madvise(p + before, size, MADV_HUGEPAGE);
	return p + before;
}

void *
mem_pages(size_t size)
{
	return size < HUGE_PAGE ? map(size) : map_huge(size);
}

void
mem_pages_free(void *p, size_t size)
{
	if (p != NULL)
		munmap(p, size);
}

static void
arena_refill(struct arena *arena, size_t size)
{
	size_t data = size > ARENA_BLOCK ? size : ARENA_BLOCK;
	struct arena_block *block = mem_alloc(sizeof(*block) + data);

	block->next = arena->blocks;
	arena->blocks = block;
	arena->free = (char *)block->data;
	arena->left = data;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	size_t pad = -(uintptr_t)arena->free & 7;

	if (arena->left < pad || arena->left - pad < size) {
		arena_refill(arena, size);
		pad = 0;
	}
	arena->free += pad;
	arena->left -= pad;
	return arena_bytes(arena, size);
}

char *
arena_bytes(struct arena *arena, size_t size)
{
	char *p;

	if (arena->left < size || arena->free == NULL)
		arena_refill(arena, size);
	p = arena->free;
	arena->free += size;
	arena->left -= size;
	return p;
}

struct slice
arena_copy(struct arena *arena, struct slice s)
{
	char *p = arena_bytes(arena, s.len + 1);

	if (s.len != 0)
		memcpy(p, s.ptr, s.len);
	p[s.len] = '\0';
	return slice(p, s.len);
}

struct slice
arena_lower(struct arena *arena, struct slice text)
{
	char *out = arena_bytes(arena, text.len + 1);

	for (size_t i = 0; i < text.len; i++)
		out[i] = (char)(text.ptr[i] | ('A' <= text.ptr[i] && text.ptr[i] <= 'Z') << 5);
	return slice(out, text.len);
}

struct slice
arena_printf(struct arena *arena, const char *format, ...)
{
	va_list ap;
	char *text = NULL;
	struct slice copy;
	int n;

	va_start(ap, format);
	n = vasprintf(&text, format, ap);
	va_end(ap);
	if (n < 0)
		mem_exhausted();
	copy = arena_copy(arena, slice(text, (size_t)n));
	free(text);
	return copy;
}

void
arena_release(struct arena *arena)
{
	struct arena_block *block = arena->blocks;

	while (block != NULL) {
		struct arena_block *next = block->next;

		free(block);
		block = next;
	}
	*arena = (struct arena){0};
}
