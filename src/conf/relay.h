/* relay.h - relays, defaults and what their options ask of each other. */
#ifndef CONF_RELAY_H
#define CONF_RELAY_H

#include "conf/judging.h"

void check_relay(struct check *check, const struct stmt *stmt);
/* Judges the relays with the defaults, once all are known. */
void check_relays(struct check *check);
void check_default(struct check *check, const struct stmt *stmt);
struct relay *relay_find(struct check *check, struct slice name, struct span at);

/* HOST:PORT and `port` are the same thing said twice. */
bool check_one_port(struct check *check, const struct host *host,
    const struct options *options);

/* Says that `name` is not defined, and which one was perhaps meant. */
void say_undefined(struct check *check, const struct names *names, struct slice name,
    struct span at, const char *what, enum slug slug);

/* Whether a relay or list may be called so. */
bool check_name(struct check *check, struct item item, struct slice *name);

#endif
