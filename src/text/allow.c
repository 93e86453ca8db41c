#include "text/allow.h"

#include <stdlib.h>

#include "base/nearest.h"
#include "text/edit.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static const char *
skip_blanks(const char *p, const char *end)
{
	while (p < end && is_blank(*p))
		p++;
	return p;
}

static enum slug
slug_named(struct slice name)
{
	for (int slug = 0; slug < SLUG_COUNT; slug++)
		if (slice_is(name, slugs[slug].name))
			return (enum slug)slug;
	return SLUG_COUNT;
}

/* Behind "allow" and the blank it wants, in a comment whose text is at p; NULL: it is another. */
static const char *
names_of(const char *p, const char *end)
{
	static const char word[] = "allow";
	size_t n = sizeof(word) - 1;

	p = skip_blanks(p, end);
	if ((size_t)(end - p) <= n || memcmp(p, word, n) != 0 || !is_blank(p[n]))
		return NULL;
	return skip_blanks(p + n, end);
}

/* The name at p; commas, and blanks behind them, are in front of the next. */
static struct slice
name_at(const char *p, const char *end)
{
	const char *begin = p;

	while (p < end && *p != ',' && !is_blank(*p))
		p++;
	return slice(begin, (size_t)(p - begin));
}

/* "# allow bob to send" is a comment like any other. */
static void
read_names(struct allowances *allowances, const struct source *source, const char *p,
    const char *end)
{
	size_t before = allowances->count;
	bool known = false, more = true;

	while (more) {
		struct slice name = name_at(p, end);
		uint32_t at = source_pos(source, name.ptr);
		enum slug slug = slug_named(name);

		allowances->list = mem_grow(allowances->list, allowances->count,
		    &allowances->capacity, sizeof(*allowances->list));
		allowances->list[allowances->count++] = (struct allowance){
		    .word = span(at, at + (uint32_t)name.len), .slug = slug,
		    .name = name.ptr};
		known |= slug != SLUG_COUNT;
		p = skip_blanks(name.ptr + name.len, end);
		more = p < end && *p == ',';
		if (more)
			p = skip_blanks(p + 1, end);
	}
	if (!known && p < end)
		allowances->count = before;
}

/* Whether a comment on a line of its own has begun before its sign at p. */
static bool
in_comment(const char *text, const char *p)
{
	const char *newline = memrchr(text, '\n', (size_t)(p - text));
	const char *first = skip_blanks(newline == NULL ? text : newline + 1, p);

	return first < p && *first == '#';
}

void
allow_read(struct allowances *allowances, const struct source *source)
{
	const char *end = source->text + source->size, *p = source->text;

	for (; (p = memchr(p, '#', (size_t)(end - p))) != NULL; p++) {
		const char *names = names_of(p + 1, end), *stop;

		if (names == NULL || in_comment(source->text, p))
			continue;
		stop = memchr(names, '\n', (size_t)(end - names));
		stop = stop == NULL ? end : stop;
		while (stop > names && (is_blank(stop[-1]) || stop[-1] == '\r'))
			stop--;
		if (stop > names)
			read_names(allowances, source, names, stop);
	}
}

bool
allow_is_all(struct slice comment)
{
	const char *end = comment.ptr + comment.len, *p = comment.ptr;

	while (end > p && (is_blank(end[-1]) || end[-1] == '\r'))
		end--;
	p = skip_blanks(p, end);
	p = names_of(p < end && *p == '#' ? p + 1 : p, end);
	while (p != NULL && p < end) {
		struct slice name = name_at(p, end);

		if (slug_named(name) == SLUG_COUNT)
			return false;
		p = skip_blanks(name.ptr + name.len, end);
		if (p < end && *p != ',')
			return false;
		p = p < end ? skip_blanks(p + 1, end) : p;
	}
	return p != NULL;
}

