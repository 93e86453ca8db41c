#include "review/render.h"

#include "text/secret.h"
#include "base/utf8.h"

enum { LINE_SHOWN = 160, LINE_BEFORE = 100 };
/* Columns for the number, for two ellipses and a caret behind; and for the line at least. */
enum { LINE_AROUND = 8 + 3 + 3 + 1, LINE_LEAST = 20 };

static const char *const severity_words[SEVERITY_COUNT] = {"error", "warning"};
static const char *const severity_colours[SEVERITY_COUNT] = {"\33[1;31m", "\33[1;35m"};

struct renderer {
	const struct diagnostics *diagnostics;
	const struct sources *sources;
	const struct source *masked;	/* the source that secrets is about */
	struct secrets secrets;
	const struct screen *screen;
};

/* A place as shown: a line of text and byte offsets in it. */
struct view {
	struct source_line line;
	bool in_file;		/* not on a command line: start counts */
	uint32_t start;		/* position of the line's first byte */
	size_t begin, end;
};

static const char *
paint(const struct renderer *r, const char *code)
{
	return r->screen->colour ? code : "";
}

/* On a command line: from the statement made of it back to its words. */
static void
view_shown(const struct shown *shown, uint32_t begin, uint32_t end, struct view *view)
{
	view->line = (struct source_line){1, shown->line};
	view->begin = view->end = shown->line.len;
	for (size_t i = 0; i < shown->count; i++) {
		const struct shown_piece *p = &shown->pieces[i];

		if (begin < p->begin || begin >= p->end)
			continue;
		view->begin = p->exact ? p->at + (begin - p->begin) : p->at;
		view->end = p->exact && end <= p->end ? p->at + (end - p->begin) : p->at_end;
		return;
	}
}

static void
view_find(const struct source *source, struct span at, struct view *view)
{
	if (source->shown != NULL) {
		view_shown(source->shown, at.begin - source->begin, at.end - source->begin, view);
		view->in_file = false;
		return;
	}
	view->in_file = true;
	view->line = source_line_at(source, at.begin);
	view->start = source_pos(source, view->line.text.ptr);
	view->begin = at.begin - view->start;
	view->end = at.end - view->start;
	if (view->end > view->line.text.len)
		view->end = view->line.text.len;
}

static uint32_t
column_of(struct slice line, size_t offset)
{
	const char *p = line.ptr, *end = line.ptr + line.len;
	uint32_t column = 1, c;

	for (; p < end && (size_t)(p - line.ptr) < offset; column++)
		p = utf8_next(p, end, &c);
	return column + (uint32_t)(offset > line.len ? offset - line.len : 0);
}

void
render_place(const struct source *source, uint32_t pos, uint32_t *line, uint32_t *column)
{
	struct view view = {0};

	view_find(source, span(pos, pos), &view);
	*line = view.line.number;
	*column = column_of(view.line.text, view.begin);
}

/* A character as shown, or what stands for it or for a secret. */
struct cell {
	const char *next;
	const char *instead;	/* NULL: it is shown itself */
	unsigned width;
	bool tab;
};

static struct cell
cell_at(const struct renderer *r, const struct view *view, const char *p, const char *end)
{
	struct cell cell = {.width = 1};
	const struct span *secret = NULL;
	uint32_t c, pos = view->start + (uint32_t)(p - view->line.text.ptr);

	if (view->in_file)
		secret = secrets_from(&r->secrets, pos);
	if (secret != NULL && secret->begin <= pos) {
		cell.next = p + (secret->end - pos);
		cell.next = cell.next < end ? cell.next : end;
		cell.instead = SECRET_MASK;
		cell.width = sizeof(SECRET_MASK) - 1;
		return cell;
	}
	cell.next = utf8_next(p, end, &c);
	cell.tab = c == '\t';
	if (!cell.tab && utf8_hostile(c))
		cell.instead = "?";
	else if (!cell.tab)
		cell.width = utf8_width(c);
	return cell;
}

