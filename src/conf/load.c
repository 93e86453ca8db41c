/* load.c - reads a configuration: the main file, its includes, lists' files. */
#include "conf/conf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "store/expand.h"
#include "text/fault.h"
#include "text/parse.h"
#include "conf/value.h"

enum { INCLUDE_DEPTH_MAX = 16 };

/* The files being included, innermost first. */
struct chain {
	const struct source *source;
	struct span at;		/* of the include's glob */
	const struct chain *outer;
	unsigned depth;
};

static struct unit *
unit_new(struct conf *conf, const struct source *source)
{
	struct unit *unit = arena_alloc(&conf->arena, sizeof(*unit));

	*unit = (struct unit){.source = source, .stmts = {.seed = conf->seed}};
	conf->units =
	    mem_grow(conf->units, conf->unit_count, &conf->unit_capacity, sizeof(*conf->units));
	conf->units[conf->unit_count++] = unit;
	return unit;
}

static void
add_segment(struct conf *conf, struct segment segment)
{
	if (segment.begin == segment.end)
		return;
	conf->segments = mem_grow(conf->segments, conf->segment_count, &conf->segment_capacity,
	    sizeof(*conf->segments));
	conf->segments[conf->segment_count++] = segment;
}

/* All statements of a unit. */
static struct segment
whole(const struct unit *unit)
{
	return (struct segment){unit, 0, unit->stmts.used, unit->stmts.tally};
}

/* The directory of a path, with its slash; empty where it has none. */
static struct slice
directory(struct slice path)
{
	const char *slash = memrchr(path.ptr, '/', path.len);

	return slice(path.ptr, slash == NULL ? 0 : (size_t)(slash + 1 - path.ptr));
}

static struct slice
beside(struct arena *arena, struct slice file, struct slice name)
{
	struct slice dir = directory(file);

	if (name.len > 0 && name.ptr[0] == '/')
		return arena_copy(arena, name);
	return arena_printf(arena, "%.*s%.*s", (int)dir.len, dir.ptr, (int)name.len, name.ptr);
}

static struct slice
cannot_read(struct conf *conf, struct slice path, const char *why)
{
	return arena_printf(&conf->arena, "cannot read '%.*s': %s", (int)path.len, path.ptr, why);
}

/* The first one is kept: among many errors its diagnostic may not be shown. */
static void
say_unreadable(struct conf *conf, struct span at, struct slice path, const char *why)
{
	if (conf->unreadable.ptr == NULL)
		conf->unreadable = cannot_read(conf, path, why);
	diagnose(&conf->diagnostics, at, SLUG_UNREADABLE, "cannot read '%.*s': %s", SLICE_ARG(path),
	    why);
}

static const char *
source_reason(enum source_status status)
{
	switch (status) {
	case SOURCE_NO_FILE:
		return "not a regular file";
	case SOURCE_INDEX:
		return "it is a compiled index, not a configuration";
	case SOURCE_TOO_LARGE:
		return "over 4 GiB of configuration";
	case SOURCE_CHANGED:
		return "it is being changed";
	case SOURCE_OK:
	case SOURCE_UNREADABLE:
		break;
	}
	return strerror(errno);
}

static bool
refuse_again(struct conf *conf, const struct source *source, struct span at,
    const struct chain *chain)
{
	const struct source *before = source->before;
	struct diagnostic *d;

	if (before == NULL)
		return false;
	for (const struct chain *c = chain; c != NULL; c = c->outer)
		if (c->source == before) {
			diagnose(&conf->diagnostics, at, SLUG_INCLUDE_LOOP,
			    "'%.*s' includes itself", SLICE_ARG(source->path));
			return true;
		}
	d = diagnose(&conf->diagnostics, at, SLUG_INCLUDE_TWICE,
	    "'%.*s' is included a second time", SLICE_ARG(source->path));
	if (before->at == before->at_end)
		diagnostic_remark(&conf->diagnostics, d, "it is a file that was given");
	else
		diagnostic_note(&conf->diagnostics, d, span(before->at, before->at_end),
		    "first included here");
	return true;
}

