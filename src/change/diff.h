/* diff.h - what an edit changes, as a unified diff. */
#ifndef CHANGE_DIFF_H
#define CHANGE_DIFF_H

#include "change/change.h"

/*
 * diff_print - writes the diff of every changed file to standard output, with
 * three lines of context; secrets are masked without --show-secrets.
 */
void diff_print(const struct change *change);

/* diff_file - that of one file, which is `updated` after the edit; created: there was none. */
void diff_file(const struct settings *settings, const struct edit *edit,
    const struct source *source, const struct source *updated, bool created);

#endif
