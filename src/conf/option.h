/* option.h - options, and what their values mean. */
#ifndef CONF_OPTION_H
#define CONF_OPTION_H

#include "base/ip.h"
#include "conf/value.h"
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
	uint16_t port, priority, weight;
	enum tmail_tls tls;
	struct local local;
	struct slice text[OPTION_COUNT];	/* login to transport: the value */
};

static inline bool
options_has(const struct options *options, enum option option)
{
	return (options->set & 1u << option) != 0;
}

/* Reads one option's value into options; a repeated one is an error. */
bool value_option(struct conf *conf, const struct source *source, struct item item,
    enum statement statement, struct options *options);

#endif
