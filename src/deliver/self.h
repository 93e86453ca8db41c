/* self.h - who we are: the names and addresses that no mail may be passed to. */
#ifndef DELIVER_SELF_H
#define DELIVER_SELF_H

#include <ifaddrs.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/ip.h"

/* A source address. */
struct source {
	struct ip ip;
	char *helo;	/* the name to greet with from it; NULL: the route's */
};

struct self {
	const char *helo;	/* what we greet with */
	const char *hostname;	/* as the system has it */
	const char *full;	/* the same with its domain */
	const struct source *sources;	/* from where we may come, as somebody else */
	size_t source_count;
};

/* self_is_named - whether a host name is ours. */
bool self_is_named(const struct self *self, const char *name);

/* self_is_nowhere - whether an address is this host on every host: 127.0.0.0/8, 0.0.0.0/8, ::1, ::,
 * and these within IPv6. */
bool self_is_nowhere(const struct ip *ip);

/* self_has - whether one of the interfaces (NULL: none are known) has the address. */
bool self_has(const struct ifaddrs *interfaces, const struct ip *ip);

#endif
