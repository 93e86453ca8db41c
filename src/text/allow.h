/*
 * allow.h - warnings that are meant: "# allow SLUG[,SLUG]" behind a statement
 * silences those of these names that stand in it.
 */
#ifndef TEXT_ALLOW_H
#define TEXT_ALLOW_H

#include "text/diagnostic.h"
#include "text/statement.h"

/* One name in such a comment. */
struct allowance {
	struct span word;
	const char *name;
	struct span statement;	/* empty: the comment stands behind none */
	enum slug slug;		/* SLUG_COUNT: there is no such */
	bool used;
};

struct allowances {
	struct allowance *list;
	size_t count, capacity;
};

/* Whether a comment, its sign perhaps left out, says only what is allowed: no secret. */
bool allow_is_all(struct slice comment);

/* allow_read - collects those of a source; of each source once, in the order they were read. */
void allow_read(struct allowances *allowances, const struct source *source);

/* allow_match - finds the statements that they stand behind. */
void allow_match(struct allowances *allowances, const struct source *source,
    const struct stmts *stmts);

/* allow_use - whether a warning at a place is silenced. */
bool allow_use(struct allowances *allowances, enum slug slug, uint32_t pos);

/* Who tells a warning: all that judge, those that are strict, or those that look at files, too. */
enum allow_told { ALLOW_ALWAYS, ALLOW_STRICT, ALLOW_FILES };

/* allow_warn - when these have been told: warns of what has silenced none of them. */
void allow_warn(const struct allowances *allowances, enum allow_told told,
    struct diagnostics *diagnostics);

void allow_release(struct allowances *allowances);

#endif
