/*
 * source.h - the files of a configuration, in memory, and places in them.
 *
 * A place is one 32-bit position that counts through all files in the order
 * they were read; file, line and column are worked out for diagnostics only.
 */
#ifndef TEXT_SOURCE_H
#define TEXT_SOURCE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/slice.h"
#include "store/file_text.h"
#include "store/inodes.h"
#include "store/memory.h"

/*
 * Text that is no file - a statement made from a command line - is shown as
 * the command line it was made from: bytes begin..end of the text came from
 * bytes at.. of the line shown; `exact` where they are the same bytes.
 */
struct shown_piece {
	uint32_t begin, end;
	uint32_t at, at_end;
	bool exact;
};

struct shown {
	struct slice line;
	const struct shown_piece *pieces;
	size_t count;
};

struct source {
	struct slice path;	/* as opened */
	struct slice name;	/* for the index: base name, or as the include matched */
	char *text;		/* SOURCE_SLACK zero bytes behind it */
	uint32_t size;
	uint32_t begin;		/* position of text[0] */
	uint32_t line_base;	/* lines in the files before this one */
	uint32_t lines;
	bool bom;		/* text starts behind a byte order mark */
	bool values;		/* the file of a list, not of statements */
	bool file;		/* not the command line: part of the digest */
	size_t mapped;		/* size of the memory block, 0: not ours */
	struct stat status;	/* as read */
	uint32_t unit;		/* of a list's file: the number of its values' unit */
	uint32_t at, at_end;	/* the path of the include that read it; as one: none did */
	const struct source *before; /* the same file, read before for the same use; or NULL */
	const struct shown *shown; /* NULL for files */
	struct line_marks *marks; /* where lines begin, as far as they were asked for */
};

/*
 * New bytes of a file that is about to be written; status NULL: a main file that does not
 * exist yet, or is no file but standard input.
 */
struct overlay {
	const struct stat *status;
	struct slice bytes;
};

struct sources {
	struct arena arena;
	const struct overlay *overlays;	/* read in place of the files */
	size_t overlay_count;
	struct inodes overlaid;		/* their numbers */
	struct inodes read[2];		/* sources by file: of statements, of values */
	struct source **list;
	size_t count;
	size_t capacity;
	uint32_t end;		/* the next free position */
	uint32_t lines;
};

/*
 * sources_overlay - before anything is read: of these files the new bytes are
 * read.  An overlay without a status is alone, and for the main file, whose path
 * then only names it.  The overlays must outlive the reading.
 */
void sources_overlay(struct sources *sources, const struct overlay *overlays, size_t count);

/*
 * sources_read - reads the file at path and adds it; values: it is a list's.
 * The text of a source starts after its byte order mark; text - 3 is then
 * readable.  The bytes are those of one moment: a file that is written to
 * meanwhile is read once more, then refused (SOURCE_CHANGED).  The first file
 * may be a pipe.
 */
enum source_status sources_read(struct sources *sources, struct slice path, struct slice name,
    bool values, struct source **source);

/* sources_read_stream - the same of a descriptor, which is no file and can be read once. */
enum source_status sources_read_stream(struct sources *sources, int fd, struct slice name,
    struct source **source);

/*
 * sources_changed - a file that its name does not lead to any more, or that
 * was written to since it was read; NULL: there is none.
 */
const struct source *sources_changed(const struct sources *sources);

/*
 * sources_add - adds text that is no file (the command line); it must have
 * SOURCE_SLACK zero bytes behind it and outlive the sources.
 */
struct source *sources_add(struct sources *sources, struct slice name,
    char *text, size_t size);

void sources_release(struct sources *sources);

/* The digest of all files' bytes, in the order they were read. */
void sources_digest(const struct sources *sources, unsigned char digest[16]);

/* The source that holds a position; positions just behind a text are its. */
const struct source *sources_at(const struct sources *sources, uint32_t pos);
/* Its place in the list. */
size_t sources_number(const struct sources *sources, uint32_t pos);

static inline uint32_t
source_pos(const struct source *source, const char *p)
{
	return source->begin + (uint32_t)(p - source->text);
}

/* The text at a position; pos must be of this source. */
static inline const char *
source_text(const struct source *source, uint32_t pos)
{
	return source->text + (pos - source->begin);
}

/* A physical line: its number from 1, its bytes without the line end. */
struct source_line {
	uint32_t number;
	struct slice text;
};

/* Notes where lines begin, for the next time: not to be called by two threads at once. */
struct source_line source_line_at(const struct source *source, uint32_t pos);

#endif
