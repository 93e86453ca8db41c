#include "text/fmt.h"

#include <stdlib.h>
#include <strings.h>

#include "base/utf8.h"
#include "text/lexer.h"
#include "text/quote.h"
#include "text/values.h"

/* A word as it is to be written. */
struct piece {
	struct slice text;
	bool joined;	/* to the one before it: no blank between them */
	bool breaks;	/* a line may begin with it */
};

/* A statement with its comment, or a line without words. */
struct line {
	const char *begin;
	const char *end;	/* its line end, or the end of the text */
	const char *next;
	struct slice comment;	/* absent: there is none */
	struct piece *pieces;
	size_t count, capacity;
	uint16_t first;		/* the kind of its first word */
};

struct fmt {
	struct edit *edit;
	const struct source *source;
	const struct names *defined;
	struct lexer lexer;
	struct arena scratch;	/* words that have lost their quotes */
	struct line line;
	bool blank;		/* the line before is a blank one */
	char *out;		/* the line as it is to be written */
	size_t len, capacity;
};

static bool
is_word(struct slice text, const char *word)
{
	size_t n = strlen(word);

	return text.len == n && strncasecmp(text.ptr, word, n) == 0;
}

/* Whether a pattern or host would mean something else without its quotes, or be refused. */
static bool
is_special(struct slice text, enum lexer_state state)
{
	return memchr("$@*<", text.ptr[0], 4) != NULL || memchr(text.ptr, ',', text.len) != NULL ||
	    is_word(text, "any") || is_word(text, "mx") ||
	    (text.len > 3 && strncasecmp(text.ptr, "mx:", 3) == 0) ||
	    (state == LEX_FIRST && slice_is(text, "file"));
}

/* Whether it could be taken for the name of a relay or list that lacks its sign. */
static bool
is_defined(const struct fmt *fmt, struct slice text)
{
	const char *colon = memchr(text.ptr, ':', text.len);

	if (colon != NULL)
		text.len = (size_t)(colon - text.ptr);
	return fmt->defined != NULL && names_find(fmt->defined, text) != NO_NAME;
}

/* A value without its quotes where it does not need them; before: the kind of the word in front. */
static struct slice
unquoted(struct fmt *fmt, const struct token *token, enum lexer_state state, uint16_t before)
{
	struct slice written = slice(token->ptr, token->len), value;

	if (quote_undo(&fmt->scratch, written, &value) != NULL || !quote_is_bare(value) ||
	    utf8_lookalike(value) != NULL || (before != TK_OPTION && is_special(value, state)) ||
	    ((state == LEX_PATTERN || before == TK_VIA) && is_defined(fmt, value)))
		return written;
	return value;
}

static void
add_piece(struct line *line, struct slice text, bool joined, bool breaks)
{
	line->pieces = mem_grow(line->pieces, line->count, &line->capacity, sizeof(*line->pieces));
	line->pieces[line->count++] = (struct piece){text, joined, breaks};
}

/*
 * A line may begin with an option or a value of a list, the name of which comes first;
 * before: the kind of the token in front.
 */
static bool
may_break(const struct line *line, const struct token *token, bool joined, uint16_t before)
{
	if (line->first == TK_LIST)
		return line->count >= 2 && token->kind == TK_WORD &&
		    (!joined || before == TK_COMMA);
	return line->count >= 1 && token->kind == TK_OPTION;
}

/* What stands behind the last word, whose end is p. */
static struct slice
comment_behind(const char *p, const char *end)
{
	p += word_gap(slice(p, (size_t)(end - p)));
	return p < end && *p == '#' ? slice(p, (size_t)(end - p)) : slice(NULL, 0);
}

static void
read_line(struct fmt *fmt)
{
	struct line *line = &fmt->line;
	const char *end = fmt->lexer.cursor;
	uint16_t before = 0;

	line->begin = end;
	line->count = 0;
	for (;;) {
		enum lexer_state state = fmt->lexer.state;
		struct token token;
		bool joined;

		lexer_next(&fmt->lexer, &token);
		if (token.kind == TK_NL || token.kind == 0) {
			line->end = token.ptr;
			break;
		}
		joined = line->count > 0 && token.ptr == end;
		/* What is missing beside a comma. */
		if (token.len == 0)
			continue;
		if (line->count == 0)
			line->first = token.kind;
		add_piece(line, token.kind == TK_WORD && (token.info & WORD_QUOTED) != 0
			? unquoted(fmt, &token, state, before)
			: slice(token.ptr, token.len), joined,
		    may_break(line, &token, joined, before));
		end = token.ptr + token.len;
		before = token.kind;
	}
	line->comment = comment_behind(end, line->end);
	line->next = fmt->lexer.cursor;
}

static void
put(struct fmt *fmt, struct slice text)
{
	while (text.len > fmt->capacity - fmt->len) {
		fmt->capacity = fmt->capacity < 512 ? 1024 : fmt->capacity * 2;
		fmt->out = mem_resize(fmt->out, fmt->capacity, 1);
	}
	if (text.len > 0)
		memcpy(fmt->out + fmt->len, text.ptr, text.len);
	fmt->len += text.len;
}

static size_t
columns_of(struct slice text)
{
	size_t columns = 0;

	for (size_t i = 0; i < text.len; i++)
		columns += ((unsigned char)text.ptr[i] & 0xc0) != 0x80;
	return columns;
}

