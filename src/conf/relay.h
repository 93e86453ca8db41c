/* relay.h - relays, defaults and what their options ask of each other. */
#ifndef CONF_RELAY_H
#define CONF_RELAY_H

#include "conf/judging.h"

void check_relay(struct check *check, const struct stmt *stmt);
void check_default(struct check *check, const struct stmt *stmt);
struct relay *relay_find(struct check *check, struct slice name, struct span at);

/* login with exactly one of password and password-file. */
bool check_credentials(struct check *check, const struct stmt *stmt,
    const struct options *options);

/* HOST:PORT and `port` are the same thing said twice. */
bool check_one_port(struct check *check, const struct host *host,
    const struct options *options);

/* at: on the statement being judged; other: on its relay, or the same place. */
bool check_login_tls(struct check *check, struct span at, enum tmail_tls tls,
    struct span other);

/* 4 or 6 for a relay named by its address; 0: by a name. */
int host_family(const struct host *host);

/* Source addresses written beside a relay's literal address. */
bool check_families(struct check *check, const struct host *host,
    const struct options *options);

/* Says that `name` is not defined, and which one was perhaps meant. */
void say_undefined(struct check *check, const struct names *names, struct slice name,
    struct span at, const char *what, enum slug slug);

/* Whether a relay or list may be called so. */
bool check_name(struct check *check, struct item item, struct slice *name);

#endif
