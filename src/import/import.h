/*
 * import.h - what other programs' files say, as statements of routes.conf.
 *
 * Each line of a foreign file ends in one of these ways: statements name it in
 * their comment, a remark does, it is reported, or it is one of those that are
 * not about routing, which are counted.
 */
#ifndef IMPORT_IMPORT_H
#define IMPORT_IMPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/memory.h"
#include "store/names.h"
#include "text/source.h"

enum { IMPORT_FILES = 8, IMPORT_REFS = 16 };

/* A line with the lines that continue it. */
struct foreign_line {
	const struct foreign *file;
	struct slice text;
	uint32_t number;	/* of the first one, from 1 */
	bool used;		/* a statement or a remark names it */
	bool aside;		/* not about routing */
	const struct told *told;	/* NULL: nothing was reported */
};

/* What was reported of a line, the last first. */
struct told {
	struct slice text;
	const struct told *before;
};

/* A foreign file; path NULL: not given. */
struct foreign {
	const char *kind;
	const char *path;
	struct sources sources;
	struct slice text;
	struct foreign_line *lines;
	size_t count;
};

/* What is printed in the place of a line. */
struct import_entry {
	struct foreign_line *line;	/* NULL: at the head */
	struct slice text;
	bool report;
	size_t order;
};

struct import {
	struct arena arena;
	struct foreign files[IMPORT_FILES];
	const char *secrets;		/* the directory's absolute path; NULL: inline */
	struct import_entry *entries;
	size_t count;
	size_t capacity;
	struct names secret_names;	/* of the files to be written, and what they hold */
	struct slice *passwords;
	size_t secret_capacity;
	bool incomplete;		/* something could not be said */
};

/* A kind of file: what --map calls it, then its usual names. */
struct import_kind {
	const char *name;
	const char *files;	/* base names besides, separated by blanks */
};

struct import_format {
	const char *name;
	struct import_kind kinds[IMPORT_FILES + 1];	/* the last one NULL */
	/* Opens its one file by itself, whatever the name. */
	bool database;
	/* 0, or an exit code with a message said. */
	int (*run)(struct import *import);
};

/* NULL: there is no such format. */
const struct import_format *import_format(const char *name);
/* All of them, as a list for messages. */
const char *import_format_names(void);

/* The file of a kind, or NULL if it was not given. */
struct foreign *import_file(struct import *import, const char *kind);

/*
 * import_run - reads the files, whose kind and path are set, and prints what
 * they say; returns the exit code.  quiet: reports nothing on standard error.
 */
int import_run(const struct import_format *format, struct import *import, bool quiet);
void import_release(struct import *import);

/* The lines that a statement says, the first being its place. */
struct refs {
	struct foreign_line *list[IMPORT_REFS];
	size_t count;
};

void refs_add(struct refs *refs, struct foreign_line *line);

/* import_statement - a statement, with a comment that names the lines. */
void import_statement(struct import *import, const struct refs *refs, struct slice text);

/* import_report - the line, or something of it, cannot be said. */
void import_report(struct import *import, struct foreign_line *line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* import_remark - a comment that counts as what the line says. */
void import_remark(struct import *import, struct foreign_line *line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* import_note - a comment at the head. */
void import_note(struct import *import, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* foreign_read - all bytes of the file; 0 or an exit code with a message said. */
int foreign_read(struct foreign *file);

/*
 * foreign_cut - cuts it into lines without blank ones and comments; joined: a
 * line that begins with a blank continues the one before.
 */
void foreign_cut(struct import *import, struct foreign *file, bool joined);

/* The text without blanks at either end. */
struct slice trim(struct slice text);
/* Cuts a text at the first of these bytes: what stands before it; *text: behind it, or absent. */
struct slice cut(struct slice *text, const char *at);
/* The same of the next word, or of what stands between these two bytes; absent: there is none. */
struct slice cut_word(struct slice *text, const char *quotes);

/* What of a host may be told: nothing in front of an '@', where people put passwords. */
struct slice host_shown(struct slice host);

static inline bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

extern const struct import_format import_postfix, import_qmail, import_sendmail, import_exim,
    import_tmail;

#endif