/* The columns of the words from `from` to before `to`, and of the blanks between them. */
static size_t
columns_between(const struct line *line, size_t from, size_t to)
{
	size_t columns = 0;

	for (size_t i = from; i < to; i++)
		columns += (i > from && !line->pieces[i].joined) + columns_of(line->pieces[i].text);
	return columns;
}

/* That of the statement itself where there is one, so that a file has one kind. */
static struct slice
line_end(const struct fmt *fmt)
{
	const struct line *line = &fmt->line;
	const char *newline = line->end;

	if (newline == line->next)
		newline = memchr(line->begin, '\n', (size_t)(line->end - line->begin));
	if (newline == NULL)
		return edit_line_end(fmt->source, source_pos(fmt->source, line->begin));
	if (newline > line->begin && *newline == '\n' && newline[-1] == '\r')
		newline--;
	return slice(newline, *newline == '\r' ? 2 : 1);
}

/* The end of the words that stand together on a line, whatever its length. */
static size_t
run_end(const struct line *line, size_t i)
{
	for (i++; i < line->count && !line->pieces[i].breaks; i++)
		;
	return i;
}

static void
put_words(struct fmt *fmt, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		if (i > from && !fmt->line.pieces[i].joined)
			put(fmt, slice_str(" "));
		put(fmt, fmt->line.pieces[i].text);
	}
}

/* Fills lines, each with room for the " \" that continues it. */
static void
put_broken(struct fmt *fmt)
{
	const struct line *line = &fmt->line;
	size_t column = 0, to;

	for (size_t i = 0; i < line->count; i = to) {
		size_t width, blank = i > 0 && !line->pieces[i].joined;

		to = run_end(line, i);
		width = columns_between(line, i, to);
		if (i > 0 && column + blank + width + (to < line->count ? 2 : 0) > FMT_COLUMNS) {
			put(fmt, slice_str(" \\"));
			put(fmt, line_end(fmt));
			put(fmt, slice_str("    "));
			column = FMT_INDENT;
		} else {
			put(fmt, slice(" ", blank));
			column += blank;
		}
		put_words(fmt, i, to);
		column += width;
	}
}

/* A line of its own keeps what stands in front of its sign. */
static void
put_comment(struct fmt *fmt)
{
	const struct line *line = &fmt->line;
	const char *p = line->comment.ptr;

	if (p == NULL)
		return;
	if (line->count > 0)
		put(fmt, slice_str(" "));
	else
		while (p > line->begin && (p[-1] == ' ' || p[-1] == '\t'))
			p--;
	put(fmt, slice(p, (size_t)(line->comment.ptr + line->comment.len - p)));
}

/* Whether a statement goes on in a line with nothing: an empty line it looks, and stays. */
static bool
ends_empty(const struct line *line)
{
	const char *newline = memrchr(line->begin, '\n', (size_t)(line->end - line->begin));

	if (newline == NULL || line->count == 0)
		return false;
	while (++newline < line->end && (*newline == ' ' || *newline == '\t'))
		;
	return newline == line->end;
}

static void
write_line(struct fmt *fmt)
{
	const struct line *line = &fmt->line;

	fmt->len = 0;
	put_words(fmt, 0, line->count);
	/* No line has more characters than bytes. */
	if (fmt->len > FMT_COLUMNS && columns_of(slice(fmt->out, fmt->len)) > FMT_COLUMNS) {
		fmt->len = 0;
		put_broken(fmt);
	}
	put_comment(fmt);
	if (ends_empty(line))
		put(fmt, line_end(fmt));
}

/* Of a line that stays one only what differs is kept, and a byte at its beginning: whoever shows
 * what has changed takes a gap between lines for none of them. */
static void
trim(const char **begin, const char **end, struct slice *text)
{
	const char *start = *begin;
	size_t kept;

	if (memchr(start, '\n', (size_t)(*end - start)) != NULL ||
	    (text->len > 0 && memchr(text->ptr, '\n', text->len) != NULL))
		return;
	while (text->len > 0 && *begin < *end && **begin == *text->ptr) {
		(*begin)++;
		*text = slice(text->ptr + 1, text->len - 1);
	}
	kept = *begin == start ? 1 : 0;
	while (text->len > kept && (size_t)(*end - *begin) > kept &&
	    (*end)[-1] == text->ptr[text->len - 1]) {
		(*end)--;
		text->len--;
	}
}

static void
replace(struct fmt *fmt, const char *end, struct slice text)
{
	const char *begin = fmt->line.begin;

	if (slice_eq(text, slice(begin, (size_t)(end - begin))))
		return;
	trim(&begin, &end, &text);
	edit_splice(fmt->edit, source_pos(fmt->source, begin), source_pos(fmt->source, end),
	    arena_copy(&fmt->edit->arena, text));
}

void
fmt_source(struct edit *edit, const struct source *source, const struct names *defined)
{
	const char *end = source->text + source->size;
	struct fmt fmt = {.edit = edit, .source = source, .defined = defined};

	lexer_init(&fmt.lexer, source->text, end, LEX_STATEMENT, 1);
	while (fmt.lexer.cursor < end) {
		bool blank;

		read_line(&fmt);
		blank = fmt.line.count == 0 && fmt.line.comment.ptr == NULL;
		if (blank && fmt.blank) {
			replace(&fmt, fmt.line.next, slice("", 0));
		} else {
			write_line(&fmt);
			replace(&fmt, fmt.line.end, slice(fmt.out, fmt.len));
		}
		fmt.blank = blank || ends_empty(&fmt.line);
		arena_release(&fmt.scratch);
	}
	free(fmt.line.pieces);
	free(fmt.out);
}
