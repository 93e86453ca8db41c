#include "text/parse.h"

#include <stdlib.h>

#include "base/utf8.h"
#include "text/fault.h"
#include "text/quick.h"
#include "text/secret.h"

void
parse_open(struct parse *parse, enum statement kind, struct token keyword)
{
	stmts_open(parse->stmts, kind, source_pos(parse->source, keyword.ptr), parse->line);
	parse->opened = true;
}

/*
 * Looks for invalid UTF-8 up to p and some more.  Lines read without the lexer
 * hold ASCII alone, so only the others are looked at.
 */
static void
vet(struct parse *parse, const char *p)
{
	enum { BLOCK = 1024 };
	const char *end = parse->lexer.end, *from;

	while (parse->flaw == NULL && parse->vetted < p) {
		from = parse->vetted > parse->begin ? parse->vetted : parse->begin;
		parse->vetted = end - from > BLOCK ? from + BLOCK : end;
		while (parse->vetted < end && (*parse->vetted & 0xc0) == 0x80)
			parse->vetted++;
		parse->flaw = utf8_flaw(from, parse->vetted);
	}
}

/* The first invalid UTF-8 from the statement's begin to p, the end of a token; NULL: none. */
static const char *
flaw_before(struct parse *parse, const char *p)
{
	if (parse->vetted < p && parse->flaw == NULL)
		vet(parse, p);
	return parse->flaw != NULL && parse->flaw < p ? parse->flaw : NULL;
}

/* One error a statement: an invalid byte explains the rest. */
void
parse_syntax_error(struct parse *parse, const struct token *token)
{
	parse->failed = true;
	parse->reported = flaw_before(parse, parse->lexer.last) == NULL;
	if (parse->reported)
		fault_syntax(parse, token);
}

static void
begin_statement(struct parse *parse)
{
	parse->begin = parse->lexer.cursor;
	parse->lexer.vain = NULL;
	parse->failed = parse->reported = false;
	parse->opened = false;
}

/* Reports invalid UTF-8 up to the cursor: it breaks the statement it is in. */
static bool
find_flaw(struct parse *parse)
{
	const char *flaw = flaw_before(parse, parse->lexer.cursor);

	if (flaw == NULL)
		return false;
	if (!parse->reported)
		fault_utf8(parse, flaw);
	parse->flaw = NULL;
	parse->vetted = parse->lexer.cursor;
	return true;
}

/* Keeps of a broken statement what others need, so that they are no errors. */
static void
keep_broken(struct parse *parse)
{
	struct lexer lexer;
	struct token keyword, word;

	lexer_init(&lexer, parse->begin, parse->lexer.end, LEX_STATEMENT, 1);
	lexer_next(&lexer, &keyword);
	lexer_next(&lexer, &word);
	if (keyword.kind == TK_ROUTE) {
		parse_open(parse, STATEMENT_ROUTE, keyword);
		if (word.kind == TK_ID)
			parse_item(parse, ITEM_ID, word);
	} else if ((keyword.kind == TK_RELAY || keyword.kind == TK_LIST) && word.kind == TK_WORD) {
		parse_open(parse,
		    keyword.kind == TK_RELAY ? STATEMENT_RELAY : STATEMENT_LIST, keyword);
		parse_item(parse, ITEM_NAME, word);
	} else if (keyword.kind == TK_INCLUDE) {
		parse_open(parse, STATEMENT_INCLUDE, keyword);
	}
}

/* Whether what was broken off here may go on in the next line. */
static bool
breaks_off(const struct parse *parse)
{
	struct secrets secrets;
	bool carried = parse->carried;

	secrets_of_statement(parse->source, parse->begin, &carried, &secrets);
	secrets_release(&secrets);
	return carried;
}

static void
close_statement(struct parse *parse, bool broken)
{
	uint32_t pos = parse->stmts->words[parse->stmts->open];

	if (stmts_cut(parse->stmts)) {
		diagnose(parse->diagnostics, span(pos, pos + 1), SLUG_TOO_LONG,
		    "a statement of over %d words", STMT_ITEMS_MAX);
		broken = true;
	}
	stmts_close(parse->stmts, broken);
}

static void
end_statement(struct parse *parse)
{
	bool flawed = find_flaw(parse);

	if (parse->failed || parse->opened)
		parse->carried = parse->failed && breaks_off(parse);
	if (parse->lexer.vain != NULL && !parse->failed)
		fault_vain(parse, parse->lexer.vain);
	if (parse->failed && !parse->opened)
		keep_broken(parse);
	if (parse->opened)
		close_statement(parse, parse->failed || flawed);
}

