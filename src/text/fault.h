/* fault.h - says what is wrong where the lexer or the parser stopped. */
#ifndef TEXT_FAULT_H
#define TEXT_FAULT_H

#include "text/parse.h"

/* The token that no rule of the grammar takes. */
void fault_syntax(struct parse *parse, const struct token *token);

/* A byte that is no UTF-8. */
void fault_utf8(struct parse *parse, const char *at);

/*
 * fault_lexical - describes a token of a fault kind (TK_JUNK and after);
 * false if it is none.  Also for the files of lists.
 */
bool fault_lexical(const struct source *source, struct diagnostics *diagnostics,
    const struct token *token, const char *end);

#endif
