/*
 * diagnostic.h - errors and warnings with their places, collected during a
 * run and printed at its end in the order of their places.
 *
 * All are counted; of each severity the DIAGNOSTICS_SHOWN first places are
 * kept, so that a million bad lines cost no memory.  With more errors than
 * DIAGNOSTICS_ENOUGH a file is no configuration: what is left of it is neither
 * read nor judged, so that a million bad lines cost no time either.  For programs,
 * which want all, both numbers are DIAGNOSTICS_EVERY.
 */
#ifndef TEXT_DIAGNOSTIC_H
#define TEXT_DIAGNOSTIC_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/slice.h"
#include "store/memory.h"
#include "text/slugs.h"
#include "text/source.h"

enum { DIAGNOSTICS_SHOWN = 20, DIAGNOSTICS_ENOUGH = 1000, DIAGNOSTICS_EVERY = 10000 };

/* Positions from begin to end; an empty span is a gap: one caret. */
struct span {
	uint32_t begin;
	uint32_t end;
};

static inline struct span
span(uint32_t begin, uint32_t end)
{
	return (struct span){begin, end};
}

struct diagnostic {
	struct span at;
	enum slug slug;
	struct slice message;
	bool has_note;
	bool note_unplaced;	/* it says all by itself */
	struct span note_at;
	struct slice note;
	struct slice help;	/* absent: none */
};

struct allowances;

struct diagnostics {
	struct arena arena;
	struct allowances *allowed;	/* NULL, or what silences warnings: see allow.h */
	bool every;		/* set before: they are for a program */
	struct diagnostic *list[SEVERITY_COUNT];	/* in the order of their places */
	size_t kept[SEVERITY_COUNT], capacity[SEVERITY_COUNT];
	size_t count[SEVERITY_COUNT];
	struct diagnostic unseen;	/* what is beyond the kept ones goes here */
	struct diagnostic *last;	/* what diagnose returned last */
};

/* How many errors are borne. */
static inline size_t
diagnostics_bearable(const struct diagnostics *diagnostics)
{
	return diagnostics->every ? DIAGNOSTICS_EVERY : DIAGNOSTICS_ENOUGH;
}

static inline bool
diagnostics_enough(const struct diagnostics *diagnostics)
{
	return diagnostics->count[SEVERITY_ERROR] > diagnostics_bearable(diagnostics);
}

/*
 * diagnose - records one, unless it was recorded before or is allowed.
 * The result takes a note or a help until the next call.
 */
struct diagnostic *diagnose(struct diagnostics *diagnostics, struct span at, enum slug slug,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* A second place: "first defined here". */
void diagnostic_note(struct diagnostics *diagnostics, struct diagnostic *diagnostic,
    struct span at, const char *format, ...) __attribute__((format(printf, 4, 5)));

/* A note without a place. */
void diagnostic_remark(struct diagnostics *diagnostics, struct diagnostic *diagnostic,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

/* How to mend it. */
void diagnostic_help(struct diagnostics *diagnostics, struct diagnostic *diagnostic,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

/*
 * diagnostics_next - the kept ones in the order of their places; NULL at the
 * end.  Zero the cursor to start.
 */
struct diagnostics_cursor {
	size_t at[SEVERITY_COUNT];
};
const struct diagnostic *diagnostics_next(const struct diagnostics *diagnostics,
    struct diagnostics_cursor *cursor);

void diagnostics_release(struct diagnostics *diagnostics);

/* For "%.*s" of a slice, cut to what a message can bear. */
#define SLICE_ARG(s) (int)((s).len < 200 ? (s).len : 200), (s).ptr

#endif
