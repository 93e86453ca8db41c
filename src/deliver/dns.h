/*
 * dns.h - questions to the DNS, each with a deadline.  What asks is loaded with the first of
 * them.  What an answer means for the mail is judged in peers.c.
 */
#ifndef DELIVER_DNS_H
#define DELIVER_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ip.h"

enum dns_status {
	DNS_FOUND,
	DNS_NO_DATA,	/* the name exists, but has no such records */
	DNS_NO_NAME,	/* NXDOMAIN */
	DNS_TROUBLE	/* no answer, SERVFAIL, refused, no memory: ask again later */
};

struct dns;

/*
 * dns_open - server: "IP:PORT", "[IPv6]:PORT" or an address, NULL for those
 * of the system.  NULL on failure, with *why saying what (static).
 */
struct dns *dns_open(const char *server, const char **why);
void dns_close(struct dns *dns);

/* dns_broken - why no question can be asked: what asks cannot be loaded, or used (valid until the
 * end); NULL: it can, as far as is known. */
const char *dns_broken(const struct dns *dns);

/* A host whose addresses are asked for.  ips is the caller's to free. */
struct dns_host {
	const char *name;
	enum dns_status status;
	struct ip *ips;		/* IPv6 and IPv4 by turns, each family as answered */
	size_t count;
};

/* Whom to ask for the addresses of a name. */
enum dns_source {
	DNS_AND_FILES,	/* as the system is configured: /etc/hosts, then the DNS */
	DNS_ALONE,	/* as everybody else sees the name */
	DNS_FILES	/* /etc/hosts, and nobody else */
};

/*
 * dns_hosts - asks for the A and AAAA records of all hosts at once.  Only name
 * need be set before; any address is DNS_FOUND, DNS_NO_* are said only if both
 * questions were answered so, or if no host can have such a name.  Where one
 * question found addresses, the other has two seconds more.  No search domains:
 * names are taken as complete.
 */
void dns_hosts(struct dns *dns, enum dns_source source, struct dns_host *hosts, size_t count,
    int64_t deadline);

/*
 * dns_full_name - the name of this host with its domain, by /etc/hosts and the
 * system's search domains, where it has one.  false: not found.
 */
bool dns_full_name(struct dns *dns, const char *name, int64_t deadline, char *out,
    size_t size);

struct dns_mx {
	unsigned preference;
	char *name;		/* "" for the root, the null MX */
};

/*
 * dns_mx - the MX records of a domain, as answered; *list is released by
 * dns_mx_free.
 */
enum dns_status dns_mx(struct dns *dns, const char *domain, int64_t deadline,
    struct dns_mx **list, size_t *count);
void dns_mx_free(struct dns_mx *list, size_t count);

#endif
