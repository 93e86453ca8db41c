/*
 * The grammar of routes.conf: one statement a line, no nesting, no meaning.
 * Each action records what was written; it may use the tokens it is given and
 * nothing else, since lemon runs it one token late.
 *
 * Errors: the driver (text/parse.c) skips to the line's end and starts
 * the parser anew; there is no error symbol.
 */
%name routes_parser
%token_prefix TK_
%token_type { struct token }
%extra_context { struct parse *parse }
%stack_size 24

/* The order fixes the numbers, which parse.c names in a table. */
%token NL ROUTE RELAY LIST DEFAULT INCLUDE SOURCE EXPECT ID TO USER FROM VIA FIRST MX REJECT DEFER DISCARD FILE OPTION WORD COMMA STRING.
/* Faults: in no rule, so that they always end in %syntax_error. */
%token UNKNOWN JUNK STUCK UNTERMINATED CONTROL LONG CONTINUED.

%include {
#include "text/parse.h"

#define YYNOERRORRECOVERY 1

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
}

%token_destructor { (void)parse; (void)$$; }
%syntax_error { (void)yymajor; parse_syntax_error(parse, &TOKEN); }

file ::= lines.
lines ::= .
lines ::= lines NL.
lines ::= lines route NL.
lines ::= lines relay NL.
lines ::= lines list NL.
lines ::= lines listfile NL.
lines ::= lines default NL.
lines ::= lines include NL.
lines ::= lines source NL.
lines ::= lines expect NL.

head ::= ROUTE(K). { parse_open(parse, STATEMENT_ROUTE, K); }
head ::= ROUTE(K) ID(I). { parse_open(parse, STATEMENT_ROUTE, K); parse_item(parse, ITEM_ID, I); }
head ::= head TO WORD(V). { parse_item(parse, ITEM_TO, V); }
head ::= head USER WORD(V). { parse_item(parse, ITEM_USER, V); }
head ::= head FROM WORD(V). { parse_item(parse, ITEM_FROM, V); }
head ::= head COMMA WORD(V). { parse_more(parse, V); }

route ::= head VIA WORD(V). { parse_item(parse, ITEM_VIA, V); }
route ::= head REJECT(K). { parse_item(parse, ITEM_REJECT, K); }
route ::= head REJECT(K) STRING(V). { parse_item(parse, ITEM_REJECT, K); parse_item(parse, ITEM_TEXT, V); }
route ::= head DEFER(K). { parse_item(parse, ITEM_DEFER, K); }
route ::= head DEFER(K) STRING(V). { parse_item(parse, ITEM_DEFER, K); parse_item(parse, ITEM_TEXT, V); }
route ::= head DISCARD(K). { parse_item(parse, ITEM_DISCARD, K); }
route ::= route OPTION(K) WORD(V). { parse_option(parse, K, V); }

relay ::= RELAY(K) WORD(N) WORD(H). { parse_open(parse, STATEMENT_RELAY, K); parse_item(parse, ITEM_NAME, N); parse_item(parse, ITEM_HOST, H); }
relay ::= relay OPTION(K) WORD(V). { parse_option(parse, K, V); }

list ::= LIST(K) WORD(N) WORD(V). { parse_open(parse, STATEMENT_LIST, K); parse_item(parse, ITEM_NAME, N); parse_item(parse, ITEM_VALUE, V); }
list ::= list WORD(V). { parse_item(parse, ITEM_VALUE, V); }
list ::= list COMMA WORD(V). { parse_item(parse, ITEM_VALUE, V); }
listfile ::= LIST(K) WORD(N) FILE STRING(P). { parse_open(parse, STATEMENT_LIST, K); parse_item(parse, ITEM_NAME, N); parse_item(parse, ITEM_FILE, P); }

default ::= DEFAULT(K) OPTION(O) WORD(V). { parse_open(parse, STATEMENT_DEFAULT, K); parse_option(parse, O, V); }
default ::= default OPTION(K) WORD(V). { parse_option(parse, K, V); }

include ::= INCLUDE(K) STRING(P). { parse_open(parse, STATEMENT_INCLUDE, K); parse_item(parse, ITEM_GLOB, P); }

