/*
 * lexer.h - routes.conf, cut into words.  Generated from grammar/routes.re.
 *
 * The lexer is contextual: the keyword just read decides what kind of word
 * may follow, so that `route to via.example via to.example` is legal.
 */
#ifndef TEXT_LEXER_H
#define TEXT_LEXER_H

#include <stdint.h>

#include "base/chunk.h"
#include "base/slice.h"
#include "gen/routes.h"

/*
 * What can stand next: enum lexer_state, generated from the grammar's rules.
 *
 * LEX_STATEMENT a statement's keyword    LEX_FIRST  first value of a list, or `file`
 * LEX_HEAD      a route's ID or keyword  LEX_VALUES values of a list
 * LEX_KEYWORD   a keyword                LEX_PATH   a quoted path
 * LEX_PATTERN   a selector's value       LEX_LINES  lines of a list's file
 * LEX_MAIL      a keyword of an expectation
 * LEX_VALUE     any other value
 *
 * Where several values may stand, all but `LEX_VALUE`, commas join them: each
 * comma is a token between two values, of which one may be empty.
 */
#include "gen/states.h"

/* Flags of a TK_WORD and a TK_STRING. */
enum {
	WORD_QUOTED = 1,	/* ptr is at the opening quote, len includes both */
	/*
	 * [a-z0-9_-]+ labels joined by dots: a folded name.  Of patterns only those
	 * that are nothing else: not `any`, and no digit at the end, as IPv4 has.
	 */
	WORD_PLAIN = 2
};

struct token {
	const char *ptr;
	uint32_t len;
	uint16_t kind;	/* TK_..., 0 at the end */
	uint16_t info;	/* of TK_OPTION: which; of TK_WORD and TK_STRING: flags */
};

struct lexer {
	const char *cursor;
	const char *end;	/* text end; two chunks of zero bytes behind it */
	const char *last;	/* end of the last token but line ends; NULL: none yet */
	const char *vain;	/* the first '\\' before an empty line; NULL: none */
	bool gap;		/* the value behind the comma just read is missing */
	enum lexer_state state;
	enum lexer_state after;	/* the state when `values` have been read */
	unsigned values;
	uint32_t line;		/* line of the cursor, from 1 */
};

void lexer_init(struct lexer *lexer, const char *text, const char *end,
    enum lexer_state state, uint32_t line);

/*
 * lexer_plain_end - where the rule `plain` matches at p, the end of its
 * match; NULL: it does not.  Most of a file is plain names: two chunks of one
 * at a time, since most end in the second.  No two dots stand side by side,
 * and both ends count as dots.
 */
static inline const char *
lexer_plain_end(const char *p)
{
	uint32_t before = 1;

	for (;; p += 2 * CHUNK_SIZE) {
		CHUNK first = chunk_load(p), second = chunk_load(p + CHUNK_SIZE);
		uint32_t ends = ~(chunk_domain(first) | chunk_domain(second) << CHUNK_SIZE);
		uint32_t dots = chunk_equal(first, '.') |
		    chunk_equal(second, '.') << CHUNK_SIZE | (ends & -ends);

		if ((dots & (dots << 1 | before) & (ends ^ (ends - 1))) != 0)
			return NULL;
		if (ends != 0)
			return p + __builtin_ctz(ends);
		before = dots >> (2 * CHUNK_SIZE - 1);
	}
}

/*
 * lexer_next - reads one token.  Kinds that no rule of the grammar uses stand
 * for faults: see fault_lexical in fault.h.
 */
void lexer_next(struct lexer *lexer, struct token *token);

/*
 * For messages, which show the words that were written: lexer_join extends a
 * bare value by those that commas join to it; lexer_next_joined reads a token so.
 */
void lexer_join(struct lexer *lexer, struct token *token);
void lexer_next_joined(struct lexer *lexer, struct token *token);

#endif
