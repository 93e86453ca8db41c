#include "change/reformat.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/utf8.h"
#include "change/diff.h"
#include "program/say.h"
#include "store/file_stat.h"
#include "text/fmt.h"
#include "text/quote.h"

/* Whether it is a file of statements, and the first time that it is read. */
static bool
is_formatted(const struct source *source)
{
	return source->file && !source->values && source->before == NULL;
}

/* The names of all relays and lists. */
static void
find_names(const struct conf *conf, struct names *names)
{
	struct conf_cursor cursor = {0};
	struct arena arena = {0};
	struct stmt stmt;

	names_init(names, conf->seed, 0);
	while (conf_next(conf, &cursor, &stmt)) {
		struct slice name;
		struct item item;

		if (stmt.kind != STATEMENT_RELAY && stmt.kind != STATEMENT_LIST)
			continue;
		item = stmt_items(&stmt)[0];
		name = slice(source_text(cursor.unit->source, item.pos), item_length(item));
		if ((item_flags(item) & ITEM_QUOTED) == 0 || quote_undo(&arena, name, &name) == NULL)
			names_intern(names, name, false);
	}
	arena_release(&arena);
}

static void
format_all(struct edit *edit, const struct conf *conf)
{
	const struct sources *sources = &conf->sources;
	struct names names = {0};

	find_names(conf, &names);
	for (size_t i = 0; i < sources->count; i++)
		if (is_formatted(sources->list[i]))
			fmt_source(edit, sources->list[i], &names);
	names_release(&names);
	edit_settle(edit);
}

int
reformat_open(struct reformat *reformat, const struct settings *settings, const char *file)
{
	struct conf_reading reading = {.alone = file != NULL};
	enum source_status status;
	int code = 0;

	reformat->settings = settings;
	if (file != NULL && strcmp(file, "-") == 0) {
		code = standard_input_read(&reformat->input, file);
		reading.overlays = &reformat->input.overlay;
		reading.overlay_count = 1;
	}
	if (code != 0)
		return code;
	status = conf_open_as(&reformat->conf, file != NULL ? file : settings->conf, &reading);
	if (status != SOURCE_OK)
		return change_unreadable(&reformat->conf, status);
	if (!conf_check(&reformat->conf)) {
		change_render(settings, &reformat->conf, RENDER_NO_WARNINGS);
		return EX_DATAERR;
	}
	format_all(&reformat->edit, &reformat->conf);
	return 0;
}

static void
put_out(void *arg, struct slice piece)
{
	(void)arg;
	if (piece.len > 0)
		fwrite_unlocked(piece.ptr, 1, piece.len, stdout);
}

void
reformat_print(const struct reformat *reformat)
{
	const struct sources *sources = &reformat->conf.sources;

	for (size_t i = 0; i < sources->count; i++)
		if (is_formatted(sources->list[i]))
			edit_pieces(&reformat->edit, sources->list[i], put_out, NULL);
}

static void
print_name(const struct source *source)
{
	char *name = mem_alloc(source->path.len + 1);

	memcpy(name, source->path.ptr, source->path.len);
	fwrite(name, 1, utf8_disarm(name, source->path.len), stdout);
	putchar('\n');
	free(name);
}

static void
print_diff(const struct settings *settings, const struct edit *edit, const struct source *source)
{
	struct slice bytes = edit_apply(edit, source);
	struct file_text text = file_text_copy(bytes.ptr, bytes.len);
	struct sources sources = {0};
	size_t mark = source->bom ? 3 : 0;
	struct source *updated =
	    sources_add(&sources, source->path, text.ptr + mark, text.size - mark);

	updated->bom = source->bom;
	free((void *)(uintptr_t)bytes.ptr);
	diff_file(settings, edit, source, updated, false);
	sources_release(&sources);
	file_text_release(&text);
}

static size_t
show(const struct settings *settings, const struct edit *edit, const struct sources *sources,
    bool names, bool diffs)
{
	size_t count = 0;

	for (size_t i = 0; i < sources->count; i++) {
		if (edit_splices(edit, sources->list[i]).count == 0)
			continue;
		count++;
		if (names)
			print_name(sources->list[i]);
		if (diffs)
			print_diff(settings, edit, sources->list[i]);
	}
	return count;
}

