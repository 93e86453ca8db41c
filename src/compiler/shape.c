#include "compiler/shape.h"

void
shape_apply(const struct shape *shape, struct parse *parse, const struct token *tokens)
{
	parse_open(parse, shape->kind, tokens[0]);
	for (unsigned i = 0; i < shape->item_count; i++)
		parse_item(parse, shape->items[i].role, tokens[shape->items[i].token]);
}

/* The end of the word at p that can be of this kind; NULL: nobody knows. */
static const char *
word_end(const char *p, unsigned kind, struct slice word)
{
	const char *digits = p;

	switch (kind) {
	case TK_WORD:
		return lexer_plain_end(p);
	case TK_ID:
		while (*digits >= '0' && *digits <= '9')
			digits++;
		return digits;
	case TK_PART:
	case TK_STRING:
		return NULL;
	default:
		return memcmp(p, word.ptr, word.len) == 0 ? p + word.len : NULL;
	}
}

const char *
shape_read(const struct shape *shape, const char *p, struct token *tokens)
{
	for (unsigned i = 0; shape->tokens[i] != TK_NL; i++) {
		unsigned kind = shape->tokens[i] & 0xffff;
		const char *begin = i == 0 ? p : p + 1;

		if (i > 0 && *p != ' ')
			return NULL;
		p = word_end(begin, kind, shape->words[i]);
		if (p == NULL || p == begin || (size_t)(p - begin) > WORD_LENGTH_MAX)
			return NULL;
		tokens[i] = (struct token){.ptr = begin, .len = (uint32_t)(p - begin),
		    .kind = (uint16_t)kind, .info = (uint16_t)(shape->tokens[i] >> 16)};
		if (kind == TK_WORD)
			tokens[i].info = WORD_PLAIN;
	}
	return *p == '\n' ? p : NULL;
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

void
shapes_learn(struct shapes *shapes, const struct parse *parse, const struct token *tokens,
    unsigned count)
{
	struct shape *shape = &shapes->list[shapes->next];
	size_t at = parse->stmts->open;
	struct stmt stmt;

	if (!stmts_next(parse->stmts, &at, &stmt) || stmt.count > SHAPE_TOKENS)
		return;
	*shape = (struct shape){.kind = stmt.kind, .item_count = stmt.count};
	for (unsigned i = 0; i < count; i++) {
		shape->tokens[i] = shape_token(tokens[i]);
		shape->words[i] = slice(tokens[i].ptr, tokens[i].len);
	}
	for (unsigned i = 0; i < stmt.count; i++) {
		shape->items[i].token =
		    (unsigned char)token_of(parse, stmt_items(&stmt)[i], tokens, count);
		shape->items[i].role = (unsigned char)item_role(stmt_items(&stmt)[i]);
	}
	shapes->next = (shapes->next + 1) % SHAPES;
	shapes->last = shape;
}
