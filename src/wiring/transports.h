/*
 * transports.h - the transports that the routes name, with what each needs in main.cf
 * and master.cf.  What export writes and doctor compares is found here.
 */
#ifndef WIRING_TRANSPORTS_H
#define WIRING_TRANSPORTS_H

#include "wiring/needs.h"

enum transport_kind {
	TRANSPORT_SMTP,		/* `smtp`: main.cf is its place */
	TRANSPORT_CLONE,	/* made in master.cf */
	TRANSPORT_SERVICE	/* one that Postfix comes with, and no SMTP client */
};

struct transport {
	struct slice name;
	enum transport_kind kind;
	struct needs needs;
	struct tmail_route first;	/* of the lowest ID */
	struct tmail_route login;	/* the first with one, if `logins` */
	bool logins;
	bool clear_logins;		/* with TLS off */
	bool policies;			/* TLS other than opportunistic, to a host */
	bool verified;			/* some route checks certificates, and names no tls-ca */
	/* What the daemon says of a next hop of it without its name is not so. */
	bool sasl_apart;
	bool tls_apart;
};

struct transports {
	const struct tmail_routes *routes;
	struct as_hops *hops;
	struct transport *list;		/* by name */
	size_t count;
	struct slice greeting;		/* of most routes of `smtp`, for main.cf; empty: none */
	bool refusing, discarding;	/* some route does that */
	struct findings findings;
	struct arena arena;
	enum tmail_status status;
};

/*
 * transports_open - reads all routes of an index, which must stay open; TMAIL_OK, or
 * what is wrong.  transports_close is wanted in every case.
 */
enum tmail_status transports_open(struct transports *transports,
    const struct tmail_routes *routes);
void transports_close(struct transports *transports);

/* transports_find - NULL: no route names it. */
const struct transport *transports_find(const struct transports *transports,
    struct slice name);

#endif
