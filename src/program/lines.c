#include "program/lines.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { LINES_BUFFER = 64 * 1024 };

static void
make_room(struct lines *lines)
{
	if (lines->begin > 0) {
		memmove(lines->buffer, lines->buffer + lines->begin, lines->end - lines->begin);
		lines->seen -= lines->begin;
		lines->end -= lines->begin;
		lines->begin = 0;
	}
	if (lines->end < lines->capacity)
		return;
	lines->capacity = lines->capacity == 0 ? LINES_BUFFER : lines->capacity * 2;
	lines->buffer = mem_resize(lines->buffer, lines->capacity, 1);
}

/* Reads on; false: no more. */
static bool
fill(struct lines *lines)
{
	ssize_t n;

	if (lines->ended)
		return false;
	make_room(lines);
	if (fflush(stdout) != 0)
		return false;
	do
		n = read(lines->fd, lines->buffer + lines->end, lines->capacity - lines->end);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		lines->error = errno;
	lines->ended = n <= 0;
	lines->end += n > 0 ? (size_t)n : 0;
	return !lines->ended;
}

/* The line up to `stop`; the next one begins at `next`. */
static void
take(struct lines *lines, size_t stop, size_t next, struct slice *line)
{
	*line = slice(lines->buffer + lines->begin, stop - lines->begin);
	if (line->len > 0 && line->ptr[line->len - 1] == '\r')
		line->len--;
	lines->begin = lines->seen = next;
}

bool
lines_next(struct lines *lines, struct slice *line)
{
	for (;;) {
		size_t left = lines->end - lines->seen;
		const char *newline =
		    left == 0 ? NULL : memchr(lines->buffer + lines->seen, '\n', left);

		if (newline != NULL) {
			size_t at = (size_t)(newline - lines->buffer);

			take(lines, at, at + 1, line);
			return true;
		}
		lines->seen = lines->end;
		if (!fill(lines))
			break;
	}
	if (!lines->ended || lines->error != 0 || lines->begin == lines->end)
		return false;
	take(lines, lines->end, lines->end, line);
	return true;
}

void
lines_release(struct lines *lines)
{
	free(lines->buffer);
	*lines = (struct lines){0};
}
