#include "compiler/shape.h"

void
shapes_apply(const struct shapes *shapes, unsigned fitting, struct parse *parse,
    const struct token *tokens)
{
	const struct shape *shape = &shapes->list[__builtin_ctz(fitting)];

	parse_open(parse, shape->kind, tokens[0]);
	for (unsigned i = 0; i < shape->item_count; i++)
		parse_item(parse, shape->items[i].role, tokens[shape->items[i].token]);
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
	for (unsigned i = 0; i < count; i++)
		shape->tokens[i] = shape_token(tokens[i]);
	for (unsigned i = 0; i < stmt.count; i++) {
		shape->items[i].token =
		    (unsigned char)token_of(parse, stmt.items[i], tokens, count);
		shape->items[i].role = (unsigned char)item_role(stmt.items[i]);
	}
	shapes->next = (shapes->next + 1) % SHAPES;
}
