/*
 * shape.h - the shape of a statement: the kinds of its tokens, and the items
 * that came of them.  The parser looks at nothing else, so a statement of a
 * shape that it has accepted before gives the same items, and in a long file
 * nearly all are of a few shapes.
 *
 * Most are even written alike: the same keywords, one blank between words,
 * plain names.  Such a line is read without the lexer's help.
 */
#ifndef COMPILER_SHAPE_H
#define COMPILER_SHAPE_H

#include "compiler/parse.h"

enum { SHAPES = 4, SHAPE_TOKENS = 12 };

struct shape {
	uint32_t tokens[SHAPE_TOKENS];	/* with the line end; zero behind it */
	struct slice words[SHAPE_TOKENS];	/* as the first of this shape has them */
	enum statement kind;
	unsigned item_count;
	struct {
		unsigned char token;
		unsigned char role;
	} items[SHAPE_TOKENS];
};

/* The last few shapes.  Zero the struct to start. */
struct shapes {
	struct shape list[SHAPES];
	unsigned next;		/* the one to be forgotten next */
	const struct shape *last;	/* of the statement before; NULL: none */
};

/* All of them, as a mask. */
#define SHAPES_ALL ((1u << SHAPES) - 1)

/* What of a token makes the shape: its kind and, of an option, which it is. */
static inline uint32_t
shape_token(struct token token)
{
	return token.kind | (token.kind == TK_OPTION ? (uint32_t)token.info << 16 : 0);
}

/* Those of the shapes in `fitting` that have this token as number n. */
static inline unsigned
shapes_follow(const struct shapes *shapes, unsigned fitting, unsigned n, struct token token)
{
	if (n >= SHAPE_TOKENS)
		return 0;
	for (unsigned left = fitting; left != 0; left &= left - 1)
		if (shapes->list[__builtin_ctz(left)].tokens[n] != shape_token(token))
			fitting &= ~(left & -left);
	return fitting;
}

/* Writes a statement of this shape, whose tokens these are. */
void shape_apply(const struct shape *shape, struct parse *parse, const struct token *tokens);

/*
 * shape_read - reads the line at p, a route written like that of the shape,
 * into tokens.  Its line end, or NULL: the lexer must look at it.
 */
const char *shape_read(const struct shape *shape, const char *p, struct token *tokens);

/* Remembers the shape of the statement that was just parsed without an error. */
void shapes_learn(struct shapes *shapes, const struct parse *parse, const struct token *tokens,
    unsigned count);

#endif
