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

enum { WORD_MAX = 24 };

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Optimal string alignment distance; both words at most WORD_MAX long. */
static unsigned
distance(struct slice a, struct slice b)
{
	unsigned rows[3][WORD_MAX + 1];
	unsigned *before = rows[0], *above = rows[1], *row = rows[2];

	for (unsigned j = 0; j <= b.len; j++)
		above[j] = j;
	for (unsigned i = 1; i <= a.len; i++) {
		unsigned *spare = before;

		row[0] = i;
		for (unsigned j = 1; j <= b.len; j++) {
			unsigned change = a.ptr[i - 1] != b.ptr[j - 1];

			row[j] = least(least(above[j] + 1, row[j - 1] + 1), above[j - 1] + change);
			if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] &&
			    a.ptr[i - 2] == b.ptr[j - 1])
				row[j] = least(row[j], before[j - 2] + 1);
		}
		before = above;
		above = row;
		row = spare;
	}
	return above[b.len];
}

const char *
word_nearest(struct slice word, const char *const *candidates, size_t count)
{
	unsigned limit = word.len < 2 ? 0 : word.len <= 4 ? 1 : 2, best = limit + 1;
	const char *nearest = NULL;

	if (word.len == 0 || word.len > WORD_MAX)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		struct slice candidate = slice_str(candidates[i]);
		unsigned d;

		if (candidate.len > WORD_MAX)
			continue;
		d = distance(word, candidate);
		if (d < best) {
			best = d;
			nearest = candidates[i];
		} else if (d == best) {
			nearest = NULL;
		}
	}
	return best <= limit ? nearest : NULL;
}
