/* lines.h - the lines of a file descriptor, whatever they hold. */
#ifndef PROGRAM_LINES_H
#define PROGRAM_LINES_H

#include <stdbool.h>

#include "store/memory.h"

/* Set fd, the rest zero. */
struct lines {
	int fd;
	char *buffer;
	size_t begin;		/* of the next line */
	size_t seen;		/* no line end before this */
	size_t end;
	size_t capacity;
	bool ended;
	int error;		/* errno of a read that failed */
};

/*
 * lines_next - the next line without its LF or CRLF; the last one may lack its
 * end.  *line is valid until the next call.  False: there is none, reading
 * failed, or the answers so far could not be written: standard output is
 * flushed before each wait for input, since whoever asks may be waiting for
 * them.
 */
bool lines_next(struct lines *lines, struct slice *line);

void lines_release(struct lines *lines);

#endif
