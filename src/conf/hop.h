/*
 * hop.h - what a route does in the end: its own options, those of its relay
 * and the defaults merged into one hop, and that into a target (no flags).
 */
#ifndef CONF_HOP_H
#define CONF_HOP_H

#include "conf/judging.h"

struct action {
	enum tmail_action action;
	struct host *host;		/* of TMAIL_RELAY */
	struct slice text;		/* of the others */
	struct span at;
};
bool effective_hop(struct check *check, const struct stmt *stmt, const struct action *action,
    const struct options *options, uint32_t *hop);
uint32_t effective_target(struct model *model, uint32_t hop, const struct host *host,
    const struct options *options);

/* Judges a relay with the defaults. */
bool judge_effective(struct check *check, struct relay *relay);

/* Options that mean something with `with`: else one is an error. */
bool check_with(struct check *check, const struct stmt *stmt, unsigned with, const char *word);

#endif
