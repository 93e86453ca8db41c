/*
 * conf.h - a whole configuration: its files, statements, and, when it is
 * without errors, what it means.
 *
 *   conf_open   reads and parses the main file, includes and lists' files
 *   conf_check  judges all statements and builds the model
 *   conf_close  frees it all
 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include "text/allow.h"
#include "text/diagnostic.h"
#include "conf/model.h"
#include "text/source.h"
#include "text/statement.h"

/* The statements of a file, or of half a file. */
struct unit {
	const struct source *source;
	struct stmts stmts;
	struct via *vias;	/* by the numbers of its stmts.vias */
};

/* A run of statements of one unit; all runs together are in file order. */
struct segment {
	const struct unit *unit;
	size_t begin, end;	/* offsets in its stmts */
	struct tally tally;
};

/* How a configuration is to be read; zero: as it is on the disk, whole. */
struct conf_reading {
	/*
	 * New bytes in place of some files' own; the overlay without a status is the
	 * main file, which is no file, or none yet: path is its name, and where its
	 * includes are looked for from.
	 */
	const struct overlay *overlays;
	size_t overlay_count;
	bool alone;		/* no other file: what those may define is no error */
	bool every;		/* all diagnostics are to be kept, for a program */
};

struct conf {
	struct sources sources;
	struct diagnostics diagnostics;
	struct allowances allowances;
	struct arena arena;
	uint64_t seed;			/* of all tables of names, and of hashes in items */
	struct unit **units;
	size_t unit_count, unit_capacity;
	struct segment *segments;
	size_t segment_count, segment_capacity;
	struct unit **list_files;	/* of `list NAME file`, in the order of segments */
	size_t list_file_count, list_file_capacity;
	bool alone;			/* see conf_reading */
	bool incomplete;		/* a file could not be included, or was not to be */
	struct slice unreadable;	/* "cannot read" the first that could not be, and why */
	bool changed;			/* ...since it was written to meanwhile */
	uint32_t routes;		/* how many route statements */
	uint32_t highest_id;		/* written in the files; 0: none */
	bool numbered;			/* no route is without a written ID */
	struct model model;
	bool strict;			/* set before conf_check: warn of more */
	bool keep_patterns;		/* set before conf_check: fill what follows */
	struct route_patterns *patterns; /* by route of the model */
	struct conf_relay *relays;	/* in file order */
	size_t relay_count;
	bool tested;			/* conf_add_tests was called: from here on stand */
	uint32_t tests_from;		/* expectations, and only those count */
	struct expectation *expectations;	/* in file order */
	size_t expectation_count, expectation_bytes;
};

/* A relay, as a route without options of its own would go through it. */
struct conf_relay {
	struct slice name;
	uint32_t pos;
	uint32_t target;
	struct slice comment;
};

/* The patterns of a route, with a `*` that is implied (folded, each once): keys of the model. */
struct route_patterns {
	const uint32_t *keys;	/* to, then user, then from; KEY_NONE is `any` */
	uint32_t count[3];
	const struct slice *lists;	/* the names of those among them, as written */
	uint32_t list_count[3];
	struct slice comment;	/* behind the statement, without "# "; absent: none */
};

/*
 * conf_open - reads all files as they were at one moment: if one changes before
 * all are read, all are read once more.  Returns SOURCE_OK, or why the main
 * file cannot be read, or SOURCE_CHANGED for any file; conf->unreadable then
 * says it in words.  The main file may be a pipe.  Everything else that is
 * wrong is in conf->diagnostics.  conf_close is wanted in every case.
 */
enum source_status conf_open(struct conf *conf, const char *path);

/* conf_open_as, conf_open_with - the same, read in another way; with overlays. */
enum source_status conf_open_as(struct conf *conf, const char *path,
    const struct conf_reading *reading);
enum source_status conf_open_with(struct conf *conf, const char *path,
    const struct overlay *overlays, size_t count);

/* Whether the main file is a pipe, which cannot be read a second time. */
bool conf_is_pipe(const struct conf *conf);

/*
 * conf_add_statement - adds text that stands in no file as if it came last
 * (the route that `add` is about to write).  See sources_add.
 */
struct unit *conf_add_statement(struct conf *conf, struct slice name, char *text, size_t size,
    const struct shown *shown);

/*
 * conf_add_tests - reads a file of expectations, with its includes, behind the rest;
 * without a conf_open before, conf must be zero.  Other statements in it are errors.
 * As conf_open; "-" is the text of standard input, and no file may be a pipe.
 */
enum source_status conf_add_tests(struct conf *conf, const char *path);

/* Judges everything; true if there is no error. */
bool conf_check(struct conf *conf);

/* Frees the statements: what is left of conf is good for image_build alone. */
void conf_forget_statements(struct conf *conf);

void conf_close(struct conf *conf);

/* Iterates over all statements in file order.  Zero the cursor to start. */
struct conf_cursor {
	size_t segment;
	size_t at;
	bool started;
	const struct unit *unit;	/* of the statement last returned */
};
bool conf_next(const struct conf *conf, struct conf_cursor *cursor, struct stmt *stmt);

/* The password that a statement holds; an empty span: none. */
struct span conf_password(const struct stmt *stmt);

/* Warns of the password at `at` (empty: there is none) if others can read its file. */
void conf_warn_readable(struct diagnostics *diagnostics, const struct source *source,
    struct span at);

#endif
