/* nearest.h - which word was meant. */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stddef.h>

#include "base/slice.h"

/* Candidates one at a time; `found` is what nearest_word would return of those so far. */
struct nearest {
	struct slice word, found;
	unsigned distance;	/* of what was found */
	unsigned limit;		/* what is as far is no misspelling */
};

void nearest_init(struct nearest *nearest, struct slice word);
void nearest_offer(struct nearest *nearest, struct slice candidate);

/*
 * nearest_word - the one candidate that `word` is a likely misspelling of, or
 * NULL: one edit (insert, delete, replace, swap neighbours) for words up to
 * four letters, two for longer ones; else the one that begins with it, if it
 * has three letters; none where two are equally near.  Upper or lower case
 * makes no difference.
 */
const char *nearest_word(struct slice word, const char *const *candidates, size_t count);

#endif
