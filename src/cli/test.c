/* test.c - tmail routes test: whether mails get what is expected of them. */
#include <stdlib.h>

#include "base/nearest.h"
#include "base/number.h"
#include "change/change.h"
#include "cli/cli.h"
#include "review/suite.h"
#include "runtime/index.h"

static const char help[] =
    "usage: tmail routes test [OPTION...] [FILE...]\n\n"
    "Proves the expectations of files, else those of the configuration: against the\n"
    "configuration as it is on disk or, with --index, against a compiled index.\n\n"
    "      --format FORMAT     human, tap, junit or json\n"
    "      --coverage          name the routes that no expectation reaches\n"
    "      --fail-under N%     fail where fewer are reached\n"
    "  -c, --conf FILE   -i, --index FILE   -h, --help\n\n"
    "A FILE holds expect and include lines; - is standard input.\n"
    "exit codes: 0 all hold, 1 one fails or there is none, 65 faulty, 66 missing\n\n"
    "examples:\n"
    "  tmail routes test\n"
    "  tmail routes test --coverage --fail-under 80% expectations.conf\n"
    "  tmail routes test --format junit >report.xml\n";

struct test {
	const char *format, *fail_under;
	struct settings settings;
	struct conf conf;
	struct image image;
	struct suite suite;
	unsigned least;		/* of 100 routes */
};

static int
read_options(struct test *t)
{
	struct slice text = slice_str(t->fail_under == NULL ? "0" : t->fail_under);
	const char *format = t->format != NULL ? t->format : t->settings.json ? "json" : "human";
	const char *nearest;

	if (t->format != NULL && t->settings.json && strcmp(t->format, "json") != 0)
		return cli_usage("--json and --format %s exclude each other", t->format);
	if (text.len > 1 && text.ptr[text.len - 1] == '%')
		text.len--;
	if (!number_read(text, 100, &t->least))
		return cli_usage("--fail-under %s: a share from 0%% to 100%%", t->fail_under);
	t->suite.coverage |= t->fail_under != NULL;
	t->suite.screen = &t->settings.out;
	for (int i = 0; i < SUITE_FORMATS; i++)
		if (strcmp(format, suite_formats[i]) == 0) {
			t->suite.format = (enum suite_format)i;
			return 0;
		}
	nearest = nearest_word(slice_str(format), suite_formats, SUITE_FORMATS);
	return nearest != NULL ? cli_usage("--format %s: did you mean '%s'?", format, nearest)
	    : cli_usage("--format %s: the formats are human, tap, junit and json", format);
}

/* The files, behind the configuration where that is what they are proved against. */
static int
read_files(struct test *t, int count, char **files)
{
	enum source_status status = SOURCE_OK;

	if (count == 0 || !t->settings.index_given)
		status = conf_open(&t->conf, t->settings.conf);
	if (status != SOURCE_OK)
		return change_unreadable(&t->conf, status);
	for (int i = 0; i < count; i++) {
		status = conf_add_tests(&t->conf, files[i]);
		if (status != SOURCE_OK)
			return change_unreadable(&t->conf, status);
	}
	if (conf_check(&t->conf))
		return 0;
	change_render(&t->settings, &t->conf, RENDER_NO_WARNINGS);
	return EX_DATAERR;
}

static int
open_routes(struct test *t)
{
	enum tmail_status status;

	t->suite.conf = &t->conf;
	t->suite.own_routes = !t->settings.index_given;
	if (t->settings.index_given) {
		status = tmail_routes_open(t->settings.index, TMAIL_OPEN_VERIFY, &t->suite.routes);
		return status == TMAIL_OK ? 0 : cli_index_failed(t->settings.index, status);
	}
	if (!image_build(&t->conf, &t->image)) {
		cli_say("the index would be too large");
		return EX_DATAERR;
	}
	image_seal(&t->image);
	status = index_attach(t->image.bytes, t->image.size, &t->suite.routes);
	return status == TMAIL_OK ? 0 : cli_index_failed(t->settings.conf, status);
}

static int
run(struct test *t, int count, char **files)
{
	int code = read_options(t);
	enum tmail_status status;

	if (code == 0)
		code = read_files(t, count, files);
	if (code == 0)
		code = open_routes(t);
	if (code != 0)
		return code;
	status = suite_run(&t->suite);
	if (status != TMAIL_OK)
		return cli_index_failed(t->settings.index, status);
	if (t->suite.passed + t->suite.failed == 0)
		cli_say("there is no expectation");
	return cli_finish(t->suite.failed > 0 || t->suite.passed == 0 ||
	    t->suite.reached_count * 100 < (size_t)t->least * t->suite.route_count ? EXIT_NO : 0);
}

int
cmd_test(int argc, char **argv)
{
	struct test t = {.format = NULL};
	const struct cli_option options[] = {
	    {"format", false, &t.format},
	    {"coverage", true, &t.suite.coverage},
	    {"fail-under", false, &t.fail_under},
	    {NULL, false, NULL}};
	int operands, code;

	code = cli_settings(argc, argv, options, help, &t.settings, &operands);
	if (code != -1)
		return code;
	code = run(&t, operands, argv + 1);
	tmail_routes_close(t.suite.routes);
	image_release(&t.image);
	conf_close(&t.conf);
	settings_release(&t.settings);
	return code;
}
