/* word.h - words in base64 (RFC 4648, 4), as Exim's ${base64:...} writes them. */
#ifndef SERVE_WORD_H
#define SERVE_WORD_H

#include <stdbool.h>

#include "answer/as_text.h"

/*
 * word_decode - to buf, which has as much room as the word.  Nothing, and a lone '=',
 * are an empty one.  False: it is no base64, or holds a NUL.
 */
bool word_decode(struct slice word, char *buf, struct slice *decoded);

void word_encode(struct slice bytes, struct as_text *out);

#endif