static void load_unit(struct conf *conf, struct source *source, const struct chain *outer,
    struct span at);

static void
include_file(struct conf *conf, const struct chain *chain, struct span at, struct slice path,
    struct slice name)
{
	struct source *source;
	enum source_status status = sources_read(&conf->sources, path, name, false, &source);

	if (status != SOURCE_OK) {
		say_unreadable(conf, at, path, source_reason(status));
		conf->changed |= status == SOURCE_CHANGED;
		conf->incomplete = true;
		return;
	}
	source->at = at.begin;
	source->at_end = at.end;
	if (!refuse_again(conf, source, at, chain))
		load_unit(conf, source, chain, at);
}

static void
include_matches(struct conf *conf, const struct chain *chain, struct span at,
    const struct expansion *found, struct slice dir)
{
	for (size_t i = 0; i < found->count && !diagnostics_enough(&conf->diagnostics); i++) {
		struct slice path = found->paths[i], name = path;

		/* Named as the include matched it, seen from the main file. */
		if (name.len > dir.len && memcmp(name.ptr, dir.ptr, dir.len) == 0)
			name = slice(name.ptr + dir.len, name.len - dir.len);
		name = beside(&conf->arena, chain->source->name, name);
		include_file(conf, chain, at, path, name);
	}
}

static void
include_pattern(struct conf *conf, const struct chain *chain, struct span at,
    struct slice pattern)
{
	struct slice dir = directory(chain->source->path), none = slice(dir.ptr, 0);
	struct expansion found;

	if (expand(&conf->arena, pattern.ptr[0] == '/' ? none : dir, pattern, &found)) {
		include_matches(conf, chain, at, &found, dir);
	} else {
		conf->incomplete = true;
		say_unreadable(conf, at, found.at, strerror(found.failed));
	}
	expansion_release(&found);
}

static void
include(struct conf *conf, const struct chain *chain, struct item item)
{
	struct span at = item_span(item);
	struct slice written;

	if (!value_path(conf, chain->source, item, &written)) {
		conf->incomplete = true;
		return;
	}
	if (conf->alone)
		return;
	if (chain->depth >= INCLUDE_DEPTH_MAX) {
		conf->incomplete = true;
		diagnose(&conf->diagnostics, at, SLUG_INCLUDE_DEPTH,
		    "includes are nested more than %d deep", INCLUDE_DEPTH_MAX);
		return;
	}
	include_pattern(conf, chain, at, written);
}

static void
load_list_file(struct conf *conf, const struct source *parent, struct item item)
{
	struct slice written, path;
	struct source *source;
	struct unit *unit;
	enum source_status status;

	unit = unit_new(conf, NULL);
	conf->list_files = mem_grow(conf->list_files, conf->list_file_count,
	    &conf->list_file_capacity, sizeof(*conf->list_files));
	conf->list_files[conf->list_file_count++] = unit;
	if (!value_path(conf, parent, item, &written) || conf->alone)
		return;
	path = beside(&conf->arena, parent->path, written);
	status = sources_read(&conf->sources, path, beside(&conf->arena, parent->name, written),
	    true, &source);
	if (status != SOURCE_OK) {
		say_unreadable(conf, item_span(item), path, source_reason(status));
		conf->changed |= status == SOURCE_CHANGED;
		return;
	}
	if (source->before != NULL) {
		conf->list_files[conf->list_file_count - 1] = conf->units[source->before->unit];
		return;
	}
	unit->source = source;
	source->unit = (uint32_t)conf->unit_count - 1;
	parse_values(source, &conf->diagnostics, &unit->stmts);
}

/* Counts a source's lines into those of all files. */
static void
count_lines(struct conf *conf, struct source *source)
{
	source->line_base = conf->sources.lines;
	conf->sources.lines += source->lines;
}

