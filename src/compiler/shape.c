#include "compiler/shape.h"

void
shape_apply(const struct shape *shape, struct parse *parse, const struct token *tokens)
{
	parse_open(parse, shape->kind, tokens[0]);
	for (unsigned i = 0; i < shape->item_count; i++)
		parse_item(parse, shape->items[i].role, tokens[shape->items[i].token]);
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

/* The end of the name at p. */
static const char *
name_end(const char *p, unsigned kind)
{
	if (kind == TK_WORD)
		return lexer_plain_end(p);
	while (*p >= '0' && *p <= '9')
		p++;
	return p;
}

/* Reads the line at p; its end, behind the line feed, or NULL. */
static const char *
read_line(const struct shape *shape, const char *p, struct token *tokens)
{
	for (unsigned i = 0;; i++) {
		unsigned kind = shape->tokens[i] & 0xffff;
		const char *begin = p + shape->texts[i].blanks;

		if (!same(p, shape->texts[i].ptr, shape->texts[i].len))
			return NULL;
		p += shape->texts[i].len;
		tokens[i] = (struct token){.ptr = begin, .kind = (uint16_t)kind,
		    .info = (uint16_t)(shape->tokens[i] >> 16)};
		if (kind == TK_NL)
			return p;
		if (kind == TK_WORD || kind == TK_ID) {
			p = name_end(begin, kind);
			if (p == NULL || p == begin || (size_t)(p - begin) > WORD_LENGTH_MAX)
				return NULL;
			tokens[i].info = kind == TK_WORD ? WORD_PLAIN : 0;
		}
		tokens[i].len = (uint32_t)(p - begin);
	}
}

/* Writes a plain route; false: it takes the long way. */
static bool
apply_plain(const struct shape *shape, struct parse *parse, const struct token *tokens)
{
	bool written = shape->item_count == 3;
	const struct token *to = &tokens[shape->items[written].token];
	const struct token *via = &tokens[shape->items[written + 1].token];

	return shape->plain &&
	    stmts_plain(parse->stmts, source_pos(parse->source, tokens[0].ptr), parse->lexer.line,
		written ? tokens[shape->items[0].token].len : 0, slice(to->ptr, to->len),
		slice(via->ptr, via->len));
}

bool
shape_read(const struct shape *shape, struct parse *parse)
{
	struct token tokens[SHAPE_TOKENS];
	const char *begin = parse->lexer.cursor, *p = begin, *end;

	while (shape->alike && p < parse->stop && (end = read_line(shape, p, tokens)) != NULL) {
		if (!apply_plain(shape, parse, tokens)) {
			parse->line = parse->lexer.line;
			shape_apply(shape, parse, tokens);
			stmts_close(parse->stmts, false);
		}
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
is_regular(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (strchr(" \t\r\n-", text.ptr[i]) == NULL &&
		    (text.ptr[i] < 'a' || text.ptr[i] > 'z'))
			return false;
	return true;
}

/* Notes how the line that was just read is written. */
static void
note_texts(struct shape *shape, const struct parse *parse, const struct token *tokens,
    unsigned count)
{
	const char *p = parse->begin, *end = p;

	shape->alike = shape->kind == STATEMENT_ROUTE;
	for (unsigned i = 0; i < count; i++) {
		const struct token *token = &tokens[i];
		bool name = token->kind == TK_WORD || token->kind == TK_ID;

		end = token->ptr + (name ? 0 : token->len);
		shape->texts[i] = (struct text){.ptr = p,
		    .len = (uint32_t)(end - p), .blanks = (uint32_t)(token->ptr - p)};
		shape->alike &= is_regular(slice(p, (size_t)(end - p)));
		p = token->ptr + token->len;
	}
	shape->alike &= end > parse->begin && end[-1] == '\n';
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
	note_texts(shapes->last, parse, tokens, count);
}
