/* settings.h - what the options say that all commands have, and the files they mean. */
#ifndef PROGRAM_SETTINGS_H
#define PROGRAM_SETTINGS_H

#include "base/screen.h"
#include "program/options.h"

/* What the common options say. */
struct settings {
	const char *conf;	/* never NULL after settings_done */
	const char *index;	/* never NULL after settings_done */
	bool conf_given, index_given;
	bool json, quiet, help, version;
	bool show_secrets;
	bool no_expect;		/* not a common option: of the commands that prove */
	const char *max_change;	/* nor is this: of those that write, see change/max_change.h */
	const char *color;
	struct screen out, err;		/* stdout, stderr */
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

/* settings_file - an operand in the place of --conf, with the index beside it. */
void settings_file(struct settings *settings, const char *conf);

/* Prints the version; returns an exit code. */
int cli_version(void);

#endif
