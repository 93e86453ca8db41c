/* show.h - how list and lookup show a route to people. */
#ifndef ANSWER_SHOW_H
#define ANSWER_SHOW_H

#include <stdbool.h>

#include "answer/line_text.h"
#include "tmail/routes.h"

/* Escaped bytes of an index. */
static inline void
show_slice(struct text *text, struct tmail_slice s)
{
	text_safe(text, s.ptr, s.len);
}

/*
 * HOST:PORT ([IPv6]:PORT), "MX" or "MX of DOMAIN", with a port if it has one; nothing
 * for reject, defer and discard.
 */
void show_hop(struct text *text, const struct tmail_route *route);

/*
 * LOGIN:PASSWORD or LOGIN:file:PATH with `secrets`, else LOGIN:********.
 * The route must have a login.
 */
void show_credentials(struct text *text, const struct tmail_route *route, bool secrets);

/*
 * "default", or the source addresses joined by '|' or '&'; in the order drawn
 * where candidate is not NULL.  TMAIL_OK or TMAIL_E_DAMAGED.
 */
enum tmail_status show_local(struct text *text, const struct tmail_routes *routes,
    const struct tmail_route *route, const struct tmail_candidate *candidate);

/* "user tmail.io, from tmail.io, to *" */
void show_rung(struct text *text, const struct tmail_routes *routes, struct tmail_slice user,
    struct tmail_slice from, struct tmail_slice to);

/* "route ID (FILE:LINE)" */
void show_place(struct text *text, const struct tmail_route *route);

/* ":PORT", where there is one */
void show_port(struct text *text, const struct tmail_route *route);

/* ", OPTION VALUE" for each of the options that few routes have; tls-name, helo and transport not. */
void show_given(struct text *text, const struct tmail_route *route);

/*
 * The same for what show_given leaves out: tls-name, helo, transport, the file of a
 * password or token, and the names that `source` gives to source addresses.
 */
enum tmail_status show_rest(struct text *text, const struct tmail_routes *routes,
    const struct tmail_route *route);

/* N/s, N/m or N/h; the route must have a rate. */
void show_rate(struct text *text, const struct tmail_route *route);

/* "relay", "reject", "defer" or "discard" */
const char *show_action(enum tmail_action action);

/*
 * show_is_special - whether the name of a pattern, of `user` or another, would be
 * read as something else or refused if it stood bare.
 */
bool show_is_special(bool user, struct slice name);

/* The name in quotes, as routes.conf has it; its bytes as they are. */
void show_quoted(struct text *text, struct slice name);

#endif
