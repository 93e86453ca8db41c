/* render.h - diagnostics as people and editors read them. */
#ifndef REVIEW_RENDER_H
#define REVIEW_RENDER_H

#include "base/screen.h"
#include "text/diagnostic.h"

/*
 * render_diagnostics - prints all that were kept, in the order of place, and
 * what was not shown as a count.  Warnings: all, none, or those of the text
 * that was added last (a command line).  A line wider than the screen is cut
 * around the place.
 *
 *   routes.conf:12:39: error: port 99999 is not in 1-65535 [bad-port]
 *      12 | route 7 to tmail.io via mail.tmail.io:99999
 *         |                                       ^~~~~
 *
 * Secrets are masked, control and direction-changing characters shown as '?'.
 */
enum render_warnings { RENDER_NO_WARNINGS, RENDER_WARNINGS, RENDER_LAST_WARNINGS };
void render_diagnostics(const struct diagnostics *diagnostics, const struct sources *sources,
    enum render_warnings warnings, const struct screen *screen);

/* The line and column (from 1, in characters) of a position. */
void render_place(const struct source *source, uint32_t pos, uint32_t *line, uint32_t *column);

#endif
