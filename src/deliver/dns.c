#include "deliver/dns.h"

#include <stdlib.h>

#include "deliver/own_name.h"
#include "deliver/resolver.h"
#include "program/module.h"

struct dns {
	const char *server;		/* NULL: those of the system */
	const struct resolver_calls *calls;
	struct resolver *resolver;	/* NULL: not needed yet, or broken */
	const char *broken;		/* why it cannot be asked; NULL: it can */
};

/* Most mails go to a relay with an address, and ask nobody. */
static bool
ready(struct dns *dns)
{
	if (dns->resolver != NULL)
		return true;
	if (dns->calls == NULL)
		dns->calls = module_load("tmail-dns.so", RESOLVER, &dns->broken);
	if (dns->calls != NULL)
		dns->resolver = dns->calls->open(dns->server, &dns->broken);
	return dns->resolver != NULL;
}

struct dns *
dns_open(const char *server, const char **why)
{
	struct dns *dns = calloc(1, sizeof(*dns));

	*why = "out of memory";
	if (dns == NULL)
		return NULL;
	dns->server = server;
	if (server == NULL || ready(dns))
		return dns;
	*why = dns->broken;
	free(dns);
	return NULL;
}

void
dns_close(struct dns *dns)
{
	if (dns != NULL && dns->resolver != NULL)
		dns->calls->close(dns->resolver);
	free(dns);
}

const char *
dns_broken(const struct dns *dns)
{
	return dns->broken;
}

/*
 * As the system does it: a host that its files have has the addresses that stand there, and no
 * others, of whatever family.  c-ares would take the other one from the DNS.
 */
static void
ask_files_first(struct dns *dns, struct dns_host *host, int64_t deadline)
{
	dns->calls->hosts(dns->resolver, DNS_FILES, host, 1, deadline);
	if (host->status != DNS_FOUND)
		dns->calls->hosts(dns->resolver, DNS_ALONE, host, 1, deadline);
}

void
dns_hosts(struct dns *dns, enum dns_source source, struct dns_host *hosts, size_t count,
    int64_t deadline)
{
	size_t i;

	if (ready(dns) && source == DNS_AND_FILES && own_files_first()) {
		for (i = 0; i < count; i++)
			ask_files_first(dns, &hosts[i], deadline);
		return;
	}
	if (dns->resolver != NULL) {
		dns->calls->hosts(dns->resolver, source, hosts, count, deadline);
		return;
	}
	for (i = 0; i < count; i++)
		hosts[i] = (struct dns_host){.name = hosts[i].name, .status = DNS_TROUBLE};
}

bool
dns_full_name(struct dns *dns, const char *name, int64_t deadline, char *out, size_t size)
{
	bool found;

	if (own_name(name, out, size, &found))
		return found;
	return ready(dns) && dns->calls->full_name(dns->resolver, name, deadline, out, size);
}

enum dns_status
dns_mx(struct dns *dns, const char *domain, int64_t deadline, struct dns_mx **list,
    size_t *count)
{
	*list = NULL;
	*count = 0;
	return ready(dns) ? dns->calls->mx(dns->resolver, domain, deadline, list, count) : DNS_TROUBLE;
}

void
dns_mx_free(struct dns_mx *list, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		free(list[i].name);
	free(list);
}