source ::= SOURCE(K) WORD(A) OPTION(O) WORD(V). { parse_open(parse, STATEMENT_SOURCE, K); parse_item(parse, ITEM_NAME, A); parse_option(parse, O, V); }
source ::= source OPTION(K) WORD(V). { parse_option(parse, K, V); }

mail ::= EXPECT(K). { parse_open(parse, STATEMENT_EXPECT, K); }
mail ::= mail TO WORD(V). { parse_item(parse, ITEM_TO, V); }
mail ::= mail USER WORD(V). { parse_item(parse, ITEM_USER, V); }
mail ::= mail FROM WORD(V). { parse_item(parse, ITEM_FROM, V); }
mail ::= mail COMMA WORD(V). { parse_more(parse, V); }

expect ::= mail REJECT(K). { parse_item(parse, ITEM_REJECT, K); }
expect ::= mail DEFER(K). { parse_item(parse, ITEM_DEFER, K); }
expect ::= mail DISCARD(K). { parse_item(parse, ITEM_DISCARD, K); }
expect ::= mail MX(K). { parse_item(parse, ITEM_WANTED_MX, K); }
expect ::= wanted.
wanted ::= mail VIA WORD(V). { parse_item(parse, ITEM_WANTED, V); }
wanted ::= mail FIRST WORD(V). { parse_item(parse, ITEM_WANTED_FIRST, V); }
wanted ::= mail ROUTE WORD(V). { parse_item(parse, ITEM_WANTED_ROUTE, V); }
wanted ::= wanted COMMA WORD(V). { parse_more(parse, V); }
expect ::= expect OPTION(K) WORD(V). { parse_option(parse, K, V); }

%code {
#pragma GCC diagnostic pop

/* A replay of the parser over kinds alone, to learn what could have come. */
struct replay {
	YYACTIONTYPE state[24];
	int depth;
};

/* Like yy_find_shift_action, without its asserts. */
static YYACTIONTYPE
action(YYACTIONTYPE state, int kind)
{
	int i;

	if (state > YY_MAX_SHIFT)
		return state;
	i = yy_shift_ofst[state] + kind;
	return yy_lookahead[i] == kind ? (YYACTIONTYPE)yy_action[i] : (YYACTIONTYPE)yy_default[state];
}

/* Whether the kind is shifted or accepted. */
static bool
replay_feed(struct replay *replay, int kind)
{
	const int limit = (int)(sizeof(replay->state) / sizeof(*replay->state));

	for (;;) {
		YYACTIONTYPE next = action(replay->state[replay->depth - 1], kind);

		if (next >= YY_MIN_REDUCE) {
			unsigned rule = (unsigned)next - YY_MIN_REDUCE;

			replay->depth += yyRuleInfoNRhs[rule];
			next = yy_find_reduce_action(replay->state[replay->depth - 1], yyRuleInfoLhs[rule]);
		} else if (next > YY_MAX_SHIFTREDUCE) {
			return next == YY_ACCEPT_ACTION;
		} else {
			if (next > YY_MAX_SHIFT)
				next = (YYACTIONTYPE)(next + YY_MIN_REDUCE - YY_MIN_SHIFTREDUCE);
			if (replay->depth >= limit)
				return false;
			replay->state[replay->depth++] = next;
			return true;
		}
		if (replay->depth >= limit)
			return false;
		replay->state[replay->depth++] = next;
	}
}

void
parser_expected(const char *begin, const char *end, const char *stop, bool set[PARSER_KINDS])
{
	struct replay replay = {.depth = 1};
	struct lexer lexer;
	struct token token;

	_Static_assert(PARSER_KINDS == YYNTOKEN, "the table of kinds is out of step");
	replay_feed(&replay, TK_NL);
	lexer_init(&lexer, begin, end, LEX_STATEMENT, 1);
	for (lexer_next(&lexer, &token); token.ptr < stop && token.kind != TK_NL && token.kind != 0;
	     lexer_next(&lexer, &token))
		replay_feed(&replay, token.kind);
	for (int kind = 0; kind < PARSER_KINDS; kind++) {
		struct replay copy = replay;

		set[kind] = replay_feed(&copy, kind);
	}
}
}
