/* diff.c - tmail routes diff: which routes differ, and which mail gets something else. */
#include <string.h>

#include "cli/cli.h"
#include "review/diff.h"
#include "review/side.h"

static const char help[] =
    "usage: tmail routes diff [OPTION...] OLD NEW\n\n"
    "Compares two configurations or indexes: routes by ID, then decisions, which are\n"
    "the groups of patterns whose mail gets something else.  Says nothing if nothing\n"
    "differs.  `-` is a configuration on standard input.\n\n"
    "  --format FORMAT   human, json (one object) or markdown\n"
    "  --json            --format json\n"
    "  --samples FILE    also how many of these mails get another relay, lose TLS...;\n"
    "                    a line TO <TAB> LOGIN <TAB> SENDER, as lookup reads them\n"
    "  --exit-code       1 if something differs\n"
    "  --show-secrets    passwords in clear\n"
    "  -h, --help        this text\n\n"
    "exit codes: 0 compared, 65 a configuration has errors, 66 unreadable, 76 damaged\n\n"
    "examples:\n"
    "  tmail routes diff /etc/tmail/routes.idx routes.conf\n"
    "  tmail routes diff --exit-code <(git show HEAD:routes.conf) routes.conf\n";

struct arguments {
	const char *format, *samples;
	bool exit_code;
	void (*print)(struct diff *diff);
};

static int
check_usage(struct arguments *arguments, const struct settings *settings, int operands,
    char **argv)
{
	const char *format = arguments->format;

	if (operands != 2)
		return cli_usage("diff wants OLD and NEW, configurations or indexes");
	if (settings->conf_given || settings->index_given)
		return cli_usage("diff takes no %s: OLD and NEW are the files",
		    settings->conf_given ? "-c" : "-i");
	if ((strcmp(argv[1], "-") == 0) + (strcmp(argv[2], "-") == 0) +
	    (arguments->samples != NULL && strcmp(arguments->samples, "-") == 0) > 1)
		return cli_usage("'-' can stand once: there is one standard input");
	if (settings->json && format != NULL && strcmp(format, "json") != 0)
		return cli_usage("--json is --format json, not '%s'", format);
	if (settings->json || (format != NULL && strcmp(format, "json") == 0))
		arguments->print = diff_json;
	else if (format == NULL || strcmp(format, "human") == 0)
		arguments->print = diff_human;
	else if (strcmp(format, "markdown") == 0)
		arguments->print = diff_markdown;
	else
		return cli_usage("--format is human, json or markdown, not '%s'", format);
	return 0;
}

static int
print(const struct arguments *arguments, struct diff *diff, char **argv)
{
	int code = 0;

	if (diff->outcomes.status == TMAIL_OK)
		arguments->print(diff);
	if (diff->outcomes.status != TMAIL_OK) {
		cli_say("%s or %s: %s", argv[1], argv[2], tmail_status_text(diff->outcomes.status));
		code = EX_PROTOCOL;
	} else if (arguments->exit_code && !diff_is_empty(diff)) {
		code = EXIT_NO;
	}
	return cli_finish(code);
}

int
cmd_diff(int argc, char **argv)
{
	struct arguments arguments = {0};
	const struct cli_option options[] = {
	    {"format", false, &arguments.format},
	    {"samples", false, &arguments.samples},
	    {"exit-code", true, &arguments.exit_code},
	    {NULL, false, NULL}};
	struct side sides[SIDES] = {0};
	struct settings settings;
	struct diff diff = {.out = &settings.out};
	int operands, code = cli_settings(argc, argv, options, help, &settings, &operands);

	if (code != -1)
		return code;
	code = check_usage(&arguments, &settings, operands, argv);
	for (int side = 0; side < SIDES && code == 0; side++)
		code = side_open(&sides[side], argv[1 + side], &settings);
	diff.secrets = settings.show_secrets;
	if (code == 0)
		code = diff_sides(&diff, sides, arguments.samples);
	if (code == 0)
		code = print(&arguments, &diff, argv);
	diff_release(&diff);
	for (int side = 0; side < SIDES; side++)
		side_release(&sides[side]);
	settings_release(&settings);
	return code;
}
