/* fmt.c - tmail routes fmt: files as they are canonically written. */
#include <string.h>

#include "change/reformat.h"
#include "cli/cli.h"

static const char help[] =
    "usage: tmail routes fmt [--check] [--diff] [--write] [FILE...]\n\n"
    "Prints the configuration and its includes, or these files alone, as they are\n"
    "canonically written: the blanks between words, needless quotes, long lines.\n"
    "Order, comments and what it all means stay.\n\n"
    "      --check        print the names of files written otherwise; code 1 if any\n"
    "      --diff         print what would change\n"
    "      --write        change the files; without FILE, compile, too\n"
    "      --show-secrets do not mask passwords in the diff\n"
    "  -c, --conf FILE    the configuration\n"
    "  -i, --index FILE   the index\n"
    "  -q   -h            FILE may be -, standard input\n\n"
    "examples:\n"
    "  tmail routes fmt --diff\n"
    "  tmail routes fmt --write routes.conf routes.d/customers.conf\n";

struct wanted {
	bool check, diff, write;
};

static int
print(const struct settings *settings, const char *file, const struct wanted *wanted)
{
	struct reformat reformat = {0};
	int code = reformat_open(&reformat, settings, file);

	if (code == 0 && !wanted->check && !wanted->diff)
		reformat_print(&reformat);
	else if (code == 0 && reformat_differ(&reformat, wanted->check, wanted->diff) > 0)
		code = wanted->check ? EXIT_NO : 0;
	reformat_close(&reformat);
	return code;
}

/* Of several files' codes, a fault counts more than a difference. */
static int
print_all(const struct settings *settings, const char *const *files, int count,
    const struct wanted *wanted)
{
	int code = 0;

	if (count == 0)
		return print(settings, NULL, wanted);
	for (int i = 0; i < count; i++) {
		int next = print(settings, files[i], wanted);

		code = code > EXIT_NO || next == 0 ? code : next;
	}
	return code;
}

static bool
has_standard_input(const char *const *files, int count)
{
	for (int i = 0; i < count; i++)
		if (strcmp(files[i], "-") == 0)
			return true;
	return false;
}

int
cmd_fmt(int argc, char **argv)
{
	struct wanted wanted = {0};
	const struct cli_option options[] = {
	    {"check", true, &wanted.check},
	    {"diff", true, &wanted.diff},
	    {"write", true, &wanted.write},
	    {NULL, false, NULL}};
	struct settings settings;
	int operands, code = cli_settings(argc, argv, options, help, &settings, &operands);
	const char *const *files = (const char *const *)argv + 1;

	if (code != -1)
		return code;
	/* How lines are written changes no answer. */
	settings.no_expect = true;
	if (wanted.check && wanted.write)
		code = cli_usage("--check and --write exclude each other");
	else if (wanted.write && has_standard_input(files, operands))
		code = cli_usage("standard input cannot be written");
	else if (wanted.write && operands > 0)
		code = reformat_write(&settings, files, (size_t)operands, wanted.diff);
	else if (wanted.write)
		code = reformat_conf(&settings, wanted.diff);
	else
		code = print_all(&settings, files, operands, &wanted);
	settings_release(&settings);
	return cli_finish(code);
}
