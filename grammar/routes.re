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
	*lexer = (struct lexer){.cursor = text, .end = end, .last = text, .state = state,
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

/*
 * A value, bare or quoted.  In a selector, a comma between it and a quoted
 * neighbour joins the two: TK_PART is a value with more to come.
 */
static int
value(struct lexer *lexer, struct token *token, const unsigned char *start,
    const unsigned char **cursor, unsigned flags)
{
	const unsigned char *p = *cursor;
	int list = lexer->state == LEX_VALUES || lexer->state == LEX_FIRST ||
	    lexer->state == LEX_LINES;

	token->info = (uint16_t)flags;
	token->len = (uint32_t)(p - start);
	if (token->len > WORD_LENGTH_MAX)
		return TK_LONG;
	if (lexer->state == LEX_FIRST)
		lexer->state = LEX_VALUES;
	if ((flags & WORD_QUOTED) != 0 && *p == ',' && (list || lexer->state == LEX_PATTERN)) {
		*cursor = p + 1;
		if (list)
			return TK_WORD;
		return ends_word(p + 1) ? TK_STUCK : TK_PART;
	}
	if ((flags & WORD_QUOTED) == 0 && *p == '"' && p[-1] == ',') {
		if (list)
			return TK_WORD;
		if (lexer->state == LEX_PATTERN) {
			token->len--;
			return TK_PART;
		}
	}
	if (!ends_word(p))
		return TK_STUCK;
	value_read(lexer);
	return TK_WORD;
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
	wordchar = [A-Za-z0-9\x80-\xff._+=/:@*<>|&[\]$%~!,-];
	word = wordchar+;
	label = [a-z0-9_-]+;
	plain = label ("." label)*;
	junk = [^\x00-\x20"\\#] [^\x00-\x20"\\]*;
	stringchar = [^\x00-\x08\x0a-\x1f\x7f"\\] | "\\" [^\x00-\x1f\x7f];
	string = ["] stringchar* ["];
	comment = "#" [^\x00-\x08\x0a-\x1f\x7f]*;

	<*> blank+ { goto again; }
	<*> comment { goto again; }
	<*> "\\" newline {
		lexer->line++;
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

	<HEAD> [0-9]+ { KEYWORD(ID, KEYWORD, 0, KEYWORD) }
	<HEAD,KEYWORD> "to" { KEYWORD(TO, PATTERN, 1, KEYWORD) }
	<HEAD,KEYWORD> "user" { KEYWORD(USER, PATTERN, 1, KEYWORD) }
	<HEAD,KEYWORD> "from" { KEYWORD(FROM, PATTERN, 1, KEYWORD) }
	<HEAD,KEYWORD> "via" { KEYWORD(VIA, VALUE, 1, KEYWORD) }
	<HEAD,KEYWORD> "reject" { KEYWORD(REJECT, KEYWORD, 0, KEYWORD) }
	<HEAD,KEYWORD> "defer" { KEYWORD(DEFER, KEYWORD, 0, KEYWORD) }
	<HEAD,KEYWORD> "port" { OPTION(PORT) }
	<HEAD,KEYWORD> "priority" { OPTION(PRIORITY) }
	<HEAD,KEYWORD> "weight" { OPTION(WEIGHT) }
	<HEAD,KEYWORD> "local" { OPTION(LOCAL) }
	<HEAD,KEYWORD> "login" { OPTION(LOGIN) }
	<HEAD,KEYWORD> "password" { OPTION(PASSWORD) }
	<HEAD,KEYWORD> "password-file" { OPTION(PASSWORD_FILE) }
	<HEAD,KEYWORD> "tls" { OPTION(TLS) }
	<HEAD,KEYWORD> "tls-name" { OPTION(TLS_NAME) }
	<HEAD,KEYWORD> "helo" { OPTION(HELO) }
	<HEAD,KEYWORD> "transport" { OPTION(TRANSPORT) }
	<HEAD,KEYWORD> string { kind = ends_word(cursor) ? TK_STRING : TK_STUCK; goto done; }

	<FIRST> "file" { KEYWORD(FILE, PATH, 1, KEYWORD) }

	<PATH> string { value_read(lexer); kind = ends_word(cursor) ? TK_STRING : TK_STUCK; goto done; }

	<PATTERN,VALUE,FIRST,VALUES,LINES> plain { kind = value(lexer, token, start, &cursor, WORD_PLAIN); goto sized; }
	<PATTERN,VALUE,FIRST,VALUES,LINES> word { kind = value(lexer, token, start, &cursor, 0); goto sized; }
	<PATTERN,VALUE,FIRST,VALUES,LINES> string { kind = value(lexer, token, start, &cursor, WORD_QUOTED); goto sized; }

	<STATEMENT,HEAD,KEYWORD,PATH> word { kind = TK_UNKNOWN; goto done; }
	<STATEMENT> string { kind = TK_STRING; goto done; }
	<*> ["] stringchar* "\\"? { kind = TK_UNTERMINATED; goto done; }
	<*> ["] stringchar* ("\\" blank* newline stringchar*)+ ["]? {
		lexer->line += newlines(start, cursor);
		kind = TK_UNTERMINATED;
		goto done;
	}
	<*> "\\" blank+ newline { lexer->line++; kind = TK_CONTROL; goto done; }
	<*> junk { kind = TK_JUNK; goto done; }
	<*> * { kind = TK_CONTROL; goto done; }
*/
keyword:
	if (*cursor == '"')
		kind = TK_STUCK;
done:
	token->len = (uint32_t)(cursor - start);
sized:
	token->ptr = (const char *)start;
	token->kind = (uint16_t)kind;
	lexer->cursor = (const char *)cursor;
	if (kind != TK_NL && kind != 0)
		lexer->last = (const char *)start + token->len;
}
