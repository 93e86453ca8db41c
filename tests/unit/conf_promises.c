#include "conf_promises.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/expect.h"
#include "text/edit.h"
#include "image/image.h"
#include "text/fmt.h"
#include "text/parse.h"
#include "review/render.h"
#include "base/utf8.h"
#include "mini_index.h"
#include "promise.h"
#include "use_index.h"
#include "conf/number_routes.h"

enum { OVERLAYS_MAX = 8 };

struct reading {
	const struct conf_files *files;
	struct overlay overlays[OVERLAYS_MAX];	/* the main file's first */
	struct conf conf;
	bool good;
};

static enum source_status
reading_begin(struct reading *r, const struct conf_files *files, struct slice bytes)
{
	*r = (struct reading){.files = files, .overlays[0].bytes = bytes};
	promise(files->count < OVERLAYS_MAX);
	for (size_t i = 0; i < files->count; i++)
		r->overlays[i + 1] = files->beside[i];
	return conf_open_with(&r->conf, files->path, r->overlays, files->count + 1);
}

static void
reading_open(struct reading *r, const struct conf_files *files, struct slice bytes)
{
	promise(reading_begin(r, files, bytes) == SOURCE_OK);
	r->good = conf_check(&r->conf);
	promise(r->good == (r->conf.diagnostics.count[SEVERITY_ERROR] == 0));
}

/* Nothing that a terminal obeys, every line ended, silence only if all is well. */
static void
check_text(const char *text, size_t size, const struct diagnostics *d)
{
	const char *end = text + size, *line = text;
	uint32_t c;

	promise((size == 0) == (d->count[SEVERITY_ERROR] + d->count[SEVERITY_WARNING] == 0));
	promise(size == 0 || end[-1] == '\n');
	for (const char *p = text, *next; p < end; p = next) {
		next = utf8_next(p, end, &c);
		promise(c == '\n' || c == '\t' || !utf8_hostile(c));
		if (c == '\n') {
			promise(p - line < 2000);
			line = next;
		}
	}
}

/* All diagnostics as text; allocated. */
static struct slice
rendered(const struct conf *conf, bool colour)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	promise(out != NULL);
	render_diagnostics(&conf->diagnostics, &conf->sources, RENDER_WARNINGS,
	    &(struct screen){out, colour, 0});
	promise(fclose(out) == 0);
	return slice(text, size);
}

static void
check_diagnostics(const struct reading *r)
{
	struct slice plain = rendered(&r->conf, false), painted = rendered(&r->conf, true);

	check_text(plain.ptr, plain.len, &r->conf.diagnostics);
	promise(painted.len >= plain.len);
	free((void *)(uintptr_t)plain.ptr);
	free((void *)(uintptr_t)painted.ptr);
}

static void
check_same_items(const struct source *a, const struct stmt *x, const struct source *b,
    const struct stmt *y)
{
	promise(x->kind == y->kind && x->count == y->count);
	for (uint32_t i = 0; i < x->count; i++) {
		struct item m = stmt_items(x)[i], n = stmt_items(y)[i];

		promise(m.word == n.word);
		promise(memcmp(source_text(a, m.pos), source_text(b, n.pos), item_length(m)) == 0);
		promise(item_role(m) == ITEM_VIA || m.hash == n.hash);
	}
}

/* A statement means the same without those in front of it. */
static void
check_alone(const struct source *source, const struct stmts *stmts, const struct stmt *stmt)
{
	struct span lines = edit_lines(source, stmt);
	size_t size = lines.end - lines.begin, at = 0;
	char *text = calloc(1, size + SOURCE_SLACK);
	struct sources sources = {0};
	struct diagnostics diagnostics = {0};
	struct stmts alone = {.seed = stmts->seed};
	struct stmt same;
	struct source *copy;

	promise(text != NULL);
	memcpy(text, source_text(source, lines.begin), size);
	copy = sources_add(&sources, slice_str("alone"), text, size);
	parse_file(copy, &diagnostics, &alone);
	promise(diagnostics.count[SEVERITY_ERROR] == 0);
	promise(stmts_next(&alone, &at, &same) && at == alone.used);
	check_same_items(source, stmt, copy, &same);
	stmts_release(&alone);
	diagnostics_release(&diagnostics);
	sources_release(&sources);
	free(text);
}

