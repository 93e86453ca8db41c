/* lexical_fault.h - what the parser's faults share with those of the lexer (fault.h). */
#ifndef TEXT_LEXICAL_FAULT_H
#define TEXT_LEXICAL_FAULT_H

#include "text/lexer.h"
#include "text/secret.h"

/* Where a fault is reported, and what must not be told of it. */
struct report {
	const struct source *source;
	struct diagnostics *diagnostics;
	struct secrets secrets;
};

struct span report_bytes(const struct report *report, const char *p, size_t n);
bool report_is_secret(const struct report *report, const char *p);

/* Describes a token of a fault kind (TK_JUNK and after); false if it is none. */
bool report_lexical(const struct report *report, const struct token *token, const char *end);

#endif
