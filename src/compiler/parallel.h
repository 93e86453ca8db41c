/* parallel.h - two pieces of work at once. */
#ifndef COMPILER_PARALLEL_H
#define COMPILER_PARALLEL_H

#include <stddef.h>

/*
 * parallel - calls first(a) and second(b), and returns when both are done.
 * The second has a thread of its own if that is worth while - they go through
 * so many items each - and there is one to be had.
 */
void parallel(size_t items, void (*first)(void *), void *a, void (*second)(void *), void *b);

#endif