/* Where to start and stop in a line too long to show whole. */
static void
window(const struct view *view, const char **from, const char **to)
{
	const char *text = view->line.text.ptr;
	size_t len = view->line.text.len;

	*from = text;
	*to = text + len;
	if (len <= LINE_SHOWN)
		return;
	if (view->begin > LINE_BEFORE) {
		*from = text + view->begin - LINE_BEFORE;
		while (*from < *to && ((unsigned char)**from & 0xc0) == 0x80)
			(*from)++;
	}
	if ((size_t)(*to - *from) > LINE_SHOWN)
		*to = *from + LINE_SHOWN;
	while (*to < text + len && ((unsigned char)**to & 0xc0) == 0x80)
		(*to)++;
}

/* Columns from `from` to `to`; a tab takes eight at most. */
static unsigned
columns_between(const struct renderer *r, const struct view *view, const char *from,
    const char *to)
{
	unsigned columns = 0;

	while (from < to) {
		struct cell cell = cell_at(r, view, from, to);

		columns += cell.tab ? 8 : cell.width;
		from = cell.next;
	}
	return columns;
}

/* Cuts to what fits the screen: up to half of it before the place, the rest behind. */
static void
narrow(const struct renderer *r, const struct view *view, const char **from, const char **to)
{
	const char *place = view->line.text.ptr + view->begin;
	unsigned room = r->screen->columns;

	if (room == 0)
		return;
	room = room < LINE_LEAST + LINE_AROUND ? LINE_LEAST : room - LINE_AROUND;
	if (columns_between(r, view, *from, *to) <= room)
		return;
	while (columns_between(r, view, *from, place < *to ? place : *to) > room / 2)
		*from = cell_at(r, view, *from, *to).next;
	while (columns_between(r, view, *from, *to) > room)
		do
			(*to)--;
		while (((unsigned char)**to & 0xc0) == 0x80);
}

static void
print_run(const struct renderer *r, unsigned width, bool tab, char mark)
{
	if (tab && mark == ' ') {
		fputc('\t', r->screen->file);
		return;
	}
	for (unsigned i = 0; i < width; i++)
		fputc(mark == '^' && i > 0 ? '~' : mark, r->screen->file);
}

/* The line below the excerpt: a second pass over the same cells. */
struct marks {
	struct { unsigned char width; bool tab; char mark; } cells[LINE_SHOWN + 8];
	size_t count;
};

static void
print_excerpt(const struct renderer *r, const struct view *view)
{
	const char *from, *to, *text = view->line.text.ptr;
	struct marks marks = {.count = 0};
	bool begun = false;

	window(view, &from, &to);
	narrow(r, view, &from, &to);
	fprintf(r->screen->file, "%5u | %s", view->line.number, from > text ? "..." : "");
	for (const char *p = from; p < to;) {
		const struct cell cell = cell_at(r, view, p, to);
		size_t begin = (size_t)(p - text), end = (size_t)(cell.next - text);
		char mark = ' ';

		if (cell.instead != NULL)
			fputs(cell.instead, r->screen->file);
		else
			fwrite(p, 1, end - begin, r->screen->file);
		if (end > view->begin && (begin < view->end || !begun))
			mark = begun ? '~' : '^';
		begun |= mark != ' ';
		if (marks.count < sizeof(marks.cells) / sizeof(*marks.cells)) {
			marks.cells[marks.count].width = (unsigned char)cell.width;
			marks.cells[marks.count].tab = cell.tab;
			marks.cells[marks.count++].mark = mark;
		}
		p = cell.next;
	}
	fprintf(r->screen->file, "%s\n      | %s%s", to < text + view->line.text.len ? "..." : "",
	    from > text ? "   " : "", paint(r, "\33[1;32m"));
	while (begun && marks.count > 0 && marks.cells[marks.count - 1].mark == ' ')
		marks.count--;
	for (size_t i = 0; i < marks.count; i++)
		print_run(r, marks.cells[i].width, marks.cells[i].tab, marks.cells[i].mark);
	fprintf(r->screen->file, "%s%s\n", begun ? "" : "^", paint(r, "\33[0m"));
}

