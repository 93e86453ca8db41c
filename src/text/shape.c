#include "text/shape.h"

void
shape_apply(const struct shape *shape, struct parse *parse, const struct token *tokens)
{
	parse_open(parse, shape->kind, tokens[0]);
	for (unsigned i = 0; i < shape->item_count; i++)
		parse_item(parse, shape->items[i].role, tokens[shape->items[i].token]);
}

/* Tokens that differ in lines that are alike. */
static bool
is_name(unsigned kind)
{
	return kind == TK_WORD || kind == TK_ID;
}

/* A line as read without the lexer. */
struct line {
	const char *begin;
	struct slice names[SHAPE_TOKENS];
	unsigned plain;		/* which of them are plain names, as a mask */
};

static const char *
slice_end(struct slice s)
{
	return s.ptr + s.len;
}

/* Whether n bytes are the same; those of eight behind them are readable. */
static bool
same(const char *a, const char *b, size_t n)
{
	for (; n >= 8; a += 8, b += 8, n -= 8)
		if (le64_get(a) != le64_get(b))
			return false;
	return n == 0 || (le64_get(a) ^ le64_get(b)) << (64 - 8 * n) == 0;
}

/* Whether bare words hold it; those that hold more than ASCII are not read here. */
static bool
is_bare(char c)
{
	/* Letters, digits, and ! $ % & * + , - . / : < = > @ [ ] _ | ~ */
	static const uint64_t bare[4] = {UINT64_C(0x77fffc7200000000), UINT64_C(0x57fffffeafffffff)};
	unsigned char byte = (unsigned char)c;

	return (bare[byte >> 6] >> (byte & 63) & 1) != 0;
}

/* The end of the name at p; what stands there must not go on with it. */
static const char *
name_end(const char *p, unsigned kind, bool *plain)
{
	const char *end = kind == TK_WORD ? lexer_plain_end(p) : NULL;

	*plain = end != NULL && (unsigned char)*end <= ' ';
	if (*plain)
		return end;
	if (kind == TK_WORD)
		while (is_bare(*p))
			p++;
	else
		while (*p >= '0' && *p <= '9')
			p++;
	return p;
}

/* Reads the names of the line at p; its end, behind the line feed, or NULL. */
static const char *
read_line(const struct shape *shape, const char *p, struct line *line)
{
	line->begin = p;
	line->plain = 0;
	for (unsigned i = 0;; i++) {
		const struct text *text = &shape->texts[i];
		const char *begin = p + text->len;
		bool plain;

		if (!same(p, text->ptr, text->len))
			return NULL;
		if (text->before == TK_NL)
			return begin;
		p = name_end(begin, text->before, &plain);
		if (p == begin || (size_t)(p - begin) > WORD_LENGTH_MAX)
			return NULL;
		line->names[i] = slice(begin, (size_t)(p - begin));
		line->plain |= (unsigned)plain << i;
	}
}

/* The line's tokens, as the lexer would have read them. */
static void
find_tokens(const struct shape *shape, const struct line *line, struct token *tokens)
{
	for (unsigned i = 0; i < SHAPE_TOKENS && shape->tokens[i] != 0; i++) {
		unsigned text = shape->places[i].text;
		struct slice word =
		    slice(text == 0 ? line->begin : slice_end(line->names[text - 1]),
			shape->places[i].len);

		word.ptr += shape->places[i].at;
		tokens[i] = (struct token){.kind = (uint16_t)shape->tokens[i],
		    .info = (uint16_t)(shape->tokens[i] >> 16)};
		if (is_name(shape->tokens[i])) {
			word = line->names[text];
			tokens[i].info = (line->plain >> text & 1) != 0 ? WORD_PLAIN : 0;
		}
		tokens[i].ptr = word.ptr;
		tokens[i].len = (uint32_t)word.len;
	}
}

/* Writes a plain route; false: it is none, or too long for that. */
static bool
apply_plain(const struct shape *shape, struct parse *parse, const struct line *line)
{
	bool written = shape->tokens[1] == TK_ID;

	return shape->plain && (line->plain >> written & 1) != 0 &&
	    stmts_plain(parse->stmts,
		source_pos(parse->source, line->begin + shape->places[0].at),
		parse->lexer.line, written ? line->names[0] : slice(NULL, 0),
		line->names[written], line->names[written + 1],
		(line->plain >> (written + 1) & 1) != 0);
}

