#include "text/words.h"

#define ON(statement) (1u << (statement))

static const struct {
	const char *word;
	unsigned statements;
} options[OPTION_COUNT] = {
    [OPTION_PORT] = {"port",
	ON(STATEMENT_ROUTE) | ON(STATEMENT_RELAY) | ON(STATEMENT_DEFAULT)},
    [OPTION_PRIORITY] = {"priority", ON(STATEMENT_ROUTE)},
    [OPTION_WEIGHT] = {"weight", ON(STATEMENT_ROUTE)},
    [OPTION_LOCAL] = {"local",
	ON(STATEMENT_ROUTE) | ON(STATEMENT_RELAY) | ON(STATEMENT_DEFAULT)},
    [OPTION_LOGIN] = {"login", ON(STATEMENT_ROUTE) | ON(STATEMENT_RELAY)},
    [OPTION_PASSWORD] = {"password", ON(STATEMENT_ROUTE) | ON(STATEMENT_RELAY)},
    [OPTION_PASSWORD_FILE] = {"password-file", ON(STATEMENT_ROUTE) | ON(STATEMENT_RELAY)},
    [OPTION_TLS] = {"tls",
	ON(STATEMENT_ROUTE) | ON(STATEMENT_RELAY) | ON(STATEMENT_DEFAULT)},
    [OPTION_TLS_NAME] = {"tls-name", ON(STATEMENT_ROUTE) | ON(STATEMENT_RELAY)},
    [OPTION_HELO] = {"helo",
	ON(STATEMENT_ROUTE) | ON(STATEMENT_RELAY) | ON(STATEMENT_DEFAULT)},
    [OPTION_TRANSPORT] = {"transport",
	ON(STATEMENT_ROUTE) | ON(STATEMENT_RELAY) | ON(STATEMENT_DEFAULT)},
};

static const char *const statements[STATEMENT_COUNT] = {
    [STATEMENT_ROUTE] = "route",
    [STATEMENT_RELAY] = "relay",
    [STATEMENT_LIST] = "list",
    [STATEMENT_DEFAULT] = "default",
    [STATEMENT_INCLUDE] = "include",
};

const char *
option_word(enum option option)
{
	return options[option].word;
}

const char *
statement_word(enum statement statement)
{
	return statements[statement];
}

bool
option_allowed(enum option option, enum statement statement)
{
	return (options[option].statements & ON(statement)) != 0;
}

