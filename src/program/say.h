/* say.h - messages to people, and the exit codes that go with them. */
#ifndef PROGRAM_SAY_H
#define PROGRAM_SAY_H

#include <sysexits.h>

#include "tmail/routes.h"

enum {
	EXIT_NO = 1,		/* a well-formed no: no route, no such ID */
	EXIT_NOT_COMPILED = 3	/* the conf was changed, the index was not */
};

/*
 * Prints "tmail: ..." to stderr, one line: control characters of what it names
 * are shown as '?'.  cli_usage likewise.
 */
void cli_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Says that an argument is wrong and how to get help; returns EX_USAGE. */
int cli_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A word more of the command that runs, "routes" and then "add": whose help cli_usage names. */
void cli_running(const char *word);

/* Flushes stdout; code, or EX_IOERR with a message if it could not be written. */
int cli_finish(int code);

/*
 * The exit code for a status of the delivery library, after a message.  Does
 * not return when that is TMAIL_E_MEMORY: see mem_exhausted.
 */
int cli_index_failed(const char *path, enum tmail_status status);

#endif