static void
feed(void *parser, struct token token)
{
	routes_parser(parser, token.kind, token);
}

/* After an error: skips to the line's end, and the parser is between statements. */
static void
recover(void *parser, struct parse *parse, struct token *token)
{
	while (token->kind != TK_NL && token->kind != 0)
		lexer_next(&parse->lexer, token);
	routes_parserInit(parser, parse);
	feed(parser, (struct token){.ptr = token->ptr, .kind = TK_NL});
}

/* Reads a statement, or some plain routes; false at the end of the text. */
static bool
read_statement(void *parser, struct parse *parse)
{
	struct token token;
	bool more;

	if (quick_read(parse))
		return true;
	begin_statement(parse);
	lexer_next(&parse->lexer, &token);
	parse->line = parse->lexer.line;
	while (token.kind != TK_NL && token.kind != 0) {
		feed(parser, token);
		if (parse->failed)
			break;
		lexer_next(&parse->lexer, &token);
	}
	more = token.kind != 0;
	if (!parse->failed) {
		token.kind = TK_NL;
		feed(parser, token);
	}
	if (parse->failed) {
		recover(parser, parse, &token);
		more = more && token.kind != 0;
	}
	end_statement(parse);
	return more;
}

void
parse_file(struct source *source, struct diagnostics *diagnostics, struct stmts *stmts)
{
	struct parse parse = {.source = source, .diagnostics = diagnostics, .stmts = stmts,
	    .bearable = diagnostics_bearable(diagnostics)};

	parse_part(&parse, slice(source->text, source->size));
	source->lines = parse.lexer.line;
}

void
parse_part(struct parse *parse, struct slice text)
{
	void *parser = routes_parserAlloc(mem_alloc, parse);

	parse->stop = text.ptr + text.len;
	parse->vetted = text.ptr;
	stmts_reserve(parse->stmts, text.len);
	lexer_init(&parse->lexer, text.ptr, parse->source->text + parse->source->size,
	    LEX_STATEMENT, 1);
	while (read_statement(parser, parse) && parse->lexer.cursor < parse->stop &&
	    parse->diagnostics->count[SEVERITY_ERROR] <= parse->bearable)
		;
	/* The last statement's action runs with the token behind it. */
	feed(parser, (struct token){.ptr = parse->lexer.cursor, .kind = 0});
	routes_parserFree(parser, free);
}

/* A word of a list's file that stands behind a value, or is none. */
static void
refuse_word(struct parse *parse, struct token *token)
{
	uint32_t begin = source_pos(parse->source, token->ptr);

	lexer_join(&parse->lexer, token);
	if (token->kind == TK_WORD)
		diagnose(parse->diagnostics, span(begin, begin + token->len), SLUG_SECOND_VALUE,
		    "a list's file has one value a line");
	else
		fault_lexical(parse, token);
	while (token->kind != TK_NL && token->kind != 0)
		lexer_next(&parse->lexer, token);
}

void
parse_values(struct source *source, struct diagnostics *diagnostics, struct stmts *stmts)
{
	const char *end = source->text + source->size, *flaw = utf8_flaw(source->text, end);
	struct parse parse = {.source = source, .diagnostics = diagnostics, .stmts = stmts};
	struct token token = {.kind = TK_NL};
	int before;

	if (fault_encoding(source, diagnostics))
		return;
	lexer_init(&parse.lexer, source->text, end, LEX_LINES, 1);
	stmts_open(stmts, STATEMENT_LIST, source->begin, 1);
	do {
		before = token.kind;
		lexer_next(&parse.lexer, &token);
		if (flaw != NULL && flaw < parse.lexer.cursor) {
			fault_utf8(&parse, flaw);
			flaw = NULL;
			while (token.kind != TK_NL && token.kind != 0)
				lexer_next(&parse.lexer, &token);
		} else if (token.kind == TK_WORD && (before == TK_NL || before == TK_COMMA)) {
			parse_item(&parse, ITEM_VALUE, token);
		} else if (token.kind != TK_NL && token.kind != TK_COMMA && token.kind != 0) {
			refuse_word(&parse, &token);
		}
	} while (token.kind != 0 && !diagnostics_enough(diagnostics));
	close_statement(&parse, false);
	source->lines = parse.lexer.line;
}
