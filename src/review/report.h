/* report.h - diagnostics for programs. */
#ifndef REVIEW_REPORT_H
#define REVIEW_REPORT_H

#include "text/diagnostic.h"

enum report_format { REPORT_HUMAN, REPORT_JSON, REPORT_GITHUB, REPORT_SARIF, REPORT_FORMATS };
extern const char *const report_formats[REPORT_FORMATS];

/*
 * report - prints diagnostics to standard output, all or, where memory runs out, none:
 *
 * JSON: one object each: file, line, column, end_line, end_column, severity, slug,
 * message, help, note (an object with file, line, column and message) and notes (an array
 * of those); null where absent.
 * GitHub: one workflow command each, errors first.
 * SARIF 2.1.0: one run, with a rule for each name that a diagnostic may have.
 *
 * For people there is render.h instead.
 */
void report(enum report_format format, const struct diagnostics *diagnostics,
    const struct sources *sources, bool warnings);

#endif
