/* fault.h - says what is wrong where the lexer or the parser stopped. */
#ifndef TEXT_FAULT_H
#define TEXT_FAULT_H

#include "text/parse.h"

/* The token that no rule of the grammar takes. */
void fault_syntax(struct parse *parse, const struct token *token);

/* A file of two bytes a character, of which nothing can be read; false: it is none. */
bool fault_encoding(const struct source *source, struct diagnostics *diagnostics);

/* A '\\' at p, behind which the statement goes on with nothing. */
void fault_vain(const struct parse *parse, const char *p);

/* A byte that is no UTF-8. */
void fault_utf8(struct parse *parse, const char *at);

/* A token of a fault kind (TK_JUNK and after), in a list's file. */
void fault_lexical(const struct parse *parse, const struct token *token);

#endif