static void
check_statements(const struct reading *r)
{
	const struct source *source = r->conf.sources.list[0];
	struct conf_cursor cursor = {0};
	struct stmt stmt;

	while (conf_next(&r->conf, &cursor, &stmt))
		if (cursor.unit->source == source && !stmt.broken)
			check_alone(source, &cursor.unit->stmts, &stmt);
}

/* The edit gives a good configuration with so many routes; its bytes. */
static struct slice
edited(const struct reading *r, struct edit *edit, uint32_t routes)
{
	struct reading next;
	struct slice bytes;

	edit_settle(edit);
	bytes = edit_apply(edit, r->conf.sources.list[0]);
	reading_open(&next, r->files, bytes);
	promise(next.good);
	promise(next.conf.routes == routes);
	conf_close(&next.conf);
	edit_release(edit);
	return bytes;
}

/* A new last route, and that route taken away again. */
static void
check_add(const struct reading *r)
{
	struct edit edit = {0};
	struct reading next;
	struct conf_cursor cursor = {0};
	struct stmt stmt, last = {0};
	struct slice bytes;

	edit_add_line(&edit, r->conf.sources.list[0], NULL,
	    slice_str("route 4294967295 to new.example user new from <> via new.example"));
	bytes = edited(r, &edit, r->conf.routes + 1);
	reading_open(&next, r->files, bytes);
	while (conf_next(&next.conf, &cursor, &stmt))
		last = stmt;
	edit_remove(&edit, next.conf.sources.list[0], &last);
	free((void *)(uintptr_t)bytes.ptr);
	bytes = edited(&next, &edit, r->conf.routes);
	promise(slice_eq(bytes, r->overlays[0].bytes));
	free((void *)(uintptr_t)bytes.ptr);
	conf_close(&next.conf);
}

/* Takes the first routes of the main file out, one at a time. */
static void
check_remove(const struct reading *r)
{
	enum { ENOUGH = 4 };
	const struct source *source = r->conf.sources.list[0];
	struct conf_cursor cursor = {0};
	struct stmt stmt;

	for (int n = 0; n < ENOUGH && conf_next(&r->conf, &cursor, &stmt);) {
		struct edit edit = {0};

		if (stmt.kind != STATEMENT_ROUTE || cursor.unit->source != source)
			continue;
		edit_remove(&edit, source, &stmt);
		free((void *)(uintptr_t)edited(r, &edit, r->conf.routes - 1).ptr);
		n++;
	}
}

static void
check_edits(const struct reading *r)
{
	struct edit edit = {0};
	struct slice bytes;

	number_routes(&edit, &r->conf);
	bytes = edited(r, &edit, r->conf.routes);
	promise(r->conf.numbered <= slice_eq(bytes, r->overlays[0].bytes));
	free((void *)(uintptr_t)bytes.ptr);
	check_remove(r);
	if (r->conf.numbered && r->conf.highest_id < UINT32_MAX)
		check_add(r);
}

/* What the compiler wrote is an index, undamaged, for every reader. */
static void
check_index(const struct image *image)
{
	struct mini_index index = {image->bytes, image->size};
	struct tmail_routes *routes;

	promise(mini_open(&index, TMAIL_OPEN_VERIFY, &routes) == TMAIL_OK);
	promise(use_index(routes));
	tmail_routes_close(routes);
}

/*
 * The index but for where its routes stand and what it was made of.  Names are
 * numbered as they come, for which plain routes have a way of their own: not here.
 */
static bool
open_placeless(struct reading *r, const struct conf_files *files, struct slice bytes,
    struct image *image)
{
	promise(reading_begin(r, files, bytes) == SOURCE_OK);
	r->conf.keep_patterns = true;
	if (!conf_check(&r->conf))
		return false;
	for (size_t i = 0; i < r->conf.model.route_count; i++)
		r->conf.model.routes[i].line = 0;
	for (size_t i = 0; i < r->conf.sources.count; i++)
		r->conf.sources.list[i]->line_base = 0;
	promise(image_build(&r->conf, image));
	return true;
}

static void
check_same_options(const struct expectation *x, const struct expectation *y)
{
	promise(x->expected_count == y->expected_count);
	for (uint32_t k = 0; k < x->expected_count; k++) {
		const struct expected *m = &x->expected[k], *n = &y->expected[k];

		promise(m->option == n->option);
		if (m->option == OPTION_TLS)
			promise(m->tls == n->tls);
		else if (m->option != OPTION_LOCAL)
			promise(slice_eq(m->text, n->text));
		else
			promise(m->local == NULL ? n->local == NULL
						 : m->local->count == n->local->count);
	}
}

