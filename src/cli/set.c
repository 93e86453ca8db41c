/* set.c - tmail routes set: changes what is named of one route. */
#include "change/set_route.h"
#include "cli/cli.h"

static const char help[] =
    "usage: tmail routes set ID|@RELAY [OPTION...]\n\n"
    "Changes what is named of a route or a relay, keeps the rest and its place, and\n"
    "compiles.  An empty value takes the option away.\n\n"
    "  -d, --destination TO      -u, --smtp-user LOGIN    -f, --mail-from SENDER\n"
    "  -rh, --remote-host HOST   -rp, --remote-port N     -p N   -w N   -l IPS\n"
    "  -rl LOGIN  -rpwd PASSWORD (-: from standard input)  --password-file PATH\n"
    "      --token-file, --tls-cert, --tls-ca PATH   --auth MECHANISM   --tls MODE\n"
    "      --tls-name, --helo NAME  --transport WORD  --family FAMILY\n"
    "      --mail-from-as SENDER   of relays: --connections N, --rate N/s\n"
    "      --reject TEXT, --defer TEXT, --discard   instead of a relay\n"
    "      --comment TEXT        the comment at the end of the line\n"
    "      --no-compile   --no-expect (prove no expectation)\n"
    "      --max-change N        or N%, any: see compile\n"
    "      --dry-run             print the change as a diff, change nothing\n"
    "  -c, --conf FILE   -i, --index FILE   --show-secrets   -q   -h\n\n"
    "examples:\n"
    "  tmail routes set 4 -rh mail2.tmail.io\n"
    "  tmail routes set 4 -rl '' -rpwd ''\n"
    "  tmail routes set @acme -rh smtp.acme.example -rpwd - <password\n";

static int
check_fields(const struct fields *f, int operands, char **argv, struct found *found)
{
	int actions = fields_actions(f);

	/* What stands behind it may be half a password. */
	if (operands > 1 && find_word(argv[1], found) && !find_word(argv[2], found))
		return cli_usage("behind '%s', set takes options only: a word is too many", argv[1]);
	if (operands != 1)
		return cli_usage("set wants the ID of one route, or a @RELAY");
	if (!find_word(argv[1], found))
		return cli_usage("'%s' is not a route ID or @RELAY", argv[1]);
	if (found->relay != NULL && fields_of_route(f))
		return cli_usage("a relay has no -d, -u, -f, --reject, --defer and --discard");
	if (actions > 1)
		return cli_usage("-rh, --reject, --defer and --discard exclude each other");
	if (f->host != NULL && *f->host == '\0')
		return cli_usage("%s: it cannot be taken away",
		    found->relay == NULL ? "a route needs an action" : "a relay needs a host");
	return 0;
}

int
cmd_set(int argc, char **argv)
{
	struct change change = {0};
	struct arena arena = {0};
	struct fields fields;
	struct settings settings;
	struct cli_option options[FIELD_OPTIONS + 4];
	int operands, code;

	fields_options(&fields, options);
	options[FIELD_OPTIONS - 1] = (struct cli_option){"no-compile", true, &change.no_compile};
	options[FIELD_OPTIONS] = (struct cli_option){"dry-run", true, &change.dry_run};
	options[FIELD_OPTIONS + 1] = (struct cli_option){"no-expect", true, &settings.no_expect};
	options[FIELD_OPTIONS + 2] =
	    (struct cli_option){"max-change", false, &settings.max_change};
	options[FIELD_OPTIONS + 3] = (struct cli_option){NULL, false, NULL};
	code = cli_settings(argc, argv, options, help, &settings, &operands);
	if (code != -1)
		return code;
	code = check_fields(&fields, operands, argv, &change.edited);
	if (code == 0)
		code = fields_finish(&fields, &arena);
	if (code == 0) {
		code = change_begin(&change, &settings, false);
		if (code == 0)
			code = set_route(&change, &fields);
		change_end(&change);
	}
	arena_release(&arena);
	settings_release(&settings);
	return code;
}
