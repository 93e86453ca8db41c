/* next_hop.h - one candidate of the plan, made ready: its strings checked, its password read. */
#ifndef DELIVER_NEXT_HOP_H
#define DELIVER_NEXT_HOP_H

#include "base/ip.h"
#include "deliver/self.h"
#include "smtp/address.h"
#include "smtp/outcome.h"
#include "smtp/sasl.h"
#include "tmail/routes.h"

struct next_hop {
	enum tmail_next_hop hop;
	uint32_t route;		/* ID; 0: nothing matched */
	char *file;
	uint32_t line;
	char *host;		/* of TMAIL_HOP_HOST and _MX_OF, else NULL */
	uint16_t port;
	enum tmail_family family;
	enum tmail_tls tls;
	char *tls_name;		/* NULL: the name of the host */
	char *tls_cert;		/* NULL: none */
	char *tls_ca;		/* NULL: the system's */
	char *helo;
	char *login;		/* NULL: none */
	char *password;		/* or the token */
	char *token;
	enum mechanism mechanism; /* MECHANISM_COUNT: what is offered */
	char *relay;		/* the name of the relay, if it has limits */
	uint32_t connections;	/* see state.h */
	uint32_t rate;
	uint32_t rate_seconds;
	struct address *sender;	/* in place of the mail's; NULL: the mail's own */
	enum tmail_local local;
	struct source *sources;	/* in the order of this plan */
	size_t source_count;
};

/*
 * next_hop_open - makes a candidate ready.  helo: the name to greet with where
 * the route has none.  false: *outcome says why it fails.  next_hop_release is
 * due in both cases.
 */
bool next_hop_open(struct next_hop *relay, const struct tmail_routes *routes,
    const struct tmail_candidate *candidate, const struct tmail_route *route, const char *helo,
    struct outcome *outcome);

/* next_hop_mx - what stands for a route when nothing matched: the MX of the recipient's domain. */
bool next_hop_mx(struct next_hop *relay, const char *helo, struct outcome *outcome);

void next_hop_release(struct next_hop *relay);

#endif
