/* as_text.h - an answer to a mail server being put together, in the caller's room. */
#ifndef ANSWER_AS_TEXT_H
#define ANSWER_AS_TEXT_H

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

#include "base/slice.h"
#include "tmail/routes.h"

/* Room for the longest answer: a login and a password with what escapes them. */
#define AS_TEXT_SIZE 16384

/* What does not fit is left out; `cut` then says so. */
struct as_text {
	char *ptr;
	size_t len;
	size_t size;
	bool cut;
};

static inline void
as_text_add(struct as_text *text, const char *ptr, size_t len)
{
	if (len > text->size - text->len) {
		text->cut = true;
		return;
	}
	if (len > 0)
		memcpy(text->ptr + text->len, ptr, len);
	text->len += len;
}

static inline void
as_text_str(struct as_text *text, const char *s)
{
	as_text_add(text, s, strlen(s));
}

static inline void
as_text_slice(struct as_text *text, struct tmail_slice s)
{
	as_text_add(text, s.ptr, s.len);
}

static inline void
as_text_number(struct as_text *text, uint64_t n)
{
	char digits[20], *at = digits + sizeof(digits);

	do {
		*--at = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	as_text_add(text, at, (size_t)(digits + sizeof(digits) - at));
}

/* The text of a reply: a line end in it would be another answer. */
static inline void
as_text_line(struct as_text *text, struct tmail_slice s)
{
	for (size_t i = 0; i < s.len; i++)
		as_text_add(text, s.ptr[i] < ' ' || s.ptr[i] > '~' ? "?" : s.ptr + i, 1);
}

#endif
