/* utf8.h - UTF-8 (RFC 3629): faults, characters and their width. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/*
 * utf8_next - decodes one character at p (p < end) into *c and returns the
 * byte behind it; for an invalid sequence *c is UTF8_INVALID and one byte is
 * passed.  Overlong forms, surrogates and what is over U+10FFFF are invalid.
 */
#define UTF8_INVALID 0xffffffffu
const char *utf8_next(const char *p, const char *end, uint32_t *c);

/* The first invalid byte from p on, or NULL. */
const char *utf8_flaw(const char *p, const char *end);

/*
 * Characters that would act on a terminal or turn the reading direction; noncharacters,
 * which XML refuses; UTF8_INVALID.
 */
bool utf8_hostile(uint32_t c);

/*
 * utf8_disarm - puts a '?' for each of them in n bytes of text, which may hold
 * names that somebody else chose.  Returns the length that is left.
 */
size_t utf8_disarm(char *text, size_t n);

/*
 * What looks like a blank, a quote, another ASCII character or nothing at all
 * in a word, and is none:
 * "a no-break space (U+00A0)"; NULL: nothing of the kind.
 */
const char *utf8_lookalike(struct slice word);

/* The first and the last character of a text. */
struct slice utf8_first(struct slice text);
struct slice utf8_last(struct slice text);

/* Columns of a terminal: 0 for combining marks, 2 for wide characters. */
unsigned utf8_width(uint32_t c);

#endif