/* After reading: counts a unit's routes, and makes room to judge its relays. */
static void
unit_read(struct conf *conf, struct unit *unit)
{
	size_t vias = unit->stmts.vias.count;

	conf->routes += unit->stmts.tally.routes;
	unit->vias = arena_alloc(&conf->arena, vias * sizeof(*unit->vias));
	for (size_t i = 0; i < vias; i++)
		unit->vias[i] = (struct via){.hop = NO_HOP, .target = NO_TARGET};
}

/* A segment goes on to `end`, where this statement ends. */
static void
segment_extend(struct segment *segment, size_t end, const struct stmt *stmt)
{
	const struct item *items = stmt_items(stmt);
	bool route = stmt->kind == STATEMENT_ROUTE;

	segment->tally.routes += route;
	segment->tally.others += !route;
	segment->tally.numbered += route && stmt->count > 0 && item_role(items[0]) == ITEM_ID;
	segment->tally.plain += stmt->written == NULL;
	segment->end = end;
}

/* Puts a unit's statements, and what they include, in file order. */
static void
load_statements(struct conf *conf, const struct chain *chain, struct unit *unit)
{
	struct segment segment = {.unit = unit};
	size_t next = 0;
	struct stmt stmt;

	unit_read(conf, unit);
	if (unit->stmts.written[STATEMENT_INCLUDE] + unit->stmts.written[STATEMENT_LIST] == 0) {
		add_segment(conf, whole(unit));
		return;
	}
	while (!diagnostics_enough(&conf->diagnostics) &&
	    stmts_next(&unit->stmts, &next, &stmt)) {
		if (stmt.kind == STATEMENT_INCLUDE && !stmt.broken) {
			add_segment(conf, segment);
			segment = (struct segment){.unit = unit, .begin = next, .end = next};
			include(conf, chain, stmt_items(&stmt)[0]);
			continue;
		}
		segment_extend(&segment, next, &stmt);
		if (stmt.kind == STATEMENT_INCLUDE)
			conf->incomplete = true;
		else if (stmt.kind == STATEMENT_LIST && !stmt.broken &&
		    item_role(stmt_items(&stmt)[1]) == ITEM_FILE)
			load_list_file(conf, chain->source, stmt_items(&stmt)[1]);
	}
	add_segment(conf, segment);
}

/* One file: a unit, or two if it is large. */
static void
load_unit(struct conf *conf, struct source *source, const struct chain *outer, struct span at)
{
	struct unit *unit = unit_new(conf, source), *second = unit_new(conf, source);
	struct chain chain = {source, at, outer, outer == NULL ? 0 : outer->depth + 1};

	if (fault_encoding(source, &conf->diagnostics))
		conf->incomplete = true;
	else if (!parse_halves(source, &unit->stmts, &second->stmts))
		parse_file(source, &conf->diagnostics, &unit->stmts);
	count_lines(conf, source);
	load_statements(conf, &chain, unit);
	load_statements(conf, &chain, second);
}

/*
 * Under a known seed, names could be chosen to collide.  Nothing written
 * depends on this one.
 */
static uint64_t
draw_seed(void)
{
	uint64_t seed;

	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != (ssize_t)sizeof(seed))
		seed = (uint64_t)(uintptr_t)&seed * (uint64_t)getpid();
	return seed;
}

enum source_status
conf_open(struct conf *conf, const char *path)
{
	return conf_open_with(conf, path, NULL, 0);
}

bool
conf_is_pipe(const struct conf *conf)
{
	return conf->sources.count > 0 && S_ISFIFO(conf->sources.list[0]->status.st_mode);
}

