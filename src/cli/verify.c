/* verify.c - tmail routes verify: every byte of the index, and what it was made of. */
#include "answer/stale.h"
#include "cli/cli.h"
#include "change/change.h"

static const char help[] =
    "usage: tmail routes verify [OPTION...]\n\n"
    "Checks the checksum of the whole index, and with --source or --conf whether it\n"
    "was made of the configuration as it is now.  Says nothing if all is well.\n\n"
    "  -i, --index FILE   the index\n"
    "      --source       compare it with the configuration\n"
    "  -c, --conf FILE    the same, with this one\n"
    "  -h, --help         this text\n\n"
    "exit codes: 0 good, 1 stale, 66 index or a file of the configuration missing or\n"
    "unreadable, 71 out of memory, 76 no index or damaged\n\n"
    "examples:\n"
    "  tmail routes verify --source\n"
    "  tmail routes verify -c /etc/tmail/routes.conf && echo up to date\n";

static int
compare(const struct settings *settings, const struct tmail_routes *routes)
{
	struct conf conf;
	enum source_status status = conf_open(&conf, settings->conf);
	int code = 0;

	if (status != SOURCE_OK) {
		code = change_unreadable(&conf, status);
	} else if (conf.unreadable.ptr != NULL) {
		cli_say("%s", conf.unreadable.ptr);
		code = EX_NOINPUT;
	} else if (stale_is(routes, &conf.sources)) {
		cli_say("%s is stale: run tmail routes compile", settings->index);
		code = EXIT_NO;
	}
	conf_close(&conf);
	return code;
}

int
cmd_verify(int argc, char **argv)
{
	bool source = false;
	const struct cli_option options[] = {{"source", true, &source}, {NULL, false, NULL}};
	struct settings settings;
	struct tmail_routes *routes;
	enum tmail_status status;
	int operands, code = cli_settings(argc, argv, options, help, &settings, &operands);

	if (code != -1)
		return code;
	if (operands > 0) {
		code = cli_usage("verify takes no operand '%s'", argv[1]);
		goto out;
	}
	status = tmail_routes_open(settings.index, TMAIL_OPEN_VERIFY, &routes);
	if (status != TMAIL_OK)
		code = cli_index_failed(settings.index, status);
	else
		code = source || settings.conf_given ? compare(&settings, routes) : 0;
	tmail_routes_close(routes);
out:
	settings_release(&settings);
	return code;
}
