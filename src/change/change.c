#include "change/change.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "change/diff.h"
#include "change/guard.h"
#include "change/max_change.h"
#include "change/steps.h"
#include "change/warnings.h"
#include "review/prove.h"
#include "image/image.h"
#include "publish/publish.h"
#include "program/say.h"
#include "conf/number_routes.h"
#include "runtime/index.h"

int
change_failed(const struct publish_error *error)
{
	char text[PATH_MAX + 256];

	if (error->status == PUBLISH_MEMORY && error->renamed == 0) {
		cli_say("out of memory");
	} else {
		publish_error_text(error, text, sizeof(text));
		cli_say("%s", text);
	}
	return publish_status_exit(error->status);
}

void
change_render(const struct settings *settings, const struct conf *conf,
    enum render_warnings warnings)
{
	render_diagnostics(&conf->diagnostics, &conf->sources,
	    settings->quiet ? RENDER_NO_WARNINGS : warnings, &settings->err);
}

void
change_tell(const struct settings *settings, const struct conf *conf, enum report_format format)
{
	if (format == REPORT_HUMAN)
		change_render(settings, conf, RENDER_WARNINGS);
	else
		report(format, &conf->diagnostics, &conf->sources, !settings->quiet);
}

/* What to do about a directory that is missing, as /etc/tmail is at first. */
static void
help_missing(const char *path)
{
	const char *slash = strrchr(path, '/');
	int len = slash == NULL ? 0 : (int)(slash - path);
	char dir[PATH_MAX];

	if (len == 0 || len >= (int)sizeof(dir))
		return;
	snprintf(dir, sizeof(dir), "%.*s", len, path);
	if (access(dir, F_OK) != 0 && errno == ENOENT)
		cli_say("help: make the directory, for a GROUP that delivers: "
			"install -d -o root -g GROUP -m 750 %s", dir);
}

int
change_unreadable(const struct conf *conf, enum source_status status)
{
	cli_say("%s", conf->unreadable.ptr);
	return status == SOURCE_CHANGED ? EX_TEMPFAIL : EX_NOINPUT;
}

int
change_build(const struct settings *settings, struct conf *conf, struct image *image)
{
	const struct conf_reading reading = {.every = settings->json};
	enum source_status status = conf_open_as(conf, settings->conf, &reading);

	if (status != SOURCE_OK)
		return change_unreadable(conf, status);
	if (!conf_check(conf))
		return EX_DATAERR;
	conf_forget_statements(conf);
	if (image_build(conf, image))
		return 0;
	cli_say("the index would be too large");
	return EX_DATAERR;
}

int
change_attach(const struct settings *settings, struct conf *conf, struct image *image,
    struct tmail_routes **routes)
{
	int code = change_build(settings, conf, image);
	enum tmail_status status;

	if (code == EX_DATAERR)
		change_render(settings, conf, RENDER_NO_WARNINGS);
	if (code != 0)
		return code;
	image_seal(image);
	status = index_attach(image->bytes, image->size, routes);
	return status == TMAIL_OK ? 0 : cli_index_failed(settings->conf, status);
}

const char *
change_watched(const void *sources)
{
	const struct source *changed = sources_changed(sources);

	return changed == NULL ? NULL : changed->path.ptr;
}

bool
change_is_pipe(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISFIFO(status.st_mode);
}

int
change_readable(const char *path, bool pipe)
{
	struct stat status;
	const char *why;

	if (stat(path, &status) != 0)
		why = strerror(errno);
	else if (S_ISREG(status.st_mode) || (pipe && S_ISFIFO(status.st_mode)))
		return 0;
	else
		why = "not a regular file";
	cli_say("cannot read '%s': %s", path, why);
	help_missing(path);
	return EX_NOINPUT;
}

static int
open_conf(struct change *change, bool may_create)
{
	const char *path = change->settings->conf;
	bool create = may_create && access(path, F_OK) != 0 && errno == ENOENT;
	enum source_status status = conf_open(&change->conf, path);

	if (status == SOURCE_UNREADABLE && create) {
		conf_close(&change->conf);
		change->created = true;
		status = conf_open_with(&change->conf, path, &change->empty, 1);
	}
	return status == SOURCE_OK ? 0 : change_unreadable(&change->conf, status);
}

int
change_begin(struct change *change, const struct settings *settings, bool may_create)
{
	struct publish_error error;
	int code = max_change_usage(settings);

	*change = (struct change){.settings = settings, .no_compile = change->no_compile,
	    .dry_run = change->dry_run, .keep_ids = change->keep_ids, .edited = change->edited};
	if (code != 0)
		return code;
	/* Without a configuration there is nothing to wait for. */
	if (!may_create || access(settings->conf, F_OK) == 0) {
		code = change_readable(settings->conf, false);
		if (code != 0)
			return code;
	}
	if (!change->dry_run) {
		if (lock_acquire(&change->lock, settings->conf, NULL, LOCK_WAIT, &error) !=
		    PUBLISH_OK) {
			code = change_failed(&error);
			help_missing(settings->conf);
			return code;
		}
		change->locked = true;
	}
	return open_conf(change, may_create);
}

int
change_check(struct change *change)
{
	if (!conf_check(&change->conf)) {
		change_render(change->settings, &change->conf, RENDER_NO_WARNINGS);
		return EX_DATAERR;
	}
	/* IDs go in first: splices at the same place keep their order. */
	if (!change->keep_ids)
		number_routes(&change->edit, &change->conf);
	change->numbered = change->edit.count;
	return 0;
}