static enum source_status
load_all(struct conf *conf, struct slice path)
{
	struct slice dir = directory(path);
	struct slice name = slice(path.ptr + dir.len, path.len - dir.len);
	struct source *source;
	const struct source *changed;
	enum source_status status = sources_read(&conf->sources, path, name, false, &source);

	if (status == SOURCE_OK)
		load_unit(conf, source, NULL, span(0, 0));
	else
		conf->unreadable = cannot_read(conf, path, source_reason(status));
	if (status != SOURCE_OK || conf->changed)
		return status == SOURCE_OK ? SOURCE_CHANGED : status;
	changed = sources_changed(&conf->sources);
	if (changed == NULL)
		return SOURCE_OK;
	conf->unreadable =
	    cannot_read(conf, changed->path, source_reason(SOURCE_CHANGED));
	return SOURCE_CHANGED;
}

enum source_status
conf_open_as(struct conf *conf, const char *path, const struct conf_reading *reading)
{
	enum source_status status = SOURCE_CHANGED;

	*conf = (struct conf){0};
	for (int tries = 0; tries < 2 && status == SOURCE_CHANGED && !conf_is_pipe(conf); tries++) {
		conf_close(conf);
		conf->seed = draw_seed();
		conf->diagnostics.every = reading->every;
		conf->alone = conf->incomplete = reading->alone;
		sources_overlay(&conf->sources, reading->overlays, reading->overlay_count);
		status = load_all(conf, slice_str(path));
	}
	return status;
}

enum source_status
conf_open_with(struct conf *conf, const char *path, const struct overlay *overlays,
    size_t count)
{
	const struct conf_reading reading = {.overlays = overlays, .overlay_count = count};

	return conf_open_as(conf, path, &reading);
}

enum source_status
conf_add_tests(struct conf *conf, const char *path)
{
	struct slice file = slice_str(path), dir = directory(file);
	enum source_status status;
	struct source *source;

	if (conf->seed == 0)
		conf->seed = draw_seed();
	if (!conf->tested)
		conf->tests_from = conf->sources.end;
	conf->tested = true;
	status = slice_is(file, "-")
	    ? sources_read_stream(&conf->sources, STDIN_FILENO, file, &source)
	    : sources_read(&conf->sources, file,
		  slice(file.ptr + dir.len, file.len - dir.len), false, &source);
	if (status == SOURCE_OK)
		load_unit(conf, source, NULL, span(0, 0));
	else
		conf->unreadable = cannot_read(conf, file, source_reason(status));
	return status;
}

struct unit *
conf_add_statement(struct conf *conf, struct slice name, char *text, size_t size,
    const struct shown *shown)
{
	struct source *source = sources_add(&conf->sources, name, text, size);
	struct unit *unit = unit_new(conf, source);

	source->shown = shown;
	parse_file(source, &conf->diagnostics, &unit->stmts);
	count_lines(conf, source);
	unit_read(conf, unit);
	add_segment(conf, whole(unit));
	return unit;
}

void
conf_forget_statements(struct conf *conf)
{
	for (size_t i = 0; i < conf->unit_count; i++)
		stmts_release(&conf->units[i]->stmts);
	conf->segment_count = 0;
}

void
conf_close(struct conf *conf)
{
	conf_forget_statements(conf);
	model_release(&conf->model);
	free(conf->units);
	free(conf->segments);
	free(conf->list_files);
	free(conf->patterns);
	mem_pages_free(conf->expectations, conf->expectation_bytes);
	sources_release(&conf->sources);
	diagnostics_release(&conf->diagnostics);
	allow_release(&conf->allowances);
	arena_release(&conf->arena);
	*conf = (struct conf){0};
}

bool
conf_next(const struct conf *conf, struct conf_cursor *cursor, struct stmt *stmt)
{
	while (cursor->segment < conf->segment_count) {
		const struct segment *segment = &conf->segments[cursor->segment];

		if (!cursor->started) {
			cursor->at = segment->begin;
			cursor->started = true;
		}
		if (cursor->at < segment->end) {
			cursor->unit = segment->unit;
			return stmts_next(&segment->unit->stmts, &cursor->at, stmt);
		}
		cursor->segment++;
		cursor->started = false;
	}
	return false;
}
