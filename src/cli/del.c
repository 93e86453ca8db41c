/* del.c - tmail routes del: takes routes out, all that are named or none. */
#include <stdlib.h>

#include "cli/cli.h"
#include "change/change.h"
#include "change/find.h"

static const char help[] =
    "usage: tmail routes del [OPTION...] ID...\n\n"
    "Takes the routes with these IDs out of the configuration, all or none, and\n"
    "compiles.  A comment at the end of a route's line goes with it.\n\n"
    "      --no-compile      change the configuration only\n"
    "      --dry-run         print the change as a diff, change nothing\n"
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
del(struct change *change, size_t count, char **ids)
{
	struct found *found = mem_zero(count, sizeof(*found));
	int code = change_check(change);

	for (size_t i = 0; i < count; i++)
		change_id(ids[i], &found[i].id);
	if (code == 0)
		change_find(&change->conf, found, count);
	for (size_t i = 0; i < count && code == 0; i++)
		if (found[i].source == NULL) {
			cli_say("there is no route %s", ids[i]);
			code = EXIT_NO;
		}
	if (code == 0) {
		qsort(found, count, sizeof(*found), last_first);
		for (size_t i = 0; i < count; i++)
			if (i == 0 || found[i].stmt.pos != found[i - 1].stmt.pos)
				edit_remove(&change->edit, found[i].source, &found[i].stmt);
		code = change_commit(change);
	}
	free(found);
	return code;
}

int
cmd_del(int argc, char **argv)
{
	struct change change = {0};
	const struct cli_option options[] = {
	    {"no-compile", true, &change.no_compile},
	    {"dry-run", true, &change.dry_run},
	    {NULL, false, NULL}};
	struct settings settings;
	uint32_t id;
	int operands, code;

	code = cli_settings(argc, argv, options, help, &settings, &operands);
	if (code != -1)
		return code;
	code = operands == 0 ? cli_usage("del wants the ID of a route") : 0;
	for (int i = 1; i <= operands && code == 0; i++)
		if (!change_id(argv[i], &id))
			code = cli_usage("'%s' is not a route ID", argv[i]);
	if (code == 0) {
		code = change_begin(&change, &settings, false);
		if (code == 0)
			code = del(&change, (size_t)operands, argv + 1);
		change_end(&change);
	}
	settings_release(&settings);
	return code;
}