/* The last place shown of a source: most of a long file is not shown. */
static uint32_t
last_shown(const struct renderer *r, const struct source *source)
{
	struct diagnostics_cursor cursor = {0};
	const struct diagnostic *d;
	uint32_t last = source->begin;

	while ((d = diagnostics_next(r->diagnostics, &cursor)) != NULL) {
		if (d->at.begin > last && sources_at(r->sources, d->at.begin) == source)
			last = d->at.begin;
		if (d->has_note && !d->note_unplaced && d->note_at.begin > last &&
		    sources_at(r->sources, d->note_at.begin) == source)
			last = d->note_at.begin;
	}
	return last;
}

static void
print_place(struct renderer *r, struct span at, const char *colour, const char *word,
    struct slice message, const char *slug)
{
	const struct source *source = sources_at(r->sources, at.begin);
	struct view view = {0};
	char name[200];		/* anybody may have chosen it: cut to fit a line */
	size_t len = source->path.len < sizeof(name) ? source->path.len : sizeof(name);

	if (r->masked != source) {
		secrets_release(&r->secrets);
		secrets_find_until(source, last_shown(r, source), &r->secrets);
		r->masked = source;
	}
	view_find(source, at, &view);
	fputs(paint(r, "\33[1m"), r->screen->file);
	memcpy(name, source->path.ptr, len);
	fwrite(name, 1, utf8_disarm(name, len), r->screen->file);
	fprintf(r->screen->file, ":%u:%u: %s%s:%s %.*s", view.line.number,
	    column_of(view.line.text, view.begin), paint(r, colour), word, paint(r, "\33[0m"),
	    (int)message.len, message.ptr);
	if (slug != NULL)
		fprintf(r->screen->file, " [%s]", slug);
	fputc('\n', r->screen->file);
	print_excerpt(r, &view);
}

static void
print_one(struct renderer *r, const struct diagnostic *d)
{
	enum severity severity = slugs[d->slug].severity;

	print_place(r, d->at, severity_colours[severity], severity_words[severity], d->message,
	    slugs[d->slug].name);
	if (d->help.ptr != NULL)
		fprintf(r->screen->file, "      = %shelp:%s %.*s\n", paint(r, "\33[1;36m"),
		    paint(r, "\33[0m"), (int)d->help.len, d->help.ptr);
	if (d->note_unplaced)
		fprintf(r->screen->file, "      = %snote:%s %.*s\n", paint(r, "\33[1;36m"),
		    paint(r, "\33[0m"), (int)d->note.len, d->note.ptr);
	else if (d->has_note)
		print_place(r, d->note_at, "\33[1;36m", "note", d->note, NULL);
}

static void
print_unshown(const struct renderer *r, const struct diagnostics *diagnostics,
    enum severity severity)
{
	size_t count = diagnostics->count[severity];

	if (severity == SEVERITY_ERROR && diagnostics_enough(diagnostics))
		fprintf(r->screen->file, "tmail: more than %d errors, %d of them shown\n",
		    DIAGNOSTICS_ENOUGH, DIAGNOSTICS_SHOWN);
	else if (count > diagnostics->kept[severity])
		fprintf(r->screen->file, "tmail: %zu %ss, the first %d shown\n", count,
		    severity_words[severity], DIAGNOSTICS_SHOWN);
}

static bool
is_wanted(const struct sources *sources, const struct diagnostic *d,
    enum render_warnings warnings)
{
	if (warnings == RENDER_LAST_WARNINGS)
		return d->at.begin >= sources->list[sources->count - 1]->begin;
	return warnings == RENDER_WARNINGS;
}

void
render_diagnostics(const struct diagnostics *diagnostics, const struct sources *sources,
    enum render_warnings warnings, const struct screen *screen)
{
	struct renderer r = {.diagnostics = diagnostics, .sources = sources, .screen = screen};
	struct diagnostics_cursor cursor = {0};
	const struct diagnostic *d;

	while ((d = diagnostics_next(diagnostics, &cursor)) != NULL)
		if (slugs[d->slug].severity == SEVERITY_ERROR || is_wanted(sources, d, warnings))
			print_one(&r, d);
	print_unshown(&r, diagnostics, SEVERITY_ERROR);
	if (warnings == RENDER_WARNINGS)
		print_unshown(&r, diagnostics, SEVERITY_WARNING);
	secrets_release(&r.secrets);
}
