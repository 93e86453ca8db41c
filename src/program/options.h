/* options.h - the words of a command line: options, their values, operands. */
#ifndef PROGRAM_OPTIONS_H
#define PROGRAM_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

/* The values of an option that may be given many times; list is to be freed. */
struct cli_values {
	const char **list;
	size_t count;
};

/*
 * One option.  names: all spellings without dashes, separated by blanks; those
 * of one letter take one dash, the longer ones one or two.  value: a flag's
 * bool or another's const char *; false or NULL before, or the option counts as
 * given twice; of CLI_VALUES, a struct cli_values.
 */
struct cli_option {
	const char *names;
	enum { CLI_VALUE = false, CLI_FLAG = true, CLI_VALUES } flag;
	void *value;
};

/* Whether `name`, of len bytes, is one of an option's names. */
bool cli_is_named(const char *names, const char *name, size_t len);

/*
 * cli_parse - reads options and operands in any order; "--" ends options.
 * `--name value`, `--name=value`, `-name value`, `-name=value`, `-n value`.
 * *operands is set to those that are none, which are moved to the front of
 * argv behind argv[0].  Both option tables end with a NULL name; `common` may
 * be NULL.  Returns 0, or EX_USAGE with a message printed.
 */
int cli_parse(int argc, char **argv, const struct cli_option *options,
    const struct cli_option *common, int *operands);

#endif
