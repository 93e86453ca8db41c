/*
 * threads.h - in place of the compiler's parallel.c and halves.c: files and
 * tables of any size are parted, or none is.
 */
#ifndef THREADS_H
#define THREADS_H

#include <stdbool.h>

/* Whether there are two threads from now on. */
void threads_set(bool two);

#endif
