/* add.c - tmail routes add: one more line in the configuration. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "change/add_route.h"
#include "cli/cli.h"

static const char help[] =
    "usage: tmail routes add [OPTION...]\n\n"
    "Adds a route, compiles, and prints the route's ID; or a relay.\n\n"
    "  -d, --destination TO      domain, *.domain, address, [literal], * (all)\n"
    "  -u, --smtp-user LOGIN     SMTP AUTH login, domain of logins, * or any\n"
    "  -f, --mail-from SENDER    envelope sender: address, domain or <>\n"
    "  -rh, --remote-host HOST   the relay: HOST, HOST:PORT, @RELAY, mx or mx:DOMAIN\n"
    "      --reject TEXT, --defer TEXT, --discard   instead of a relay\n"
    "      --relay NAME          not a route: the relay NAME at -rh HOST\n"
    "  -rp, --remote-port N      -p, --priority N      -w, --weight N\n"
    "  -l, --local-ip IPS        source: IP, IP|IP (round-robin), IP&IP (failover)\n"
    "  -rl, --remote-login LOGIN   -rpwd, --remote-passwd PASSWORD (-: from stdin)\n"
    "      --password-file, --token-file, --tls-cert, --tls-ca PATH   --auth WORD\n"
    "      --tls MODE, --tls-name, --helo NAME, --transport WORD, --family FAMILY\n"
    "      --mail-from-as SENDER   of relays: --connections N, --rate N/s\n"
    "      --comment TEXT        a comment at the end of the line\n"
    "      --no-compile --no-expect --max-change N|N%|any --dry-run (a diff alone)\n"
    "  -c, --conf FILE   -i, --index FILE   --show-secrets   -q   -h\n\n"
    "examples:\n"
    "  tmail routes add -d tmail.io -rh mail.tmail.io -rp 2525\n"
    "  tmail routes add -u tmail.io -rh in.mailjet.com -rl login -rpwd -\n"
    "  tmail routes add --relay mailjet -rh in.mailjet.com -rl login -rpwd -\n";

/* A variable that is not set must not make a route for all mail. */
static int
refuse_empty(const struct fields *f)
{
	const char *const names[] = {"-d", "-u", "-f"};
	const char *const values[] = {f->to, f->user, f->from};

	if (f->relay != NULL && *f->relay == '\0')
		return cli_usage("--relay is empty: give it a name");
	for (int i = 0; i < 3; i++)
		if (values[i] != NULL && *values[i] == '\0')
			return cli_usage("%s is empty: give it a pattern, or leave it out to match "
					 "all", names[i]);
	return 0;
}

/*
 * In add, any other empty value is as if not given; a text that is the action is
 * the usual one.
 */
static void
drop_empty(const struct fields *f, const struct cli_option *options)
{
	for (; options->names != NULL; options++) {
		const char **value = options->value;
		bool text = value == &f->reject || value == &f->defer;

		if (text && f->host == NULL)
			continue;
		if (!options->flag && *value != NULL && **value == '\0')
			*value = NULL;
	}
}

/* A stray word behind a login may be half a password. */
static int
refuse_word(const struct fields *f, const char *word)
{
	if (f->options[OPTION_LOGIN] != NULL || f->options[OPTION_PASSWORD] != NULL)
		return cli_usage("add takes options only: a word is too many");
	return cli_usage("add takes options only, not '%s'", word);
}

static int
check_actions(const struct fields *f)
{
	int actions = fields_actions(f);

	if (f->relay != NULL && fields_of_route(f))
		return cli_usage("a relay has no -d, -u, -f, --reject, --defer and --discard");
	if (f->relay != NULL && f->host == NULL)
		return cli_usage("add --relay wants -rh HOST");
	if (actions == 0)
		return cli_usage("add wants -rh HOST, --reject TEXT, --defer TEXT or --discard");
	if (actions > 1)
		return cli_usage("-rh, --reject, --defer and --discard exclude each other");
	return 0;
}

/* The edit is made whether or not its number can be told. */
static int
tell_id(uint32_t id)
{
	printf("%u\n", id);
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	cli_say("route %u is added, but standard output cannot be written: %s", id,
	    strerror(errno));
	return EX_IOERR;
}

int
cmd_add(int argc, char **argv)
{
	struct change change = {0};
	struct fields fields;
	struct composer composer;
	struct settings settings;
	struct cli_option options[FIELD_OPTIONS + 5];
	int operands, code;

	fields_options(&fields, options);
	options[FIELD_OPTIONS - 1] = (struct cli_option){"no-compile", true, &change.no_compile};
	options[FIELD_OPTIONS] = (struct cli_option){"dry-run", true, &change.dry_run};
	options[FIELD_OPTIONS + 1] = (struct cli_option){"relay", false, &fields.relay};
	options[FIELD_OPTIONS + 2] = (struct cli_option){"no-expect", true, &settings.no_expect};
	options[FIELD_OPTIONS + 3] =
	    (struct cli_option){"max-change", false, &settings.max_change};
	options[FIELD_OPTIONS + 4] = (struct cli_option){NULL, false, NULL};
	code = cli_settings(argc, argv, options, help, &settings, &operands);
	if (code != -1)
		return code;
	code = refuse_empty(&fields);
	drop_empty(&fields, options);
	if (code == 0)
		code = operands > 0 ? refuse_word(&fields, argv[1]) : check_actions(&fields);
	if (code == 0) {
		composer_init(&composer, argc, argv);
		code = fields_finish(&fields, &composer.arena);
		if (code == 0) {
			compose_statement(&composer, &fields);
			change.edited.relay = fields.relay;
			code = change_begin(&change, &settings, true);
		}
		if (code == 0)
			code = add_route(&change, &composer);
		if (code == 0 && !change.dry_run && fields.relay == NULL)
			code = tell_id(change.edited.id);
		change_end(&change);
		composer_release(&composer);
	}
	settings_release(&settings);
	return code;
}