size_t
reformat_differ(const struct reformat *reformat, bool names, bool diffs)
{
	return show(reformat->settings, &reformat->edit, &reformat->conf.sources, names, diffs);
}

static enum publish_status
add_file(struct publish *set, const struct reformat *reformat, struct slice *bytes,
    struct publish_error *error)
{
	const struct source *source = reformat->conf.sources.list[0];

	if (edit_splices(&reformat->edit, source).count == 0)
		return PUBLISH_OK;
	*bytes = edit_apply(&reformat->edit, source);
	return publish_add(set,
	    &(struct publish_request){.path = source->path.ptr, .data = bytes->ptr,
		.len = bytes->len, .expect = PUBLISH_AS_READ, .seen = &source->status,
		.policy = ATTRIBUTES_CONF},
	    error);
}

/* Whether one before it is the same file, perhaps by another name. */
static bool
is_again(const struct reformat *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (stat_same_file(&list[i].conf.sources.list[0]->status,
			&list[n].conf.sources.list[0]->status))
			return true;
	return false;
}

static int
publish_files(const struct reformat *list, size_t count)
{
	struct slice *bytes = mem_zero(count, sizeof(*bytes));
	enum publish_status status = PUBLISH_OK;
	struct publish_error error;
	struct publish set;
	int code = 0;

	publish_init(&set);
	for (size_t i = 0; i < count && status == PUBLISH_OK; i++)
		if (!is_again(list, i))
			status = add_file(&set, &list[i], &bytes[i], &error);
	if (status == PUBLISH_OK && set.count > 0)
		status = publish_commit(&set, &error);
	if (status != PUBLISH_OK)
		code = change_failed(&error);
	publish_release(&set);
	for (size_t i = 0; i < count; i++)
		free((void *)(uintptr_t)bytes[i].ptr);
	free(bytes);
	return code;
}

/* All that are to be written, before anything is. */
static int
open_files(const struct settings *settings, struct reformat *list, const char *const *files,
    size_t count)
{
	int first = 0;

	for (size_t i = 0; i < count; i++) {
		int code = change_readable(files[i], false);

		if (code == 0)
			code = reformat_open(&list[i], settings, files[i]);
		first = first == 0 ? code : first;
	}
	return first;
}

/* Where there is no configuration, the file is one itself. */
static int
lock_files(struct lock *lock, const struct settings *settings, const char *file)
{
	bool there = settings->conf_given || access(settings->conf, F_OK) == 0;
	struct publish_error error;

	if (lock_acquire(lock, there ? settings->conf : file, file, LOCK_WAIT, &error) !=
	    PUBLISH_OK)
		return change_failed(&error);
	return 0;
}

int
reformat_write(const struct settings *settings, const char *const *files, size_t count, bool diffs)
{
	struct reformat *list = mem_zero(count, sizeof(*list));
	struct lock lock;
	int code = lock_files(&lock, settings, files[0]);

	if (code == 0) {
		code = open_files(settings, list, files, count);
		for (size_t i = 0; i < count && code == 0 && diffs; i++)
			reformat_differ(&list[i], false, true);
		code = cli_finish(code);
		if (code == 0)
			code = publish_files(list, count);
		lock_release(&lock);
	}
	for (size_t i = 0; i < count; i++)
		reformat_close(&list[i]);
	free(list);
	return code;
}

int
reformat_conf(const struct settings *settings, bool diffs)
{
	/* What there is to warn of was there before. */
	struct change change = {.keep_ids = true};
	int code = change_begin(&change, settings, false);

	change.warned = true;
	if (code == 0)
		code = change_check(&change);
	if (code == 0) {
		format_all(&change.edit, &change.conf);
		if (diffs)
			show(settings, &change.edit, &change.conf.sources, false, true);
		code = cli_finish(0);
	}
	if (code == 0)
		code = change_commit(&change);
	change_end(&change);
	return code;
}

void
reformat_close(struct reformat *reformat)
{
	edit_release(&reformat->edit);
	conf_close(&reformat->conf);
	standard_input_release(&reformat->input);
}