/* The first whose word is behind a place. */
static size_t
first_behind(const struct allowances *allowances, uint32_t pos)
{
	size_t low = 0, high = allowances->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (allowances->list[middle].word.begin >= pos)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* What stands in the strings of a statement is none, nor what a comment goes on to say. */
static void
match(struct allowances *allowances, const struct source *source, const struct stmt *stmt,
    size_t i)
{
	struct span comment = edit_comment(source, stmt);
	const char *sign = memchr(source_text(source, comment.begin), '#',
	    comment.end - comment.begin);
	const char *names = sign == NULL ? NULL : names_of(sign + 1, source_text(source, comment.end));
	bool own = names != NULL;

	for (; i < allowances->count && allowances->list[i].word.begin < comment.end; i++) {
		struct allowance *allowance = &allowances->list[i];

		if (own && allowance->word.begin >= source_pos(source, names))
			allowance->statement = span(stmt->pos, comment.end);
		else
			allowance->used = true;
	}
}

void
allow_match(struct allowances *allowances, const struct source *source, const struct stmts *stmts)
{
	struct stmt stmt;
	size_t at = 0, i = 0;

	while (i < allowances->count && stmts_next(stmts, &at, &stmt)) {
		i = first_behind(allowances, stmt.pos);
		if (i < allowances->count &&
		    allowances->list[i].word.begin < source->begin + source->size)
			match(allowances, source, &stmt, i);
	}
}

bool
allow_use(struct allowances *allowances, enum slug slug, uint32_t pos)
{
	bool found = false;

	for (size_t i = first_behind(allowances, pos); i < allowances->count; i++) {
		struct allowance *allowance = &allowances->list[i];

		if (allowance->statement.end == 0)
			continue;
		if (allowance->statement.begin > pos)
			break;
		if (allowance->slug == slug)
			allowance->used = found = true;
	}
	return found;
}

static enum allow_told
told_when(enum slug slug)
{
	if (slug == SLUG_UNUSABLE_FILE || slug == SLUG_UNUSABLE_PASSWORD_FILE)
		return ALLOW_FILES;
	return slug == SLUG_UNWEIGHTED || slug == SLUG_UNREACHABLE ? ALLOW_STRICT : ALLOW_ALWAYS;
}

static void
warn_unknown(const struct allowance *allowance, struct diagnostics *diagnostics)
{
	struct slice word = slice(allowance->name,
	    allowance->word.end - allowance->word.begin);
	struct diagnostic *d = diagnose(diagnostics, allowance->word, SLUG_IDLE_ALLOW,
	    "'%.*s' is no warning", SLICE_ARG(word));
	struct nearest nearest;

	nearest_init(&nearest, word);
	for (int slug = 0; slug < SLUG_COUNT; slug++)
		if (slugs[slug].severity == SEVERITY_WARNING)
			nearest_offer(&nearest, slice_str(slugs[slug].name));
	if (nearest.found.ptr != NULL)
		diagnostic_help(diagnostics, d, "did you mean '%.*s'?", SLICE_ARG(nearest.found));
}

static void
warn(const struct allowance *allowance, struct diagnostics *diagnostics)
{
	const struct slug_row *row = &slugs[allowance->slug];
	struct diagnostic *d;

	if (allowance->statement.end == 0) {
		d = diagnose(diagnostics, allowance->word, SLUG_IDLE_ALLOW,
		    "a comment on a line of its own silences nothing");
		diagnostic_help(diagnostics, d, "let it stand behind the statement");
	} else if (row->severity == SEVERITY_ERROR) {
		diagnose(diagnostics, allowance->word, SLUG_IDLE_ALLOW,
		    "'%s' is an error, which nothing silences", row->name);
	} else {
		diagnose(diagnostics, allowance->word, SLUG_IDLE_ALLOW,
		    "there is no '%s' to silence", row->name);
	}
}

void
allow_warn(const struct allowances *allowances, enum allow_told told,
    struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < allowances->count; i++) {
		const struct allowance *allowance = &allowances->list[i];

		if (allowance->used || told_when(allowance->slug) != told)
			continue;
		if (allowance->slug != SLUG_COUNT)
			warn(allowance, diagnostics);
		else if (allowance->statement.end != 0)
			warn_unknown(allowance, diagnostics);
	}
}

void
allow_release(struct allowances *allowances)
{
	free(allowances->list);
	*allowances = (struct allowances){0};
}
