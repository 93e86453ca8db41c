/* reformat.h - files as they are canonically written (text/fmt.h). */
#ifndef CHANGE_REFORMAT_H
#define CHANGE_REFORMAT_H

#include "change/change.h"
#include "change/standard_input.h"

/* The configuration with its includes, or one file; zero it to start. */
struct reformat {
	const struct settings *settings;
	struct standard_input input;
	struct conf conf;
	struct edit edit;
};

/*
 * reformat_open - reads and judges one file, or, NULL, the whole configuration.
 * Of one file, which may be "-", only what is wrong in itself is an error.  0, or an
 * exit code after a message.
 */
int reformat_open(struct reformat *reformat, const struct settings *settings, const char *file);

/* reformat_print - the text of all its files, as it is to be. */
void reformat_print(const struct reformat *reformat);

/*
 * reformat_differ - how many of its files are written otherwise; their names and
 * their diffs are printed on demand.
 */
size_t reformat_differ(const struct reformat *reformat, bool names, bool diffs);

/* reformat_write - replaces those of so many, all or none, under the configuration's lock. */
int reformat_write(const struct settings *settings, const char *const *files, size_t count,
    bool diffs);

/* reformat_conf - replaces those of the configuration, and compiles as any edit does. */
int reformat_conf(const struct settings *settings, bool diffs);

void reformat_close(struct reformat *reformat);

#endif
