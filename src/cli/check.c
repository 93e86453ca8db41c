/* check.c - tmail routes check. */
#include <string.h>

#include "answer/stale.h"
#include "base/nearest.h"
#include "cli/cli.h"
#include "change/change.h"
#include "change/standard_input.h"
#include "review/password_files.h"
#include "review/prove.h"

static const char help[] =
    "usage: tmail routes check [OPTION...] [FILE]\n\n"
    "Checks the whole configuration and writes nothing; exit code 65 if it has an\n"
    "error, 0 if it has none, whatever the warnings.\n\n"
    "      --format FORMAT    human, json, github or sarif; --json is json\n"
    "      --fail-level warning   65 for warnings, too\n"
    "      --strict           warn of routes that share mail with no weight written,\n"
    "                         and of those that no mail can reach\n"
    "      --no-expect        prove no expectation\n"
    "      --stdin-name NAME  what FILE -, standard input, is called\n"
    "  -c, --conf FILE        the configuration, as FILE\n"
    "  -i, --index FILE       the index; a stale one is a warning, a missing one none\n"
    "  -q                     print no warnings\n\n"
    "examples:\n"
    "  tmail routes check\n"
    "  tmail routes check --format sarif routes.conf >routes.sarif\n"
    "  tmail routes check --stdin-name routes.conf - <routes.conf\n";

struct checking {
	struct settings settings;
	bool strict;
	const char *format_name, *fail_level, *stdin_name;
	enum report_format format;
	struct standard_input input;
	struct conf conf;
};

static int
read_format(struct checking *c)
{
	const char *name = c->format_name, *nearest;

	if (name != NULL && c->settings.json && strcmp(name, "json") != 0)
		return cli_usage("--json and --format %s exclude each other", name);
	if (name == NULL)
		name = c->settings.json ? "json" : "human";
	for (int i = 0; i < REPORT_FORMATS; i++)
		if (strcmp(name, report_formats[i]) == 0) {
			c->format = (enum report_format)i;
			return 0;
		}
	nearest = nearest_word(slice_str(name), report_formats, REPORT_FORMATS);
	return nearest != NULL ? cli_usage("--format %s: did you mean '%s'?", name, nearest)
	    : cli_usage("--format %s: the formats are human, json, github and sarif", name);
}

static int
read_options(struct checking *c, int operands, const char *file)
{
	bool input = operands > 0 && strcmp(file, "-") == 0;

	if (operands > 1)
		return cli_usage("check takes one FILE");
	if (operands > 0 && c->settings.conf_given)
		return cli_usage("--conf and FILE '%s' exclude each other", file);
	if (c->stdin_name != NULL && !input)
		return cli_usage("--stdin-name wants the FILE -");
	if (c->stdin_name != NULL && c->stdin_name[0] == '\0')
		return cli_usage("the name of a file is empty");
	if (c->fail_level != NULL && strcmp(c->fail_level, "error") != 0 &&
	    strcmp(c->fail_level, "warning") != 0)
		return cli_usage("--fail-level is error or warning, not '%s'", c->fail_level);
	if (operands > 0 && file[0] == '\0')
		return cli_usage("the name of a file is empty");
	if (operands > 0)
		settings_file(&c->settings, c->stdin_name != NULL ? c->stdin_name : file);
	return read_format(c);
}

static bool
fails_with(const struct checking *c, bool good)
{
	return !good || (c->fail_level != NULL && strcmp(c->fail_level, "warning") == 0 &&
			    c->conf.diagnostics.count[SEVERITY_WARNING] > 0);
}

/* input: standard input stands for the file. */
static int
check(struct checking *c, bool input)
{
	const struct conf_reading reading = {.overlays = &c->input.overlay,
	    .overlay_count = input, .every = c->format != REPORT_HUMAN};
	enum source_status status;
	bool good;

	if (input && standard_input_read(&c->input, c->settings.conf) != 0)
		return EX_NOINPUT;
	status = conf_open_as(&c->conf, c->settings.conf, &reading);
	if (status != SOURCE_OK)
		return change_unreadable(&c->conf, status);
	c->conf.strict = c->strict;
	good = conf_check(&c->conf) && (c->settings.no_expect || prove_conf(&c->conf, NULL));
	/* Before the diagnostics, which are printed whole or not at all. */
	if (good && c->format == REPORT_HUMAN && !input)
		stale_warning(&c->settings, &c->conf.sources);
	if (good)
		password_files_warn(&c->conf);
	change_tell(&c->settings, &c->conf, c->format);
	return fails_with(c, good) ? EX_DATAERR : 0;
}

int
cmd_check(int argc, char **argv)
{
	struct checking c = {0};
	const struct cli_option options[] = {
	    {"no-expect", true, &c.settings.no_expect},
	    {"strict", true, &c.strict},
	    {"format", false, &c.format_name},
	    {"fail-level", false, &c.fail_level},
	    {"stdin-name", false, &c.stdin_name},
	    {NULL, false, NULL}};
	int operands, code = cli_settings(argc, argv, options, help, &c.settings, &operands);

	if (code != -1)
		return code;
	code = read_options(&c, operands, argv[1]);
	if (code == 0)
		code = check(&c, operands > 0 && strcmp(argv[1], "-") == 0);
	conf_close(&c.conf);
	standard_input_release(&c.input);
	settings_release(&c.settings);
	return cli_finish(code);
}
