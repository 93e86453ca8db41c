/* report.h - diagnostics for programs. */
#ifndef REVIEW_REPORT_H
#define REVIEW_REPORT_H

#include "text/diagnostic.h"

/*
 * report_json - prints one JSON object a diagnostic to standard output:
 * file, line, column, end_line, end_column, severity, slug, message, help and
 * note (an object with file, line, column and message), null where absent.
 * All of them, or none where memory runs out.
 */
void report_json(const struct diagnostics *diagnostics, const struct sources *sources,
    bool warnings);

#endif
