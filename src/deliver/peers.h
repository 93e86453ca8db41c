/*
 * peers.h - from a route's next hop to the addresses to connect to, in
 * order: A and AAAA of a host, or the MX of a domain (RFC 5321, 5.1).
 */
#ifndef DELIVER_PEERS_H
#define DELIVER_PEERS_H

#include "base/ip.h"
#include "deliver/dns.h"
#include "deliver/self.h"
#include "smtp/outcome.h"
#include "tmail/routes.h"

struct peer {
	struct ip ip;
	const char *host;	/* of the relay or MX it belongs to, in peers.names */
};

struct peers {
	struct peer *list;
	size_t count;
	char **names;
	size_t name_count;
};

/*
 * peers_host - the addresses of a relay: a name, or an address.
 * Returns true with at least one peer; false with *outcome set.
 * peers_release is due in both cases; here and below.
 */
bool peers_host(struct peers *peers, struct dns *dns, const char *host, int64_t deadline,
    struct outcome *outcome);

/*
 * peers_mx - the MX hosts of a domain or address literal, by preference,
 * in random order where that is equal; without MX records the domain itself.
 * Those not preferred over ourselves are left out: an MX is ourselves that
 * has one of our names, or an address of one of this machine's interfaces.
 * Addresses that are this host on every host are none.
 *
 * RESULT_FINAL with 5.1.10 says null MX (RFC 7505); RESULT_NEXT with 5.1.2 that
 * there is no such domain, with 5.4.4 that no host of it has an address, with 5.4.6
 * that all of them are such addresses.
 */
bool peers_mx(struct peers *peers, struct dns *dns, const char *domain,
    const struct self *self, struct tmail_random *random, int64_t deadline,
    struct outcome *outcome);

/*
 * peers_choose - keeps the addresses of the family asked for, or puts them first
 * among those of their host.  false: none is left, and *outcome says so.
 */
bool peers_choose(struct peers *peers, enum tmail_family family, struct outcome *outcome);

void peers_release(struct peers *peers);

#endif
