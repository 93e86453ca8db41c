/*
 * resolver.h - what asks the DNS, by c-ares: the shared object tmail-dns.so, which dns.c loads.
 * To load c-ares and to read what it is configured by takes a fifth of the instructions of a
 * delivery in clear, and most mails go to a relay that needs no question.
 */
#ifndef DELIVER_RESOLVER_H
#define DELIVER_RESOLVER_H

#include "deliver/dns.h"

struct resolver;

/* What it exports: as the functions of dns.h, of which each is the work. */
struct resolver_calls {
	struct resolver *(*open)(const char *server, const char **why);
	void (*close)(struct resolver *resolver);
	void (*hosts)(struct resolver *resolver, enum dns_source source, struct dns_host *hosts,
	    size_t count, int64_t deadline);
	bool (*full_name)(const struct resolver *resolver, const char *name, int64_t deadline,
	    char *out, size_t size);
	enum dns_status (*mx)(struct resolver *resolver, const char *domain, int64_t deadline,
	    struct dns_mx **list, size_t *count);
};

/* The name of its one symbol. */
#define RESOLVER "tmail_dns"

#endif
