/*
 * shape.h - the shape of a statement: the kinds of its tokens, and the items
 * that came of them.  The parser looks at nothing else, so a statement of a
 * shape that it has accepted before gives the same items, and in a long file
 * nearly all are of a few shapes.
 *
 * Most are even written alike: the same keywords and blanks around plain
 * names.  Such lines are read without the lexer's help.
 */
#ifndef TEXT_SHAPE_H
#define TEXT_SHAPE_H

#include "text/parse.h"

enum { SHAPES = 4, SHAPE_TOKENS = 12 };

/* What stands in front of a name, up to the name before it: keywords and blanks. */
struct text {
	const char *ptr;
	size_t len;
	unsigned before;	/* the kind of the name; TK_NL: it is the last, with the line end */
};

/* Where a token stands. */
struct place {
	unsigned text;		/* in which text; of a name: behind which */
	size_t at;		/* and where in it */
	size_t len;
};

struct shape {
	uint32_t tokens[SHAPE_TOKENS];	/* with the line end; zero behind it */
	struct text texts[SHAPE_TOKENS];	/* as the last regular line of this shape has them */
	struct place places[SHAPE_TOKENS];
	bool alike;		/* lines with the same texts can do without the lexer */
	bool plain;		/* they are plain routes */
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
	struct shape *last;	/* of the statement before; NULL: none */
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
 * shape_read - reads lines, if they are routes written like the last one of
 * the shape; false: not even the first of them is.
 */
bool shape_read(const struct shape *shape, struct parse *parse);

/*
 * shapes_learn - remembers the statement that was just parsed without an
 * error: its shape, if it is none of the fitting ones, and how it is written.
 */
void shapes_learn(struct shapes *shapes, unsigned fitting, const struct parse *parse,
    const struct token *tokens, unsigned count);

#endif
