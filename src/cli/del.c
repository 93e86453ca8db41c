/* del.c - tmail routes del: takes routes and relays out, all that are named or none. */
#include <stdlib.h>

#include "cli/cli.h"
#include "change/change.h"

static const char help[] =
    "usage: tmail routes del [OPTION...] ID|@RELAY...\n\n"
    "Takes these routes and relays out of the configuration, all or none, and\n"
    "compiles.  A comment at the end of a line goes with it; a relay in use stays.\n\n"
    "      --no-compile      change the configuration only\n"
    "      --dry-run         print the change as a diff, change nothing\n"
    "      --max-change N    or N%, any: see compile\n"
    "      --show-secrets    do not mask passwords in the diff\n"
    "  -c, --conf FILE   -i, --index FILE   -q   -h\n\n"
    "examples:\n"
    "  tmail routes del 12\n"
    "  tmail routes del --dry-run 3 4 5\n";

static int
last_first(const void *a, const void *b)
{
	uint32_t x = ((const struct found *)a)->stmt.pos, y = ((const struct found *)b)->stmt.pos;

	return x < y ? 1 : x == y ? 0 : -1;
}

static int
del(struct change *change, struct found *found, size_t count)
{
	int code = change_check(change);

	if (code == 0)
		code = find_all(&change->conf, found, count);
	if (code == 0)
		code = find_uses(&change->conf, found, count);
	if (code != 0)
		return code;
	qsort(found, count, sizeof(*found), last_first);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || found[i].stmt.pos != found[i - 1].stmt.pos)
			edit_remove(&change->edit, found[i].source, &found[i].stmt);
	return change_commit(change);
}

int
cmd_del(int argc, char **argv)
{
	struct change change = {0};
	struct settings settings;
	const struct cli_option options[] = {
	    {"no-compile", true, &change.no_compile},
	    {"dry-run", true, &change.dry_run},
	    {"no-expect", true, &settings.no_expect},
	    {"max-change", false, &settings.max_change},
	    {NULL, false, NULL}};
	struct found *found;
	int operands, code;

	code = cli_settings(argc, argv, options, help, &settings, &operands);
	if (code != -1)
		return code;
	code = operands == 0 ? cli_usage("del wants the ID of a route, or a @RELAY") : 0;
	found = mem_zero((size_t)operands, sizeof(*found));
	for (int i = 0; i < operands && code == 0; i++)
		if (!find_word(argv[1 + i], &found[i]))
			code = cli_usage("'%s' is not a route ID or @RELAY", argv[1 + i]);
	if (code == 0) {
		code = change_begin(&change, &settings, false);
		if (code == 0)
			code = del(&change, found, (size_t)operands);
		change_end(&change);
	}
	free(found);
	settings_release(&settings);
	return code;
}
