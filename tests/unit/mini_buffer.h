/* mini_buffer.h - bytes that grow, for the writer of tests. */
#ifndef MINI_BUFFER_H
#define MINI_BUFFER_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/le.h"

struct buffer {
	unsigned char *bytes;
	size_t len;
};

/* Ends the test program where it cannot go on. */
static inline void
must(bool holds)
{
	if (!holds)
		abort();
}

/* Adds n zero bytes; returns where they begin. */
static inline unsigned char *
buffer_add(struct buffer *b, size_t n)
{
	b->bytes = realloc(b->bytes, b->len + n + 1);
	must(b->bytes != NULL);
	memset(b->bytes + b->len, 0, n);
	b->len += n;
	return b->bytes + b->len - n;
}

static inline void
buffer_pad(struct buffer *b, size_t unit)
{
	while (b->len % unit != 0)
		buffer_add(b, 1);
}

static inline void
buffer_u32(struct buffer *b, uint32_t v)
{
	le32_put(buffer_add(b, 4), v);
}

/* Adds a run of elements unless it is there; returns its number in units. */
static inline uint32_t
buffer_intern(struct buffer *b, const void *run, size_t len, size_t unit)
{
	size_t i;

	for (i = 0; i + len <= b->len; i += unit)
		if (memcmp(b->bytes + i, run, len) == 0)
			return (uint32_t)(i / unit);
	i = b->len;
	memcpy(buffer_add(b, len), run, len);
	return (uint32_t)(i / unit);
}

#endif
