/* quote.h - values as words of routes.conf, so that they read back the same. */
#ifndef TEXT_QUOTE_H
#define TEXT_QUOTE_H

#include <stdbool.h>

#include "store/memory.h"

/*
 * quote_word - the value bare where it can stand so, else as a string; what
 * cannot stand in a file (control bytes, invalid UTF-8) is written \xHH.
 */
struct slice quote_word(struct arena *arena, struct slice value);

/* quote_string - always as a string. */
struct slice quote_string(struct arena *arena, struct slice value);

/*
 * quote_patterns - the value of a selector: patterns joined by commas, each
 * bare or quoted; a comma between double quotes joins nothing, and a pattern in
 * double quotes is the string that it looks like.
 */
struct slice quote_patterns(struct arena *arena, struct slice value);

/*
 * quote_undo - the value of a string as it is written, quotes included; NULL, or the
 * backslash of the first escape that there is not.
 */
const char *quote_undo(struct arena *arena, struct slice string, struct slice *value);

/* Whether the value can stand bare. */
bool quote_is_bare(struct slice value);

/* The end of the pattern at p: a comma outside of double quotes, or the end. */
const char *quote_pattern_end(const char *p, const char *end);

#endif
