/* number.c - tmail routes number: writes the IDs that are not written yet. */
#include "change/change.h"
#include "cli/cli.h"

static const char help[] =
    "usage: tmail routes number [OPTION...]\n\n"
    "Writes the ID of each route that has none yet, as the first edit would, and\n"
    "compiles.  No route gets another ID than the one that `list` shows.\n\n"
    "      --no-compile      change the configuration only\n"
    "      --dry-run         print the change as a diff, change nothing\n"
    "      --max-change N    or N%, any: see compile\n"
    "      --show-secrets    do not mask passwords in the diff\n"
    "  -c, --conf FILE   -i, --index FILE   -q   -h\n\n"
    "examples:\n"
    "  tmail routes number\n"
    "  tmail routes number --dry-run\n";

int
cmd_number(int argc, char **argv)
{
	struct change change = {0};
	struct settings settings;
	const struct cli_option options[] = {
	    {"no-compile", true, &change.no_compile},
	    {"dry-run", true, &change.dry_run},
	    {"no-expect", true, &settings.no_expect},
	    {"max-change", false, &settings.max_change},
	    {NULL, false, NULL}};
	int operands, code = cli_settings(argc, argv, options, help, &settings, &operands);

	if (code != -1)
		return code;
	if (operands > 0) {
		code = cli_usage("number takes options only, not '%s'", argv[1]);
	} else {
		code = change_begin(&change, &settings, false);
		if (code == 0)
			code = change_check(&change);
		if (code == 0)
			code = change_commit(&change);
		change_end(&change);
	}
	settings_release(&settings);
	return code;
}
