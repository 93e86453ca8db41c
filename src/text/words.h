/* words.h - the words of the language, and what a misspelt one was meant to be. */
#ifndef TEXT_WORDS_H
#define TEXT_WORDS_H

#include <stdbool.h>

#include "base/slice.h"

/* Options of routes, relays and defaults, in the order of routes.conf(5). */
enum option {
	OPTION_PORT,
	OPTION_PRIORITY,
	OPTION_WEIGHT,
	OPTION_LOCAL,
	OPTION_LOGIN,
	OPTION_PASSWORD,
	OPTION_PASSWORD_FILE,
	OPTION_TLS,
	OPTION_TLS_NAME,
	OPTION_HELO,
	OPTION_TRANSPORT,
	OPTION_COUNT
};

enum statement {
	STATEMENT_ROUTE,
	STATEMENT_RELAY,
	STATEMENT_LIST,
	STATEMENT_DEFAULT,
	STATEMENT_INCLUDE,
	STATEMENT_COUNT
};

const char *option_word(enum option option);
const char *statement_word(enum statement statement);

/* Whether an option may stand on a statement at all. */
bool option_allowed(enum option option, enum statement statement);

#endif
