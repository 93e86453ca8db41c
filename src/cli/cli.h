/*
 * cli.h - what all commands share: options, settings, output, exit codes.
 *
 * A command is a function int cmd_NAME(int argc, char **argv) with argv[0]
 * its name; it returns the exit code (sysexits.h and cli.h's own).
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sysexits.h>

#include "base/slice.h"
#include "tmail/routes.h"

enum {
	EXIT_NO = 1,		/* a well-formed no: no route, no such ID */
	EXIT_NOT_COMPILED = 3	/* the conf was changed, the index was not */
};

/*
 * One option.  names: all spellings without dashes, separated by blanks;
 * those of one letter take one dash, the longer ones one or two.  The value
 * of a flag is a bool, that of another a const char *, set where `value`
 * points, and NULL or false before: an option given twice is told by that.
 */
struct cli_option {
	const char *names;
	bool flag;
	void *value;
};

/*
 * cli_parse - reads options and operands in any order; "--" ends options.
 * `--name value`, `--name=value`, `-name value`, `-name=value`, `-n value`.
 * *operands is set to those that are none, which are moved to the front of
 * argv behind argv[0].  Both option tables end with a NULL name; `common` may
 * be NULL.  Returns 0, or EX_USAGE with a message printed.
 */
int cli_parse(int argc, char **argv, const struct cli_option *options,
    const struct cli_option *common, int *operands);

/* What the common options say. */
struct settings {
	const char *conf;	/* never NULL after settings_done */
	const char *index;	/* never NULL after settings_done */
	bool conf_given, index_given;
	bool json, quiet, help, version;
	bool show_secrets;
	const char *color;
	bool color_out, color_err;	/* whether to colour stdout, stderr */
	char *index_buffer;
};

/*
 * cli_settings - parses a command line with the command's own options and the
 * common ones.  -h prints `help` and --version the version, to stdout.
 * Returns -1 to go on, else the exit code to return at once.
 * settings_release frees what it made.
 */
int cli_settings(int argc, char **argv, const struct cli_option *options, const char *help,
    struct settings *settings, int *operands);
void settings_release(struct settings *settings);

/*
 * Prints "tmail: ..." to stderr, one line: control characters of what it names
 * are shown as '?'.  cli_usage likewise.
 */
void cli_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Says that an argument is wrong and how to get help; returns EX_USAGE. */
int cli_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Flushes stdout; code, or EX_IOERR with a message if it could not be written. */
int cli_finish(int code);

/*
 * The exit code for a status of the delivery library, after a message.  Does
 * not return when that is TMAIL_E_MEMORY: see mem_exhausted.
 */
int cli_index_failed(const char *path, enum tmail_status status);

int cmd_list(int argc, char **argv);
int cmd_add(int argc, char **argv);
int cmd_set(int argc, char **argv);
int cmd_del(int argc, char **argv);
int cmd_compile(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_lookup(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_deliver(int argc, char **argv);

#endif
