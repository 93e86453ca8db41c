#include "text/edit.h"

#include <stdlib.h>

#include "text/values.h"

void
edit_release(struct edit *edit)
{
	free(edit->list);
	arena_release(&edit->arena);
	*edit = (struct edit){0};
}

void
edit_splice(struct edit *edit, uint32_t begin, uint32_t end, struct slice text)
{
	edit->list = mem_grow(edit->list, edit->count, &edit->capacity, sizeof(*edit->list));
	edit->list[edit->count] = (struct splice){begin, end, text, edit->count};
	edit->count++;
}

static int
by_place(const void *a, const void *b)
{
	const struct splice *x = a, *y = b;

	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

/* As a whole file is written anew. */
static bool
in_order(const struct edit *edit)
{
	for (size_t i = 1; i < edit->count; i++)
		if (by_place(&edit->list[i - 1], &edit->list[i]) > 0)
			return false;
	return true;
}

void
edit_settle(struct edit *edit)
{
	if (!in_order(edit))
		qsort(edit->list, edit->count, sizeof(*edit->list), by_place);
	for (size_t i = 1; i < edit->count; i++) {
		struct splice *splice = &edit->list[i];

		if (splice->begin >= edit->list[i - 1].end)
			continue;
		/* What is put into a statement goes when the statement goes. */
		if (splice->begin == splice->end)
			splice->text.len = 0;
		splice->begin = edit->list[i - 1].end;
		if (splice->end < splice->begin)
			splice->end = splice->begin;
	}
}

struct splices
edit_splices(const struct edit *edit, const struct source *source)
{
	size_t low = 0, high = edit->count;
	struct splices splices;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (edit->list[middle].begin < source->begin)
			low = middle + 1;
		else
			high = middle;
	}
	/* An edit that changes nothing has no list to count from. */
	splices = (struct splices){edit->count == 0 ? NULL : edit->list + low, 0};
	while (low + splices.count < edit->count &&
	    splices.list[splices.count].begin <= source->begin + source->size)
		splices.count++;
	return splices;
}

void
edit_pieces(const struct edit *edit, const struct source *source, edit_put *put, void *arg)
{
	struct splices splices = edit_splices(edit, source);
	const char *from = source->text - (source->bom ? 3 : 0);

	for (size_t i = 0; i < splices.count; i++) {
		const struct splice *splice = &splices.list[i];
		const char *stop = source_text(source, splice->begin);

		put(arg, slice(from, (size_t)(stop - from)));
		put(arg, splice->text);
		from = source_text(source, splice->end);
	}
	put(arg, slice(from, (size_t)(source->text + source->size - from)));
}

static void
append(void *arg, struct slice piece)
{
	char **out = arg;

	if (piece.len > 0)
		*out = mempcpy(*out, piece.ptr, piece.len);
}

struct slice
edit_apply(const struct edit *edit, const struct source *source)
{
	struct splices splices = edit_splices(edit, source);
	size_t size = source->size + 3u;
	char *out, *end;

	for (size_t i = 0; i < splices.count; i++)
		size += splices.list[i].text.len;
	out = end = mem_alloc(size);
	edit_pieces(edit, source, append, &end);
	return slice(out, (size_t)(end - out));
}

struct slice
edit_line_end(const struct source *source, uint32_t pos)
{
	const char *text = source->text, *at = source_text(source, pos);
	const char *end = at == text ? NULL : memrchr(text, '\n', (size_t)(at - text));

	if (end != NULL && end > text && end[-1] == '\r')
		return slice_str("\r\n");
	return slice_str("\n");
}

