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
};

/* The options of one statement, by what is written there. */
struct options {
	uint32_t set;				/* 1 << OPTION_... */
	struct span at[OPTION_COUNT];		/* of the value */
	uint16_t number[OPTION_COUNT];		/* of `tls`: enum tmail_tls */
	struct slice text[OPTION_COUNT];	/* as it is to stand in the index */
	struct local local;
};
_Static_assert(OPTION_COUNT <= 32, "a bit of `set` for each");

static inline bool
options_has(const struct options *options, enum option option)
{
	return (options->set & 1u << option) != 0;
}

struct reading;
struct option_row {
	bool (*read)(struct reading *reading);
	/* What it becomes in the hop: STRING_..., or HOP_... of two bytes; 0: neither. */
	unsigned string, number;
	uint16_t least;		/* of a number, and what a wrong one is called */
	enum slug slug;
	/* Besides a host: behind `via mx`, and `reject` and `defer`. */
	enum { WITH_MX = 1, WITH_REPLY = 2 } with;
};
_Static_assert(STRING_HOST == 0 && HOP_ACTION == 0, "no option is the host or the action");

extern const struct option_row option_rows[OPTION_COUNT];

/* Reads one option's value into options; a repeated one is an error. */
bool option_read(struct conf *conf, const struct source *source, struct item item,
    enum statement statement, struct options *options);

#endif