static void
apply_line(const struct shape *shape, struct parse *parse, const struct line *line)
{
	struct token tokens[SHAPE_TOKENS];

	if (apply_plain(shape, parse, line))
		return;
	find_tokens(shape, line, tokens);
	parse->line = parse->lexer.line;
	shape_apply(shape, parse, tokens);
	stmts_close(parse->stmts, false);
}

bool
shape_read(const struct shape *shape, struct parse *parse)
{
	const char *begin = parse->lexer.cursor, *p = begin, *end;
	struct line line;

	while (shape->alike && p < parse->stop && (end = read_line(shape, p, &line)) != NULL) {
		apply_line(shape, parse, &line);
		parse->lexer.line++;
		parse->lexer.last = p;
		p = end;
	}
	if (p == begin)
		return false;
	parse->lexer.cursor = p;
	parse->carried = false;
	return true;
}

/* Whether a line may be compared with these bytes: keywords and blanks. */
static bool
is_regular(const char *p, const char *end)
{
	for (; p < end; p++)
		if ((*p < 'a' || *p > 'z') && *p != ' ' && *p != '\t' && *p != '\r' &&
		    *p != '\n' && *p != '-')
			return false;
	return true;
}

/* Whether lines can be like the one that was just read: nothing but its names differs. */
static bool
can_be_alike(const struct parse *parse, const struct token *tokens, unsigned count)
{
	const char *p = parse->begin, *end = p;

	if (tokens[0].kind != TK_ROUTE)
		return false;
	for (unsigned i = 0; i < count; i++) {
		end = tokens[i].ptr + tokens[i].len;
		if (!is_regular(p, is_name(tokens[i].kind) ? tokens[i].ptr : end))
			return false;
		p = end;
	}
	return end > parse->begin && end[-1] == '\n';
}

/* Notes how the line that was just read is written. */
static void
note_texts(struct shape *shape, const struct parse *parse, const struct token *tokens,
    unsigned count)
{
	const char *p = parse->begin;
	struct text *text = shape->texts;

	for (unsigned i = 0; i < count; i++) {
		const struct token *token = &tokens[i];
		const char *end = token->ptr + token->len;

		shape->places[i] = (struct place){.text = (unsigned)(text - shape->texts),
		    .at = (size_t)(token->ptr - p), .len = token->len};
		if (is_name(token->kind) || token->kind == TK_NL) {
			*text++ = (struct text){.ptr = p, .before = token->kind,
			    .len = (size_t)((token->kind == TK_NL ? end : token->ptr) - p)};
			p = end;
		}
	}
	shape->alike = true;
	shape->plain = plain_at(parse->stmts, parse->stmts->open);
}

/* The token that an item was made of; count: none. */
static unsigned
token_of(const struct parse *parse, struct item item, const struct token *tokens, unsigned count)
{
	const char *p = source_text(parse->source, item.pos);
	unsigned i = 0;

	while (i < count && tokens[i].ptr != p)
		i++;
	return i;
}

static void
note_items(struct shape *shape, const struct parse *parse, const struct token *tokens,
    unsigned count)
{
	size_t at = parse->stmts->open;
	struct stmt stmt = {.count = 0};

	stmts_next(parse->stmts, &at, &stmt);
	*shape = (struct shape){.kind = stmt.kind, .item_count = stmt.count};
	for (unsigned i = 0; i < count; i++)
		shape->tokens[i] = shape_token(tokens[i]);
	for (unsigned i = 0; i < stmt.count; i++) {
		shape->items[i].token =
		    (unsigned char)token_of(parse, stmt_items(&stmt)[i], tokens, count);
		shape->items[i].role = (unsigned char)item_role(stmt_items(&stmt)[i]);
	}
}

void
shapes_learn(struct shapes *shapes, unsigned fitting, const struct parse *parse,
    const struct token *tokens, unsigned count)
{
	if (fitting != 0) {
		shapes->last = &shapes->list[__builtin_ctz(fitting)];
	} else {
		shapes->last = &shapes->list[shapes->next];
		shapes->next = (shapes->next + 1) % SHAPES;
		note_items(shapes->last, parse, tokens, count);
	}
	if (can_be_alike(parse, tokens, count))
		note_texts(shapes->last, parse, tokens, count);
}