uint32_t
edit_word_end(const struct source *source, uint32_t pos)
{
	const char *p = source_text(source, pos);

	while (p > source->text && memchr(" \t\r\n\\", p[-1], 5) != NULL)
		p--;
	return source_pos(source, p);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static const char *
line_start(const char *text, const char *p)
{
	const char *newline = p == text ? NULL : memrchr(text, '\n', (size_t)(p - text));

	return newline == NULL ? text : newline + 1;
}

/* Behind the gap at p. */
static const char *
skip_gap(const char *p, const char *end)
{
	return p + word_gap(slice(p, (size_t)(end - p)));
}

/* Behind the line end of a statement whose last word ends at p. */
static const char *
line_stop(const char *p, const char *end)
{
	const char *newline;

	p = skip_gap(p, end);
	newline = memchr(p, '\n', (size_t)(end - p));
	return newline == NULL ? end : newline + 1;
}

struct span
edit_lines(const struct source *source, const struct stmt *stmt)
{
	const char *text = source->text, *begin = line_start(text, source_text(source, stmt->pos));

	while (begin > text) {
		const char *before = line_start(text, begin - 1);

		/* A line of nothing but blanks and the backslash that continues it. */
		if (skip_gap(before, begin) != begin)
			break;
		begin = before;
	}
	return span(source_pos(source, begin),
	    source_pos(source,
		line_stop(source_text(source, stmt_end(stmt)), text + source->size)));
}

struct span
edit_comment(const struct source *source, const struct stmt *stmt)
{
	const char *begin = source_text(source, stmt_end(stmt));
	const char *end = source->text + source->size;
	/* A statement may be continued into a line that has nothing but its comment. */
	const char *p = skip_gap(begin, end), *stop = p;

	while (stop > begin && is_blank(stop[-1]))
		stop--;
	if (p < end && *p == '#') {
		stop = memchr(p, '\n', (size_t)(end - p));
		stop = stop == NULL ? end : stop;
		if (stop[-1] == '\r')
			stop--;
	}
	return span(stmt_end(stmt), source_pos(source, stop));
}

struct slice
edit_comment_text(const struct source *source, const struct stmt *stmt)
{
	struct span at = edit_comment(source, stmt);
	const char *end = source_text(source, at.end);
	const char *p = memchr(source_text(source, at.begin), '#', at.end - at.begin);

	if (p == NULL)
		return slice(NULL, 0);
	for (p++; p < end && is_blank(*p); p++)
		;
	while (end > p && is_blank(end[-1]))
		end--;
	return slice(p, (size_t)(end - p));
}

void
edit_add_line(struct edit *edit, const struct source *source, const struct stmt *after,
    struct slice line)
{
	uint32_t end = source->begin + source->size;
	uint32_t at = after == NULL ? end : edit_lines(source, after).end;
	const char *p = source_text(source, at);
	struct slice newline = edit_line_end(source, at);
	bool open = p > source->text && p[-1] != '\n';

	/* A last line without its end stays the only one so. */
	edit_splice(edit, at, at,
	    open ? arena_printf(&edit->arena, "%s%.*s", newline.ptr, (int)line.len, line.ptr)
		 : arena_printf(&edit->arena, "%.*s%s", (int)line.len, line.ptr, newline.ptr));
}

/* Whether the statement behind pos has just been removed, and the line end in front of it. */
static bool
is_removed(const struct edit *edit, uint32_t pos)
{
	const struct splice *last = edit->count == 0 ? NULL : &edit->list[edit->count - 1];

	return last != NULL && last->begin < pos && pos <= last->end;
}

/* Whether the line end at p is that of an empty line which the line before goes on in. */
static bool
is_continued(const char *text, const char *p)
{
	p -= p > text && p[-1] == '\r';
	if (p == text || p[-1] != '\n')
		return false;
	p--;
	p -= p > text && p[-1] == '\r';
	return p > text && p[-1] == '\\';
}

void
edit_remove(struct edit *edit, const struct source *source, const struct stmt *stmt)
{
	struct span lines = edit_lines(source, stmt);
	const char *begin = source_text(source, lines.begin);
	const char *end = source_text(source, lines.end);

	/* The last line had no end: the one before it gets none either. */
	if ((end[-1] != '\n' || is_removed(edit, lines.end)) && begin > source->text &&
	    !is_continued(source->text, begin - 1)) {
		begin--;
		if (begin > source->text && begin[-1] == '\r')
			begin--;
	}
	edit_splice(edit, source_pos(source, begin), lines.end, slice("", 0));
}
