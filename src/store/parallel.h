/* parallel.h - two threads, where they are worth while. */
#ifndef STORE_PARALLEL_H
#define STORE_PARALLEL_H

#include <stddef.h>

/*
 * parallel - calls first(a) and second(b), and returns when both are done.
 * The second has a thread of its own if that is worth while - they go through
 * so many items each - and there is one to be had.
 */
void parallel(size_t items, void (*first)(void *), void *a, void (*second)(void *), void *b);

/*
 * parallel_blocks - calls work(arg, begin, end) for items 0 to `items`, a block at a
 * time, each beginning at a multiple of `block`.  Two threads take blocks until none
 * is left, so that neither waits for the other while there is work.
 */
void parallel_blocks(size_t items, size_t block,
    void (*work)(void *arg, size_t begin, size_t end), void *arg);

#endif
