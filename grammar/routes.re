/*
 * The lexer of routes.conf.  Every state has a catch-all word rule, so that a
 * faulty word is one token, underlined whole, and lexing stays linear.
 */
#include "text/lexer.h"

#include "text/words.h"

void
lexer_init(struct lexer *lexer, const char *text, const char *end, enum lexer_state state,
    uint32_t line)
{
	*lexer = (struct lexer){.cursor = text, .end = end, .state = state,
	    .after = state, .line = line};
}

/* A keyword was read that wants `values` values before the state `after`. */
static void
expect(struct lexer *lexer, enum lexer_state state, unsigned values, enum lexer_state after)
{
	lexer->state = state;
	lexer->values = values;
	lexer->after = after;
}

static void
value_read(struct lexer *lexer)
{
	if (lexer->values > 0 && --lexer->values == 0)
		lexer->state = lexer->after;
}

/* What may touch the end of a word. */
static int
ends_word(const unsigned char *p)
{
	return *p <= ' ' || *p == '\\';
}

/* Whether a line is empty from p on. */
static bool
is_empty(const unsigned char *p)
{
	while (*p == ' ' || *p == '\t')
		p++;
	return *p == '\n' || *p == '\r';
}

/* Whether commas join values: see lexer.h. */
static bool
joins(enum lexer_state state)
{
	return state == LEX_PATTERN || state == LEX_VALUES || state == LEX_LINES;
}

/* What a value, bare or quoted, from start to p is. */
static inline int
read_value(struct lexer *lexer, const unsigned char *start, const unsigned char *p)
{
	if (p - start > WORD_LENGTH_MAX)
		return TK_LONG;
	if (lexer->state == LEX_FIRST)
		lexer->state = LEX_VALUES;
	if (*p == ',' && joins(lexer->state))
		return TK_WORD;
	if (!ends_word(p))
		return TK_STUCK;
	value_read(lexer);
	return TK_WORD;
}

/* "a,#": a comment stands behind a blank, and no pattern begins so. */
static const unsigned char *
comma_junk(struct token *token, const unsigned char *p)
{
	token->kind = TK_JUNK;
	for (p += 2; !ends_word(p) && *p != '"' && *p != ','; p++)
		;
	token->len = (uint32_t)((const char *)p - token->ptr);
	return p;
}

/*
 * A comma at p, and where to read on.  A value missing beside it is an empty
 * word: one in front at once, one behind when the comma is read again.
 */
static const unsigned char *
comma(struct lexer *lexer, struct token *token, const unsigned char *p)
{
	bool joined = lexer->gap || lexer->last == (const char *)p;
	bool last = ends_word(p + 1);

	token->ptr = (const char *)p;
	token->len = 1;
	if (joined && !lexer->gap) {
		token->kind = TK_COMMA;
		if (last && p[-1] == '"' && lexer->state == LEX_PATTERN) {
			token->kind = TK_STUCK;
			token->len = 0;
			return p + 1;
		}
		if (p[1] == '#')
			return comma_junk(token, p);
		lexer->gap = last || p[1] == ',';
		return p + !lexer->gap;
	}
	token->ptr += joined;
	token->len = 0;
	token->kind = (uint16_t)read_value(lexer, p, p + joined);
	lexer->gap = false;
	return p + joined;
}

static uint32_t
newlines(const unsigned char *p, const unsigned char *end)
{
	uint32_t n = 0;

	for (; p < end; p++)
		n += *p == '\n';
	return n;
}

