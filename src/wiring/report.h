/* report.h - what doctor says: a line each, ok, warning or error. */
#ifndef WIRING_REPORT_H
#define WIRING_REPORT_H

#include "answer/line_text.h"

enum level { LEVEL_OK, LEVEL_WARNING, LEVEL_ERROR, LEVELS };

/* Zero the struct to start. */
struct report {
	bool json;
	bool quiet;		/* errors alone */
	size_t count[LEVELS];
	struct text text;	/* the lines so far */
};

/*
 * report_say - one line.  `check` names what was looked at, for programs; `mend` says
 * what to do, NULL where there is nothing.
 */
void report_say(struct report *report, enum level level, const char *check, const char *mend,
    const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif
