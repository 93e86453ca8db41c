/* line_text.h - text being put together, to be written out as a line. */
#ifndef ANSWER_LINE_TEXT_H
#define ANSWER_LINE_TEXT_H

#include <stdint.h>
#include <stdio.h>

#include "store/memory.h"

/* Zero the struct to start. */
struct text {
	char *ptr;
	size_t len;
	size_t capacity;
};

void text_release(struct text *text);

/* Makes room for n more bytes. */
void text_reserve(struct text *text, size_t n);

static inline void
text_add(struct text *text, const char *ptr, size_t len)
{
	if (len > text->capacity - text->len)
		text_reserve(text, len);
	if (len > 0)
		memcpy(text->ptr + text->len, ptr, len);
	text->len += len;
}

static inline void
text_str(struct text *text, const char *s)
{
	text_add(text, s, strlen(s));
}

void text_number(struct text *text, uint64_t n);

/*
 * text_safe - adds bytes that somebody else chose: what acts on a terminal,
 * turns the reading direction or is not UTF-8 becomes \xHH.
 */
void text_safe(struct text *text, const char *ptr, size_t len);

/* text_name - adds the name of a file; here each of those becomes '?'. */
void text_name(struct text *text, const char *ptr, size_t len);

/* Columns of a terminal from the byte `begin` on. */
unsigned text_columns(const struct text *text, size_t begin);

/*
 * text_fit - cuts what stands from `begin` to `end` with an ellipsis, so that
 * all from `begin` on takes `columns` at most.
 */
void text_fit(struct text *text, size_t begin, size_t end, unsigned columns);

/* Writes the text and a line end, and empties it. */
void text_line(struct text *text, FILE *out);

#endif
