#include "store/parallel.h"

#include <stdatomic.h>

struct blocks {
	void (*work)(void *arg, size_t begin, size_t end);
	void *arg;
	size_t items, block;
	atomic_size_t next;
};

static void
take_blocks(void *arg)
{
	struct blocks *b = arg;
	size_t begin;

	while ((begin = atomic_fetch_add(&b->next, b->block)) < b->items)
		b->work(b->arg, begin, b->items - begin < b->block ? b->items : begin + b->block);
}

void
parallel_blocks(size_t items, size_t block, void (*work)(void *arg, size_t begin, size_t end),
    void *arg)
{
	struct blocks blocks = {.work = work, .arg = arg, .items = items, .block = block};

	parallel(items > block ? items : 0, take_blocks, &blocks, take_blocks, &blocks);
}
