/* render.h - diagnostics as people and editors read them. */
#ifndef COMPILER_RENDER_H
#define COMPILER_RENDER_H

#include "compiler/diagnostic.h"

/*
 * render_diagnostics - prints all that were kept, in the order of place, and
 * what was not shown as a count.  Warnings only with `warnings`.  In colour
 * with `colour`.
 *
 *   routes.conf:12:39: error: port 99999 is not in 1-65535 [bad-port]
 *      12 | route 7 to tmail.io via mail.tmail.io:99999
 *         |                                       ^~~~~
 *
 * Secrets are masked, control and direction-changing characters shown as '?'.
 */
void render_diagnostics(const struct diagnostics *diagnostics, const struct sources *sources,
    bool warnings, bool colour, FILE *out);

/* The line and column (from 1, in characters) of a position. */
void render_place(const struct source *source, uint32_t pos, uint32_t *line, uint32_t *column);

#endif
