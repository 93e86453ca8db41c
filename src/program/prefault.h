/*
 * prefault.h - memory that a program is sure to use, had from the system in one call.  A page
 * that is touched for the first time interrupts the program, which costs several times what the
 * page does.  Nothing depends on it: where it fails, as before Linux 5.14, pages come one by one.
 */
#ifndef PROGRAM_PREFAULT_H
#define PROGRAM_PREFAULT_H

#include <stddef.h>

/* prefault_stack - below the caller's frame; of what exec(2) gives, which is some 128 KiB. */
void prefault_stack(size_t size);

/* prefault_heap - what malloc(3) gives next, in small blocks; it gives nothing back from then on. */
void prefault_heap(size_t size);

#endif
