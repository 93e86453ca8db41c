/* compile.c - tmail routes compile. */

#include "base/number.h"
#include "cli/cli.h"
#include "change/change.h"
#include "change/guard.h"
#include "change/max_change.h"
#include "review/prove.h"

static const char help[] =
    "usage: tmail routes compile [OPTION...]\n\n"
    "Checks the whole configuration and, if it has no error, writes the index.\n"
    "Readers see the old index or the new one, never anything between.\n\n"
    "  -c, --conf FILE    the configuration\n"
    "  -i, --index FILE   the index to write\n"
    "      --format N     its format, for readers of another version: 4\n"
    "      --no-expect    prove no expectation\n"
    "      --max-change N what may decide otherwise: N groups of the index in place,\n"
    "                     N% of them, or any; else nothing is written (1)\n"
    "      --json         diagnostics to standard output, one object a line\n"
    "  -q                 print no warnings\n\n"
    "examples:\n"
    "  tmail routes compile --max-change 5%\n"
    "  tmail routes compile -c routes.conf -i /var/lib/tmail/routes.idx\n";

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
	if (code == 0 && !settings->no_expect && !prove_conf(&conf, &image))
		code = EX_DATAERR;
	if (code == 0 || code == EX_DATAERR)
		change_tell(settings, &conf, settings->json ? REPORT_JSON : REPORT_HUMAN);
	/* Reports unwritable output before anything is written. */
	code = cli_finish(code);
	if (code == 0)
		code = guard_index(&conf, lock, settings);
	if (code == 0)
		code = max_change_guard(settings, &image);
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
	struct settings settings;
	const struct cli_option options[] = {
	    {"format", false, &format},
	    {"no-expect", true, &settings.no_expect},
	    {"max-change", false, &settings.max_change},
	    {NULL, false, NULL}};
	int operands, code;

	code = cli_settings(argc, argv, options, help, &settings, &operands);
	if (code != -1)
		return code;
	if (operands > 0)
		code = cli_usage("'%s' stands behind no option: did you mean -c '%s'?",
		    argv[1], argv[1]);
	else
		code = check_format(format);
	if (code == 0)
		code = max_change_usage(&settings);
	if (code == 0)
		code = change_readable(settings.conf, true);
	if (code == 0)
		code = compile_locked(&settings);
	settings_release(&settings);
	return code;
}
