/* compile.c - tmail routes compile and check. */
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "cli/cli.h"
#include "change/change.h"
#include "change/guard.h"
#include "review/password_files.h"
#include "review/report.h"
#include "review/stale.h"

static const char compile_help[] =
    "usage: tmail routes compile [OPTION...]\n\n"
    "Checks the whole configuration and, if it has no error, writes the index.\n"
    "Readers see the old index or the new one, never anything between.\n\n"
    "  -c, --conf FILE    the configuration\n"
    "  -i, --index FILE   the index to write\n"
    "      --format N     its format, for readers of another version: 4\n"
    "      --json         diagnostics to standard output, one object a line\n"
    "  -q                 print no warnings\n\n"
    "examples:\n"
    "  tmail routes compile\n"
    "  tmail routes compile -c routes.conf -i /var/lib/tmail/routes.idx\n";

static const char check_help[] =
    "usage: tmail routes check [OPTION...]\n\n"
    "Checks the whole configuration and writes nothing; exit code 65 if it has an\n"
    "error, 0 if it has none, whatever the warnings.\n\n"
    "  -c, --conf FILE    the configuration\n"
    "  -i, --index FILE   the index; a stale one is a warning, a missing one is none\n"
    "      --json         diagnostics to standard output, one object a line\n"
    "  -q                 print no warnings\n\n"
    "examples:\n"
    "  tmail routes check\n"
    "  tmail routes check -c routes.conf --json\n";

/* Says what is wrong with a configuration. */
static void
tell(const struct conf *conf, const struct settings *settings)
{
	if (settings->json)
		report_json(&conf->diagnostics, &conf->sources, !settings->quiet);
	else
		change_render(settings, conf, RENDER_WARNINGS);
}

/* Says nothing of PUBLISH_CHANGED: the caller tries again, or says it. */
static enum publish_status
publish_index(const struct settings *settings, struct image *image, struct publish_error *error)
{
	struct publish set;
	enum publish_status status;

	publish_init(&set);
	publish_watch(&set, change_watched, &image->conf->sources);
	status = change_add_index(&set, settings, image, error);
	if (status == PUBLISH_OK)
		status = publish_commit(&set, error);
	publish_release(&set);
	return status;
}

/*
 * Compiles once.  If the configuration has changed meanwhile, nothing is
 * published and *changed is set: the caller tries again.
 */
static int
compile(const struct settings *settings, const struct lock *lock, bool last, bool *changed)
{
	struct publish_error error;
	struct conf conf;
	struct image image = {0};
	int code = change_build(settings, &conf, &image);

	*changed = code == 0 && !last && sources_changed(&conf.sources) != NULL;
	if (*changed)
		goto out;
	if (code == 0 || code == EX_DATAERR)
		tell(&conf, settings);
	/* Reports unwritable output before anything is written. */
	code = cli_finish(code);
	if (code == 0)
		code = guard_index(&conf, lock, settings);
	if (code == 0 && publish_index(settings, &image, &error) != PUBLISH_OK) {
		*changed = error.status == PUBLISH_CHANGED && !last;
		code = *changed ? 0 : change_failed(&error);
	}
	change_sweep(&conf.sources);
out:
	image_release(&image);
	conf_close(&conf);
	return code;
}

static int
compile_locked(const struct settings *settings)
{
	/* A pipe has no place for a lock beside it, and nobody edits it. */
	bool pipe = change_is_pipe(settings->conf);
	struct publish_error error;
	struct lock lock;
	bool changed;
	int code;

	if (lock_acquire(&lock, pipe ? settings->index : settings->conf, settings->index,
		LOCK_WAIT, &error) != PUBLISH_OK)
		return change_failed(&error);
	code = compile(settings, &lock, pipe, &changed);
	if (changed)
		code = compile(settings, &lock, true, &changed);
	lock_release(&lock);
	return code;
}

/* There is one yet: a later version writes the one before its own, too. */
static int
check_format(const char *format)
{
	uint32_t n;

	if (format == NULL || (number_read(slice_str(format), UINT32_MAX, &n) && n == INDEX_VERSION))
		return 0;
	cli_say("--format %s: the format that can be written is %u", format, INDEX_VERSION);
	return EX_DATAERR;
}

int
cmd_compile(int argc, char **argv)
{
	const char *format = NULL;
	const struct cli_option options[] = {{"format", false, &format}, {NULL, false, NULL}};
	struct settings settings;
	int operands, code;

	code = cli_settings(argc, argv, options, compile_help, &settings, &operands);
	if (code != -1)
		return code;
	if (operands > 0)
		code = cli_usage("compile takes options only, not '%s'", argv[1]);
	else
		code = check_format(format);
	if (code == 0)
		code = change_readable(settings.conf, true);
	if (code == 0)
		code = compile_locked(&settings);
	settings_release(&settings);
	return code;
}

static int
check(struct conf *conf, const struct settings *settings)
{
	enum source_status status = conf_open(conf, settings->conf);
	bool good;

	if (status != SOURCE_OK)
		return change_unreadable(conf, status);
	good = conf_check(conf);
	/* Before the diagnostics, which are printed whole or not at all. */
	if (good) {
		stale_warning(settings, &conf->sources);
		password_files_warn(conf);
	}
	tell(conf, settings);
	return good ? 0 : EX_DATAERR;
}

int
cmd_check(int argc, char **argv)
{
	const struct cli_option none = {NULL, false, NULL};
	struct settings settings;
	struct conf conf;
	int operands, code;

	code = cli_settings(argc, argv, &none, check_help, &settings, &operands);
	if (code != -1)
		return code;
	if (operands > 0) {
		code = cli_usage("check takes options only, not '%s'", argv[1]);
	} else {
		code = check(&conf, &settings);
		conf_close(&conf);
	}
	settings_release(&settings);
	return cli_finish(code);
}
