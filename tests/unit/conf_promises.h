/*
 * conf_promises.h - what holds for any bytes at all as a configuration.  For
 * mutated files (test_mutations.c) and for the fuzzer (tests/fuzz/conf.c).
 */
#ifndef CONF_PROMISES_H
#define CONF_PROMISES_H

#include "text/source.h"

/*
 * Where the bytes are read: as the file `path`, which must not exist.  What they
 * include is looked for beside it; files there may have other bytes than their own.
 */
struct conf_files {
	const char *path;
	const struct overlay *beside;
	size_t count;
};

/*
 * Reads `size` bytes as a configuration, judges it, shows what is wrong with
 * it, and where nothing is, builds its index, asks that, and edits it.  Aborts
 * with a message where a promise is broken.  Returns the number of errors.
 */
size_t conf_promises(const struct conf_files *files, const void *bytes, size_t size);

/* What came of a configuration: the same for each reading of it. */
struct conf_outcome {
	struct slice text;	/* all diagnostics */
	struct slice index;	/* absent: there is an error */
};
struct conf_outcome conf_outcome(const struct conf_files *files, const void *bytes, size_t size);
void conf_outcome_release(struct conf_outcome *outcome);

/*
 * format_promises - that the main file written canonically gives the same index, and is
 * left alone then.  *count: how many lines were written otherwise.  False: it has errors.
 */
bool format_promises(const struct conf_files *files, struct slice bytes, size_t *count);

#endif
