#include "conf_promises.h"

#include <stdio.h>
#include <stdlib.h>

#include "compiler/edit.h"
#include "compiler/image.h"
#include "compiler/parse.h"
#include "compiler/render.h"
#include "compiler/utf8.h"

#define promise(what) \
	((what) ? (void)0 : (fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #what), abort()))

struct reading {
	const char *path;
	struct overlay overlay;
	struct conf conf;
	bool good;
};

static void
reading_open(struct reading *r, const char *path, struct slice bytes)
{
	*r = (struct reading){.path = path, .overlay = {.bytes = bytes}};
	promise(conf_open_with(&r->conf, path, &r->overlay, 1) == SOURCE_OK);
	r->good = conf_check(&r->conf);
	promise(r->good == (r->conf.diagnostics.count[SEVERITY_ERROR] == 0));
}

/* Nothing that a terminal obeys, no line without end, silence only if all is well. */
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

static void
check_diagnostics(const struct reading *r)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	promise(out != NULL);
	render_diagnostics(&r->conf.diagnostics, &r->conf.sources, RENDER_WARNINGS, false, out);
	promise(fclose(out) == 0);
	check_text(text, size, &r->conf.diagnostics);
	free(text);
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
	reading_open(&next, r->path, bytes);
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
	reading_open(&next, r->path, bytes);
	while (conf_next(&next.conf, &cursor, &stmt))
		last = stmt;
	edit_remove(&edit, next.conf.sources.list[0], &last);
	free((void *)(uintptr_t)bytes.ptr);
	bytes = edited(&next, &edit, r->conf.routes);
	promise(slice_eq(bytes, r->overlay.bytes));
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

	edit_number(&edit, &r->conf);
	bytes = edited(r, &edit, r->conf.routes);
	promise(r->conf.numbered <= slice_eq(bytes, r->overlay.bytes));
	free((void *)(uintptr_t)bytes.ptr);
	check_remove(r);
	if (r->conf.numbered && r->conf.highest_id < UINT32_MAX)
		check_add(r);
}

size_t
conf_promises(const char *path, const void *bytes, size_t size)
{
	struct reading r;
	struct image image = {0};
	size_t errors;

	reading_open(&r, path, slice(bytes, size));
	check_diagnostics(&r);
	check_statements(&r);
	if (r.good) {
		promise(image_build(&r.conf, &image));
		image_seal(&image);
		image_release(&image);
		check_edits(&r);
	}
	errors = r.conf.diagnostics.count[SEVERITY_ERROR];
	conf_close(&r.conf);
	return errors;
}
