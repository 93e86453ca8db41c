/*
 * as_hop.h - what a mail server may know of a next hop by itself: the login and
 * the TLS policy of the routes that lead there.
 */
#ifndef ANSWER_AS_HOP_H
#define ANSWER_AS_HOP_H

#include <stdbool.h>

#include "answer/as_text.h"

/* The next hops of an index, with and without their transports. */
struct as_hops;

/*
 * as_hops_open - reads all routes of an index; NULL: it is damaged, or there is no
 * memory.  The index must stay open as long.
 */
struct as_hops *as_hops_open(const struct tmail_routes *routes);
void as_hops_close(struct as_hops *hops);

/* The routes to one next hop, taken together. */
struct as_hop {
	struct slice host;
	struct slice transport;		/* absent: of any */
	uint16_t port;
	struct tmail_route route;	/* the first that leads there; of them, the strictest TLS */
	bool logins_differ;
	bool names_differ;		/* of certificates, among those of the strictest TLS */
};

/*
 * as_hops_find - by the host (a name or an address in any spelling, without brackets),
 * the port and the transport (absent: any); NULL: no route leads there.
 */
const struct as_hop *as_hops_find(const struct as_hops *hops, struct slice host,
    uint16_t port, struct slice transport);

/*
 * as_same_login - whether two routes have one login.  One without differs from one with it,
 * too: its mail must not leave by another one's account.
 */
bool as_same_login(const struct tmail_route *a, const struct tmail_route *b);

enum as_login {
	AS_LOGIN,		/* both are set */
	AS_LOGIN_NONE,
	AS_LOGIN_FAULT		/* *why says what it is; static */
};

/*
 * as_hop_login - login and password; a password-file is read now.  Both are written to
 * `out`; *login and *password point there.
 */
enum as_login as_hop_login(const struct as_hop *hop, struct as_text *out, struct slice *login,
    struct slice *password, const char **why);

/* as_hop_tls - the policy as smtp_tls_policy_maps has it; false: *why not, static. */
bool as_hop_tls(const struct as_hop *hop, struct as_text *out, const char **why);

#endif
