/*
 * parse.h - from text to statements: drives the lexer and the parser.
 *
 * parse_file reads the statements of one source.  Every broken statement
 * gives one diagnostic; the valid ones around it are kept.
 */
#ifndef TEXT_PARSE_H
#define TEXT_PARSE_H

#include <stdbool.h>

#include "text/diagnostic.h"
#include "text/lexer.h"
#include "text/source.h"
#include "text/statement.h"

struct parse {
	struct source *source;
	struct diagnostics *diagnostics;
	struct stmts *stmts;
	struct lexer lexer;
	const char *begin;	/* start of the line the statement begins on; NULL in lists */
	uint32_t line;		/* of its first word */
	bool opened;		/* parse_open ran for the statement being read */
	bool failed;		/* there is a syntax error in it */
	bool reported;		/* ...and it was reported */
	bool carried;		/* the statement before broke off in a credential */
	const char *vetted;	/* up to here it was looked for invalid UTF-8; */
	const char *flaw;	/* the first from `begin` to there, or NULL */
	const char *stop;	/* no statement that begins here or later is read */
	size_t bearable;	/* none behind more errors than that is, either */
};

/* Parses a source; its line count is set.  Faults go to diagnostics. */
void parse_file(struct source *source, struct diagnostics *diagnostics, struct stmts *stmts);

/*
 * parse_values - parses a list's file, one value or several joined by commas a
 * line, into a list without a name; otherwise as parse_file.
 */
void parse_values(struct source *source, struct diagnostics *diagnostics, struct stmts *stmts);

/*
 * parse_part - parses whole lines of a source, the first of them counting as
 * line 1; source, diagnostics and stmts must be set.
 */
void parse_part(struct parse *parse, struct slice text);

/*
 * parse_halves - parses a large source in two threads, into two vectors that
 * follow each other.  False, and nothing is changed: the source is not large,
 * or something in it is to be reported, which parse_file does in the right
 * order.
 */
bool parse_halves(struct source *source, struct stmts *first, struct stmts *second);

/* For the grammar's actions. */
void parse_open(struct parse *parse, enum statement kind, struct token keyword);
void parse_syntax_error(struct parse *parse, const struct token *token);

/*
 * The generated parser (grammar/routes.y).  It owns no memory but itself, so
 * that Init alone makes it new.  parser_expected says which kinds may follow the tokens of a statement so
 * far, by replaying them over the parser's tables: set[kind].
 */
enum { PARSER_KINDS = TK_CONTINUED + 1 };
void *routes_parserAlloc(void *(*alloc)(size_t), struct parse *parse);
void routes_parserInit(void *parser, struct parse *parse);
void routes_parser(void *parser, int kind, struct token token);
void routes_parserFree(void *parser, void (*release)(void *));
void parser_expected(const char *begin, const char *end, const char *stop,
    bool set[PARSER_KINDS]);

_Static_assert((int)WORD_QUOTED == ITEM_QUOTED && (int)WORD_PLAIN == ITEM_PLAIN,
    "a word's flags are its item's");

static inline void
parse_item_flagged(struct parse *parse, unsigned role, unsigned flags, struct token word)
{
	stmts_item(parse->stmts, role, flags | word.info, source_pos(parse->source, word.ptr),
	    slice(word.ptr, word.len));
}

static inline void
parse_item(struct parse *parse, unsigned role, struct token word)
{
	parse_item_flagged(parse, role, 0, word);
}

/* One more pattern of the selector before it. */
static inline void
parse_more(struct parse *parse, struct token word)
{
	parse_item_flagged(parse, stmts_last_role(parse->stmts), ITEM_MORE, word);
}

static inline void
parse_option(struct parse *parse, struct token keyword, struct token value)
{
	parse_item(parse, ITEM_OPTION + (unsigned)keyword.info, value);
}

#endif
