/*
 * needs.h - what a route asks of Postfix that holds for all mail of a transport, as
 * parameters of postconf(5).
 */
#ifndef WIRING_NEEDS_H
#define WIRING_NEEDS_H

#include "base/slice.h"
#include "wiring/findings.h"

enum need {
	NEED_BIND4,
	NEED_BIND6,
	NEED_PROTOCOLS,
	NEED_PREFERENCE,
	NEED_HELO,
	NEED_WRAPPED,
	NEED_LEVEL,
	NEED_CERT,
	NEED_CA,
	NEED_MECHANISM,
	NEED_CONNECTIONS,	/* from here on in main.cf, behind the transport's name */
	NEED_DELAY,
	NEEDS
};

/* Empty: as Postfix has it; absent: all the same to the route. */
struct needs {
	struct slice value[NEEDS];
};

/* Of each need: the parameter, and what the routes call it. */
struct need_names {
	const char *parameter;
	const char *word;
};
extern const struct need_names need_names[NEEDS];

/* What a route wants that it has not for itself in Postfix's view is a finding. */
struct needing {
	const struct tmail_routes *routes;
	struct arena *arena;
	struct findings *findings;
};

/* needs_of - what lies in the arena or the index.  False: the index is damaged. */
bool needs_of(const struct needing *needing, const struct tmail_route *route,
    struct needs *needs);

/* `implicit` checks the certificate as `verified` does. */
static inline enum tmail_tls
needs_strictness(enum tmail_tls tls)
{
	return tls == TMAIL_TLS_IMPLICIT ? TMAIL_TLS_VERIFIED : tls;
}

#endif
