/* words.h - lists as main.cf and master.cf have them: words between blanks and commas, or in braces. */
#ifndef WIRING_WORDS_H
#define WIRING_WORDS_H

#include "base/slice.h"

/*
 * cf_word - takes the next word off the front of *rest; braces around it, which protect
 * blanks and commas, are taken away.  False: there is none.
 */
bool cf_word(const char **rest, struct slice *word);

/* Whether a list has this word. */
bool cf_has(const char *list, const char *word);

#endif
