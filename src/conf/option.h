/*
 * option.h - the table of options: how a value is read and judged, and what
 * becomes of it.  Words and statements are in text/words.h, the merge of what
 * a route, its relay and the defaults say in hop.c.
 */
#ifndef CONF_OPTION_H
#define CONF_OPTION_H

#include "base/ip.h"
#include "conf/value.h"
#include "runtime/format.h"
#include "tmail/routes.h"

/* Source addresses. */
struct local {
	enum tmail_local mode;
	uint32_t count;
	struct ip *list;
	struct span *at;	/* of each; in a string the whole of it */
};

/* The options of one statement, by what is written there. */
struct options {
	uint32_t set;				/* 1 << OPTION_... */
	struct span at[OPTION_COUNT];		/* of the value */
	uint16_t number[OPTION_COUNT];		/* of words: by their enum; of `rate`: RATE_... */
	struct slice text[OPTION_COUNT];	/* as it is to stand in the index */
	struct local local;
	uint32_t rate;
};
_Static_assert(OPTION_COUNT <= 32, "a bit of `set` for each");

static inline bool
options_has(const struct options *options, enum option option)
{
	return (options->set & 1u << option) != 0;
}

/* The most of a rate's number. */
enum { RATE_MAX = 1000000 };

/* The words that a value may be, and what is said of another. */
struct option_words {
	const char *what;
	const char *const *list;
	uint16_t count, first;	/* those before `first` are NULL */
	const char *all;
};

/* What orders a route among others, and changes nothing of where it leads. */
#define ORDER_OPTIONS (1u << OPTION_PRIORITY | 1u << OPTION_WEIGHT)

struct reading;
struct option_row {
	bool (*read)(struct reading *reading);
	/* What it becomes in the hop: STRING_..., or HOP_... of two bytes or of one; 0: neither. */
	unsigned string, number, byte;
	uint16_t least, most;	/* of a number; most 0: 65535 */
	const struct option_words *words;
	enum slug slug;		/* what a wrong number or word is called */
	/* Besides a host: behind `via mx`, and `reject` and `defer`. */
	enum { WITH_MX = 1, WITH_REPLY = 2 } with;
};
_Static_assert(STRING_HOST == 0 && HOP_ACTION == 0, "no option is the host or the action");

extern const struct option_row option_rows[OPTION_COUNT];

/* Reads one option's value into options; a repeated one is an error. */
bool option_read(struct conf *conf, const struct source *source, struct item item,
    enum statement statement, struct options *options);

#endif
