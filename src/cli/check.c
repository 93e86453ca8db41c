/* check.c - tmail routes check. */
#include "cli/cli.h"
#include "change/change.h"
#include "review/password_files.h"
#include "review/prove.h"
#include "review/stale.h"

static const char help[] =
    "usage: tmail routes check [OPTION...]\n\n"
    "Checks the whole configuration and writes nothing; exit code 65 if it has an\n"
    "error, 0 if it has none, whatever the warnings.\n\n"
    "  -c, --conf FILE    the configuration\n"
    "  -i, --index FILE   the index; a stale one is a warning, a missing one is none\n"
    "      --no-expect    prove no expectation\n"
    "      --strict       warn of routes that share mail with no weight written\n"
    "      --json         diagnostics to standard output, one object a line\n"
    "  -q                 print no warnings\n\n"
    "examples:\n"
    "  tmail routes check\n"
    "  tmail routes check -c routes.conf --json\n";

static int
check(struct conf *conf, const struct settings *settings, bool strict)
{
	enum source_status status = conf_open(conf, settings->conf);
	bool good;

	if (status != SOURCE_OK)
		return change_unreadable(conf, status);
	conf->strict = strict;
	good = conf_check(conf) && (settings->no_expect || prove_conf(conf, NULL));
	/* Before the diagnostics, which are printed whole or not at all. */
	if (good) {
		stale_warning(settings, &conf->sources);
		password_files_warn(conf);
	}
	change_tell(settings, conf);
	return good ? 0 : EX_DATAERR;
}

int
cmd_check(int argc, char **argv)
{
	bool strict = false;
	struct settings settings;
	const struct cli_option options[] = {
	    {"no-expect", true, &settings.no_expect},
	    {"strict", true, &strict},
	    {NULL, false, NULL}};
	struct conf conf;
	int operands, code;

	code = cli_settings(argc, argv, options, help, &settings, &operands);
	if (code != -1)
		return code;
	if (operands > 0) {
		code = cli_usage("check takes options only, not '%s'", argv[1]);
	} else {
		code = check(&conf, &settings, strict);
		conf_close(&conf);
	}
	settings_release(&settings);
	return cli_finish(code);
}
