/*
 * expand.h - all files that a pattern with wildcards stands for.  glob(3)
 * leaves out what it cannot read, and routes would be missing.
 */
#ifndef STORE_EXPAND_H
#define STORE_EXPAND_H

#include <stdbool.h>
#include <stddef.h>

#include "store/memory.h"

struct expansion {
	struct slice *paths;	/* in byte order */
	size_t count, capacity;
	int failed;		/* the errno of what could not be read, 0: nothing */
	struct slice at;	/* which path that was */
};

/*
 * expand - finds what matches a pattern (glob(7)) that begins in directory
 * `dir`, which is empty or ends in a slash and is no pattern.  Wildcards match
 * no leading dot; a pattern without them is a path, whether it is there or not.
 * False: there are no paths, but a failure: something could not be read.
 * Links that lead nowhere match as the last component, else are a failure.
 * Strings are in the arena; expansion_release is wanted in either case.
 */
bool expand(struct arena *arena, struct slice dir, struct slice pattern,
    struct expansion *expansion);
void expansion_release(struct expansion *expansion);

#endif
