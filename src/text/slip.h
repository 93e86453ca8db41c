/* slip.h - help for what is written as other programs have it, or nearly as here. */
#ifndef TEXT_SLIP_H
#define TEXT_SLIP_H

#include "text/diagnostic.h"
#include "text/values.h"

/* What a host of another program would be here. */
void slip_host(struct diagnostics *diagnostics, struct diagnostic *d,
    const struct foreign_hop *hop);

/* The port meant by the name of a service, or by one written with zeros in front. */
void slip_port(struct diagnostics *diagnostics, struct diagnostic *d, struct slice text);

/* Several hosts, or source addresses, joined as they cannot be. */
void slip_hosts(struct diagnostics *diagnostics, struct diagnostic *d);
void slip_addresses(struct diagnostics *diagnostics, struct diagnostic *d);

/* A word behind a host, which it may belong to; false: it does not look so. */
bool slip_behind_host(struct diagnostics *diagnostics, struct diagnostic *d, struct slice host,
    struct slice word, bool route);

/* A sign between a name and its value. */
void slip_equals(struct diagnostics *diagnostics, struct diagnostic *d);

/* The ID meant by "7:"; false: it is none. */
bool slip_id(struct diagnostics *diagnostics, struct diagnostic *d, struct slice word);

/* A word behind a pattern: another one, or the rest of an address. */
void slip_patterns(struct diagnostics *diagnostics, struct diagnostic *d, struct slice before,
    struct slice word);

/* What was meant by a pattern that is no domain; to: it is a destination. */
void slip_pattern(struct diagnostics *diagnostics, struct diagnostic *d, struct slice text, bool to);

/* An IPv6 address that wants to be an address literal; false: it is none. */
bool slip_literal(struct diagnostics *diagnostics, struct diagnostic *d, struct slice text);

/* The selector or action that a word means elsewhere; false: none. */
bool slip_keyword(struct diagnostics *diagnostics, struct diagnostic *d, struct slice word);

/* The mode of TLS that a word means elsewhere; NULL: none. */
const char *slip_tls(struct slice word);

#endif