void
lexer_next(struct lexer *lexer, struct token *token)
{
	const unsigned char *cursor = (const unsigned char *)lexer->cursor;
	const unsigned char *marker, *start;
	int kind;

#define OPTION(name) \
	{ \
		token->info = OPTION_##name; \
		expect(lexer, LEX_VALUE, 1, LEX_KEYWORD); \
		kind = TK_OPTION; \
		goto keyword; \
	}
#define KEYWORD(name, state, values, after) \
	{ \
		expect(lexer, LEX_##state, values, LEX_##after); \
		kind = TK_##name; \
		goto keyword; \
	}

	if (*cursor == ' ')
		cursor++;
again:
	start = cursor;
	token->info = 0;
/*!re2c
	re2c:define:YYCTYPE = "unsigned char";
	re2c:define:YYCURSOR = cursor;
	re2c:define:YYMARKER = marker;
	re2c:define:YYGETCONDITION = "lexer->state";
	re2c:define:YYGETCONDITION:naked = 1;
	re2c:define:YYCONDTYPE = lexer_state;
	re2c:condenumprefix = LEX_;
	re2c:condprefix = lex_;
	re2c:yyfill:enable = 0;
	re2c:sentinel = 0;

	blank = [ \t];
	newline = "\r"? "\n";
	partchar = [A-Za-z0-9\x80-\xff._+=/:@*<>|&[\]$%~!-];
	part = partchar+;
	word = (partchar | ",")+;
	label = [a-z0-9_-]+;
	plain = label ("." label)*;
	name = (label ".")* [a-z0-9_-]* [a-z_-];
	junk = [^\x00-\x20"\\#] [^\x00-\x20"\\]*;
	junkpart = [^\x00-\x20"\\#,] [^\x00-\x20"\\,]*;
	stringchar = [^\x00-\x08\x0a-\x1f\x7f"\\] | "\\" [^\x00-\x1f\x7f];
	string = ["] stringchar* ["];
	comment = "#" [^\x00-\x08\x0a-\x1f\x7f]*;

	<*> blank+ { goto again; }
	<*> comment { goto again; }
	<*> "\\" newline {
		lexer->line++;
		if (lexer->vain == NULL && is_empty(cursor))
			lexer->vain = (const char *)start;
		if (cursor >= (const unsigned char *)lexer->end) {
			kind = TK_CONTINUED;
			goto done;
		}
		goto again;
	}
	<*> newline {
		lexer->line++;
		if (lexer->state != LEX_LINES)
			lexer->state = LEX_STATEMENT;
		kind = TK_NL;
		goto done;
	}
	<*> [\x00] {
		if (start >= (const unsigned char *)lexer->end) {
			cursor = start;
			kind = 0;
			goto done;
		}
		kind = TK_CONTROL;
		goto done;
	}

	<STATEMENT> "route" { KEYWORD(ROUTE, HEAD, 0, KEYWORD) }
	<STATEMENT> "relay" { KEYWORD(RELAY, VALUE, 2, KEYWORD) }
	<STATEMENT> "list" { KEYWORD(LIST, VALUE, 1, FIRST) }
	<STATEMENT> "default" { KEYWORD(DEFAULT, KEYWORD, 0, KEYWORD) }
	<STATEMENT> "include" { KEYWORD(INCLUDE, PATH, 1, KEYWORD) }
	<STATEMENT> "source" { KEYWORD(SOURCE, VALUE, 1, KEYWORD) }
	<STATEMENT> "expect" { KEYWORD(EXPECT, MAIL, 0, KEYWORD) }

	<HEAD> [0-9]+ { KEYWORD(ID, KEYWORD, 0, KEYWORD) }
	<HEAD,KEYWORD> "to" { KEYWORD(TO, PATTERN, 1, KEYWORD) }
	<HEAD,KEYWORD> "user" { KEYWORD(USER, PATTERN, 1, KEYWORD) }
	<HEAD,KEYWORD> "from" { KEYWORD(FROM, PATTERN, 1, KEYWORD) }
	<HEAD,KEYWORD> "via" { KEYWORD(VIA, VALUE, 1, KEYWORD) }
	<HEAD,KEYWORD> "reject" { KEYWORD(REJECT, KEYWORD, 0, KEYWORD) }
	<HEAD,KEYWORD> "defer" { KEYWORD(DEFER, KEYWORD, 0, KEYWORD) }
	<HEAD,KEYWORD> "discard" { KEYWORD(DISCARD, KEYWORD, 0, KEYWORD) }
	!include "options.re";
	<HEAD,KEYWORD,MAIL> string { token->info = WORD_QUOTED; kind = ends_word(cursor) ? TK_STRING : TK_STUCK; goto done; }

	<MAIL> "to" { KEYWORD(TO, PATTERN, 1, MAIL) }
	<MAIL> "user" { KEYWORD(USER, PATTERN, 1, MAIL) }
	<MAIL> "from" { KEYWORD(FROM, PATTERN, 1, MAIL) }
	<MAIL> "via" { KEYWORD(VIA, PATTERN, 1, KEYWORD) }
	<MAIL> "first" { KEYWORD(FIRST, PATTERN, 1, KEYWORD) }
	<MAIL> "route" { KEYWORD(ROUTE, PATTERN, 1, KEYWORD) }
	<MAIL> "mx" (":" part)? { KEYWORD(MX, KEYWORD, 0, KEYWORD) }
	<MAIL> "reject" { KEYWORD(REJECT, KEYWORD, 0, KEYWORD) }
	<MAIL> "defer" { KEYWORD(DEFER, KEYWORD, 0, KEYWORD) }
	<MAIL> "discard" { KEYWORD(DISCARD, KEYWORD, 0, KEYWORD) }

	<FIRST> "file" {
		if (*cursor != ',')
			KEYWORD(FILE, PATH, 1, KEYWORD)
		token->info = WORD_PLAIN;
		goto value;
	}

	<PATH> string { token->info = WORD_QUOTED; value_read(lexer); kind = ends_word(cursor) ? TK_STRING : TK_STUCK; goto done; }

	<PATTERN,FIRST,VALUES,LINES> "any" { goto value; }
	<PATTERN,FIRST,VALUES,LINES> name { token->info = WORD_PLAIN; goto value; }
	<VALUE> plain { token->info = WORD_PLAIN; goto value; }
	<PATTERN,FIRST,VALUES,LINES> part { goto value; }
	<VALUE> word { goto value; }
	<PATTERN,VALUE,FIRST,VALUES,LINES> string { token->info = WORD_QUOTED; goto value; }
	<PATTERN,FIRST,VALUES,LINES> "," {
		lexer->cursor = (const char *)comma(lexer, token, start);
		lexer->last = token->ptr + token->len;
		return;
	}

	<STATEMENT,HEAD,KEYWORD,MAIL,PATH> word { kind = TK_UNKNOWN; goto done; }
	<STATEMENT> string { kind = TK_STRING; goto done; }
	<*> ["] stringchar* "\\"? { kind = TK_UNTERMINATED; goto done; }
	<*> ["] stringchar* ("\\" blank* newline stringchar*)+ ["]? {
		lexer->line += newlines(start, cursor);
		kind = TK_UNTERMINATED;
		goto done;
	}
	<*> "\\" blank+ newline { lexer->line++; kind = TK_CONTROL; goto done; }
	<STATEMENT,HEAD,KEYWORD,MAIL,VALUE,PATH> junk { kind = TK_JUNK; goto done; }
	<PATTERN,FIRST,VALUES,LINES> junkpart { kind = TK_JUNK; goto done; }
	<*> * { kind = TK_CONTROL; goto done; }
*/
keyword:
	if (*cursor == '"')
		kind = TK_STUCK;
	goto done;
value:
	kind = read_value(lexer, start, cursor);
done:
	token->len = (uint32_t)(cursor - start);
	token->ptr = (const char *)start;
	token->kind = (uint16_t)kind;
	lexer->cursor = (const char *)cursor;
	if (kind != TK_NL && kind != 0)
		lexer->last = (const char *)cursor;
}

/* A bare value, or what had to be one. */
static bool
is_bare(const struct token *token)
{
	return token->kind == TK_JUNK ||
	    (token->kind == TK_WORD && (token->info & WORD_QUOTED) == 0);
}

void
lexer_join(struct lexer *lexer, struct token *token)
{
	while (is_bare(token) && *lexer->cursor == ',' && joins(lexer->state)) {
		struct lexer ahead = *lexer;
		struct token next;

		do
			lexer_next(&ahead, &next);
		while (next.kind == TK_COMMA);
		if (!is_bare(&next))
			return;
		*lexer = ahead;
		token->len = (uint32_t)(next.ptr + next.len - token->ptr);
		if (token->kind != TK_JUNK)
			token->kind = next.kind;
		token->info = 0;
	}
}

void
lexer_next_joined(struct lexer *lexer, struct token *token)
{
	lexer_next(lexer, token);
	/* Commas beside strings. */
	while (token->kind == TK_COMMA) {
		lexer_next(lexer, token);
		if (token->kind == TK_WORD && token->len == 0)
			lexer_next(lexer, token);
	}
	lexer_join(lexer, token);
}
