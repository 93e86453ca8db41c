/* words.h - the words of the language: statements, keywords and the table of options. */
#ifndef TEXT_WORDS_H
#define TEXT_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "tmail/routes.h"

enum statement {
	STATEMENT_ROUTE,
	STATEMENT_RELAY,
	STATEMENT_LIST,
	STATEMENT_DEFAULT,
	STATEMENT_INCLUDE,
	STATEMENT_SOURCE,
	STATEMENT_EXPECT,
	STATEMENT_COUNT
};

/* The longest word. */
#define WORD_LENGTH_MAX 0x7fffff

/* Where an option may stand; most that stand on relays stand on routes too, and so on. */
enum {
	ON_ROUTE = 1 << STATEMENT_ROUTE,
	ON_RELAY_ALONE = 1 << STATEMENT_RELAY,
	ON_RELAY = ON_ROUTE | ON_RELAY_ALONE,
	ON_DEFAULT = ON_RELAY | 1 << STATEMENT_DEFAULT,
	ON_SOURCE = ON_DEFAULT | 1 << STATEMENT_SOURCE
};

/* What an option has to do with a login: its value is one, or a secret, or the path of one. */
enum credential { CREDENTIAL_NONE, CREDENTIAL_LOGIN, CREDENTIAL_SECRET, CREDENTIAL_FILE };

/*
 * The options of routes, relays and defaults, in the order of routes.conf(5).
 * A macro, so that a row is an enumerator, a word and (by the Makefile) a rule
 * of the lexer at once.  What an option means is in conf/option.c.
 */
#define OPTIONS(ROW) \
	ROW(PORT, "port", ON_DEFAULT, CREDENTIAL_NONE) \
	ROW(PRIORITY, "priority", ON_ROUTE, CREDENTIAL_NONE) \
	ROW(WEIGHT, "weight", ON_ROUTE, CREDENTIAL_NONE) \
	ROW(FAMILY, "family", ON_DEFAULT, CREDENTIAL_NONE) \
	ROW(LOCAL, "local", ON_DEFAULT, CREDENTIAL_NONE) \
	ROW(LOGIN, "login", ON_RELAY, CREDENTIAL_LOGIN) \
	ROW(PASSWORD, "password", ON_RELAY, CREDENTIAL_SECRET) \
	ROW(PASSWORD_FILE, "password-file", ON_RELAY, CREDENTIAL_FILE) \
	ROW(TOKEN_FILE, "token-file", ON_RELAY, CREDENTIAL_FILE) \
	ROW(AUTH, "auth", ON_RELAY, CREDENTIAL_NONE) \
	ROW(TLS, "tls", ON_DEFAULT, CREDENTIAL_NONE) \
	ROW(TLS_NAME, "tls-name", ON_RELAY, CREDENTIAL_NONE) \
	ROW(TLS_CERT, "tls-cert", ON_DEFAULT, CREDENTIAL_NONE) \
	ROW(TLS_CA, "tls-ca", ON_DEFAULT, CREDENTIAL_NONE) \
	ROW(MAIL_FROM, "mail-from", ON_RELAY, CREDENTIAL_NONE) \
	ROW(CONNECTIONS, "connections", ON_RELAY_ALONE, CREDENTIAL_NONE) \
	ROW(RATE, "rate", ON_RELAY_ALONE, CREDENTIAL_NONE) \
	ROW(HELO, "helo", ON_SOURCE, CREDENTIAL_NONE) \
	ROW(TRANSPORT, "transport", ON_DEFAULT, CREDENTIAL_NONE)

#define OPTION_NUMBER(number, word, statements, credential) OPTION_##number,
enum option { OPTIONS(OPTION_NUMBER) OPTION_COUNT };
#undef OPTION_NUMBER

/* The values of `tls`, `family` and `auth`, by their enums; NULL: not to be written. */
enum {
	TLS_WORDS = TMAIL_TLS_IMPLICIT + 1,
	FAMILY_WORDS = TMAIL_FAMILY_PREFER_IPV6 + 1,
	AUTH_WORDS = TMAIL_AUTH_EXTERNAL + 1
};
extern const char *const tls_words[TLS_WORDS];
extern const char *const family_words[FAMILY_WORDS];
extern const char *const auth_words[AUTH_WORDS];

extern const char *const statement_words[STATEMENT_COUNT];

/* What may stand behind `route`: selectors and actions, then the options. */
enum { ROUTE_KEYWORDS = 7, ROUTE_WORDS = ROUTE_KEYWORDS + OPTION_COUNT };
extern const char *const route_words[ROUTE_WORDS];
bool is_route_word(struct slice word);

static inline const char *
statement_word(enum statement statement)
{
	return statement_words[statement];
}

static inline const char *
option_word(enum option option)
{
	return route_words[ROUTE_KEYWORDS + option];
}

/* Whether an option may stand on a statement at all. */
bool option_allowed(enum option option, enum statement statement);

enum credential option_credential(enum option option);

#endif
