/* stats.c - tmail routes stats: what an index holds, in numbers. */
#include "answer/stale.h"
#include "cli/cli.h"
#include "change/change.h"
#include "review/stats.h"

static const char help[] =
    "usage: tmail routes stats [OPTION...]\n\n"
    "Prints what the index holds in numbers: routes, groups, names, relays, rungs of\n"
    "the ladder in use, files, bytes; the digest of its configuration, and whether it\n"
    "is stale, which --index alone does not tell.\n\n"
    "      --json         one object\n"
    "      --prometheus   metrics for Prometheus, such as node_exporter collects\n"
    "  -i, --index FILE   the index\n"
    "  -c, --conf FILE    the configuration it was made of\n"
    "  -h, --help         this text\n\n"
    "exit codes: 0 printed, stale or not, 66 no index, 76 damaged\n\n"
    "examples:\n"
    "  tmail routes stats\n"
    "  tmail routes stats --prometheus >tmail.prom.$$ && mv tmail.prom.$$ tmail.prom\n";

/* One that is not there or cannot be read whole tells nothing. */
static enum stats_stale
compare(const struct settings *settings, const struct tmail_routes *routes)
{
	enum stats_stale stale = STATS_UNKNOWN;
	struct conf conf;

	if (settings->index_given && !settings->conf_given)
		return STATS_UNKNOWN;
	if (conf_open(&conf, settings->conf) == SOURCE_OK && conf.unreadable.ptr == NULL)
		stale = stale_is(routes, &conf.sources) ? STATS_STALE : STATS_FRESH;
	conf_close(&conf);
	return stale;
}

static int
run(const struct settings *settings, bool prometheus)
{
	struct stats stats = {.files = 0};
	struct tmail_routes *routes;
	struct text text = {0};
	enum tmail_status status = tmail_routes_open(settings->index, TMAIL_OPEN_VERIFY, &routes);

	if (status == TMAIL_OK) {
		stats.routes = routes;
		status = stats_count(&stats);
	}
	if (status == TMAIL_OK) {
		stats.stale = compare(settings, routes);
		(prometheus ? stats_prometheus : settings->json ? stats_json : stats_text)(&stats,
		    &text);
		fwrite(text.ptr, 1, text.len, stdout);
	}
	text_release(&text);
	tmail_routes_close(routes);
	return status == TMAIL_OK ? cli_finish(0) : cli_index_failed(settings->index, status);
}

int
cmd_stats(int argc, char **argv)
{
	bool prometheus = false;
	struct settings settings;
	const struct cli_option options[] = {
	    {"prometheus", true, &prometheus},
	    {NULL, false, NULL}};
	int operands, code = cli_settings(argc, argv, options, help, &settings, &operands);

	if (code != -1)
		return code;
	if (operands > 0)
		code = cli_usage("stats takes no operand '%s'", argv[1]);
	else if (prometheus && settings.json)
		code = cli_usage("--prometheus is no --json: one of them");
	else
		code = run(&settings, prometheus);
	settings_release(&settings);
	return code;
}