static void
check_same_expectations(const struct conf *a, const struct conf *b)
{
	promise(a->expectation_count == b->expectation_count);
	for (size_t i = 0; i < a->expectation_count; i++) {
		const struct expectation *x = &a->expectations[i], *y = &b->expectations[i];

		promise(slice_eq(x->to, y->to) && slice_eq(x->user, y->user) && slice_eq(x->from, y->from));
		promise(x->outcome == y->outcome && x->action == y->action && x->count == y->count);
		check_same_options(x, y);
		for (uint32_t k = 0; k < x->count; k++) {
			const struct wanted_hop *m = &x->wanted[k], *n = &y->wanted[k];

			if (x->outcome == OUTCOME_ROUTE)
				promise(m->id == n->id);
			else
				promise(m->kind == n->kind && slice_eq(m->name, n->name) && m->port == n->port);
		}
	}
}

/* Written canonically, it is the same configuration, and stays as it is. */
static size_t
check_format(const struct reading *r, const struct image *image)
{
	struct edit edit = {0}, again = {0};
	struct reading next;
	struct image same;
	struct slice bytes;
	size_t count;

	fmt_source(&edit, r->conf.sources.list[0], NULL);
	edit_settle(&edit);
	count = edit.count;
	bytes = edit_apply(&edit, r->conf.sources.list[0]);
	promise(open_placeless(&next, r->files, bytes, &same));
	promise(image->size == same.size && memcmp(image->bytes, same.bytes, same.size) == 0);
	check_same_expectations(&r->conf, &next.conf);
	fmt_source(&again, next.conf.sources.list[0], NULL);
	promise(again.count == 0);
	image_release(&same);
	conf_close(&next.conf);
	edit_release(&edit);
	free((void *)(uintptr_t)bytes.ptr);
	return count;
}

bool
format_promises(const struct conf_files *files, struct slice bytes, size_t *count)
{
	struct reading r;
	struct image image = {0};
	bool good = open_placeless(&r, files, bytes, &image);

	*count = good ? check_format(&r, &image) : 0;
	image_release(&image);
	conf_close(&r.conf);
	return good;
}

/* An index given as a configuration is told from one by its first bytes. */
static bool
is_index(struct slice bytes)
{
	return bytes.len >= INDEX_MAGIC_SIZE &&
	    memcmp(bytes.ptr, INDEX_MAGIC, INDEX_MAGIC_SIZE) == 0;
}

size_t
conf_promises(const struct conf_files *files, const void *bytes, size_t size)
{
	struct reading r;
	struct image image = {0};
	size_t errors, formatted;

	if (is_index(slice(bytes, size))) {
		promise(reading_begin(&r, files, slice(bytes, size)) == SOURCE_INDEX);
		conf_close(&r.conf);
		return 1;
	}
	reading_open(&r, files, slice(bytes, size));
	check_diagnostics(&r);
	check_statements(&r);
	if (r.good) {
		promise(image_build(&r.conf, &image));
		image_seal(&image);
		check_index(&image);
		image_release(&image);
		check_edits(&r);
		promise(format_promises(files, slice(bytes, size), &formatted));
	}
	errors = r.conf.diagnostics.count[SEVERITY_ERROR];
	conf_close(&r.conf);
	return errors;
}

struct conf_outcome
conf_outcome(const struct conf_files *files, const void *bytes, size_t size)
{
	struct conf_outcome outcome = {0};
	struct image image = {0};
	struct reading r;

	if (is_index(slice(bytes, size)))
		return outcome;
	reading_open(&r, files, slice(bytes, size));
	outcome.text = rendered(&r.conf, false);
	if (r.good) {
		promise(image_build(&r.conf, &image));
		image_seal(&image);
		outcome.index = slice(malloc(image.size), image.size);
		promise(outcome.index.ptr != NULL);
		memcpy((void *)(uintptr_t)outcome.index.ptr, image.bytes, image.size);
		image_release(&image);
	}
	conf_close(&r.conf);
	return outcome;
}

void
conf_outcome_release(struct conf_outcome *outcome)
{
	free((void *)(uintptr_t)outcome->text.ptr);
	free((void *)(uintptr_t)outcome->index.ptr);
}
