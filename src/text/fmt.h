/*
 * fmt.h - a file as it is canonically written.
 *
 * One blank between words, quotes only where they are needed, a comment one
 * blank behind its statement, one blank line in the place of several.  A
 * statement longer than FMT_COLUMNS characters goes on in further lines, broken
 * before an option or, in a list, before a value; any other stands on one line.
 * Order, comments, line ends and the byte order mark stay.
 */
#ifndef TEXT_FMT_H
#define TEXT_FMT_H

#include "store/names.h"
#include "text/edit.h"

enum { FMT_COLUMNS = 100, FMT_INDENT = 4 };

/*
 * fmt_source - puts a splice into the edit for each line that is written
 * otherwise.  The source holds statements without a syntax error.
 * defined: the names of relays and lists, or NULL; a host or pattern spelt so
 * keeps its quotes, which say that it is meant.
 */
void fmt_source(struct edit *edit, const struct source *source, const struct names *defined);

#endif