/* The new bytes of every file the edit touches. */
static void
apply_edit(struct change *change)
{
	const struct sources *sources = &change->conf.sources;

	edit_settle(&change->edit);
	change->overlays = mem_zero(sources->count, sizeof(*change->overlays));
	for (size_t i = 0; i < sources->count; i++) {
		const struct source *source = sources->list[i];
		struct overlay *overlay;

		if (!source->file || (edit_splices(&change->edit, source).count == 0 && !change->created))
			continue;
		overlay = &change->overlays[change->overlay_count++];
		overlay->status = change->created ? NULL : &source->status;
		overlay->bytes = edit_apply(&change->edit, source);
	}
}

static int
check_next(struct change *change)
{
	const char *path = change->settings->conf;
	enum source_status status =
	    conf_open_with(&change->next, path, change->overlays, change->overlay_count);

	if (status != SOURCE_OK)
		return change_unreadable(&change->next, status);
	if (!conf_check(&change->next)) {
		change_render(change->settings, &change->next, RENDER_NO_WARNINGS);
		return EX_DATAERR;
	}
	if (change->settings->no_expect || prove_conf(&change->next, NULL))
		return 0;
	change_render(change->settings, &change->next, RENDER_NO_WARNINGS);
	return EX_DATAERR;
}

enum publish_status
change_add_index(struct publish *set, const struct settings *settings, struct image *image,
    struct publish_error *error)
{
	return publish_add(set,
	    &(struct publish_request){.path = settings->index, .data = image->bytes,
		.len = image->size, .late = HEADER_SIZE, .complete = image_seal, .whole = image,
		.expect = PUBLISH_ANY,
		.policy = image->conf->model.secrets ? ATTRIBUTES_INDEX_SECRET :
						       ATTRIBUTES_INDEX,
		.like = settings->conf},
	    error);
}

/* Says what was replaced and could not be put back; the exit code. */
static int
publish_failed(const struct steps *steps, const struct publish_error *error, bool compiled)
{
	int code = change_failed(error);

	if (steps->count > 0 && error->renamed == steps->count && compiled) {
		cli_say("the configuration is changed, the index is not: run "
			"'tmail routes compile'");
		return EXIT_NOT_COMPILED;
	}
	if (error->renamed > 0 && error->renamed < steps->count)
		steps_tell(steps, error->renamed);
	return code;
}

static int
publish(struct change *change, struct image *image)
{
	const struct settings *settings = change->settings;
	struct publish_error error;
	struct publish set;
	struct steps steps = {0};
	enum publish_status status;
	int code = 0;

	publish_init(&set);
	publish_watch(&set, change_watched, &change->next.sources);
	steps_make(&steps, &change->conf, change->overlays, change->overlay_count,
	    !change->keep_ids);
	status = steps_add(&steps, &set, change->created, &error);
	if (status == PUBLISH_OK && image->bytes != NULL)
		status = change_add_index(&set, settings, image, &error);
	if (status == PUBLISH_OK)
		status = publish_commit(&set, &error);
	if (status != PUBLISH_OK)
		code = publish_failed(&steps, &error, image->bytes != NULL);
	publish_release(&set);
	steps_release(&steps);
	return code;
}

/* Does nothing without memory: the files are written by now. */
void
change_sweep(const struct sources *sources)
{
	const char **paths = malloc((sources->count + 1) * sizeof(*paths));
	size_t count = 0;

	for (size_t i = 0; i < sources->count && paths != NULL; i++)
		if (sources->list[i]->file && S_ISREG(sources->list[i]->status.st_mode))
			paths[count++] = sources->list[i]->path.ptr;
	publish_sweep_all(paths, count);
	free(paths);
}

/* The first edit touches every route, which a review had better see apart. */
static void
tell_numbering(const struct change *change)
{
	if (change->numbered > 0 && change->edit.count > change->numbered &&
	    !change->settings->quiet)
		cli_say("the first edit also writes the ID of each route that has none: "
			"'tmail routes number' does that alone");
}

/* The index, if it is to be written, or to be compared with the one in place. */
static int
build_index(struct change *change, struct image *image)
{
	bool writes = !change->no_compile && !change->dry_run;
	int code = writes ? guard_index(&change->next, &change->lock, change->settings) : 0;

	if (code != 0 || (!writes && change->settings->max_change == NULL))
		return code;
	if (!image_build(&change->next, image)) {
		cli_say("the index would be too large");
		return EX_DATAERR;
	}
	code = max_change_guard(change->settings, image);
	if (!writes)
		image_release(image);
	return code;
}

static int
write_all(struct change *change, struct image *image)
{
	int code;

	if (change->dry_run) {
		tell_numbering(change);
		diff_print(change);
		return cli_finish(0);
	}
	code = publish(change, image);
	change_sweep(&change->conf.sources);
	if (change->no_compile)
		publish_sweep(change->settings->index);
	return code;
}

int
change_commit(struct change *change)
{
	struct image image = {0};
	int code;

	apply_edit(change);
	code = check_next(change);
	if (code != 0)
		return code;
	warnings_of_change(change);
	code = build_index(change, &image);
	if (code == 0)
		code = write_all(change, &image);
	image_release(&image);
	return code;
}

void
change_end(struct change *change)
{
	for (size_t i = 0; i < change->overlay_count; i++)
		free((void *)(uintptr_t)change->overlays[i].bytes.ptr);
	free(change->overlays);
	edit_release(&change->edit);
	conf_close(&change->next);
	conf_close(&change->conf);
	if (change->locked)
		lock_release(&change->lock);
}
