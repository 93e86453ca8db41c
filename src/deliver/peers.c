#include "deliver/peers.h"

#include <ifaddrs.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "smtp/address.h"

/* Nobody honest has more MX hosts; the least preferred are left out. */
#define MX_MAX 50

static bool
no_memory(struct outcome *outcome)
{
	outcome_fail(outcome, RESULT_STOP, STAGE_PREPARE, "4.3.0", "out of memory");
	return false;
}

/* Adds addresses of one host; false if memory ran out. */
static bool
add(struct peers *peers, const char *host, const struct ip *ips, size_t count)
{
	struct peer *list = reallocarray(peers->list, peers->count + count, sizeof(*list));
	char **names;
	size_t i;

	if (list == NULL)
		return false;
	peers->list = list;
	names = reallocarray(peers->names, peers->name_count + 1, sizeof(*names));
	if (names == NULL)
		return false;
	peers->names = names;
	names[peers->name_count] = strdup(host);
	if (names[peers->name_count] == NULL)
		return false;
	for (i = 0; i < count; i++)
		list[peers->count++] = (struct peer){ips[i], names[peers->name_count]};
	peers->name_count++;
	return true;
}

void
peers_release(struct peers *peers)
{
	size_t i;

	for (i = 0; i < peers->name_count; i++)
		free(peers->names[i]);
	free(peers->names);
	free(peers->list);
}

/* Of those from begin on that belong to the same host: the family first; returns their end. */
static size_t
put_first(struct peers *peers, size_t begin, int family)
{
	struct peer *list = peers->list, swap;
	size_t end, n = begin, i;

	for (end = begin; end < peers->count && list[end].host == list[begin].host; end++) {
		if (list[end].ip.family != family)
			continue;
		swap = list[end];
		for (i = end; i > n; i--)
			list[i] = list[i - 1];
		list[n++] = swap;
	}
	return end;
}

bool
peers_choose(struct peers *peers, enum tmail_family family, struct outcome *outcome)
{
	int wanted = family == TMAIL_FAMILY_IPV4 || family == TMAIL_FAMILY_PREFER_IPV4 ? 4 : 6;
	size_t i, n = 0;

	if (family == TMAIL_FAMILY_ANY)
		return true;
	if (family == TMAIL_FAMILY_PREFER_IPV4 || family == TMAIL_FAMILY_PREFER_IPV6) {
		while (n < peers->count)
			n = put_first(peers, n, wanted);
		return true;
	}
	for (i = 0; i < peers->count; i++)
		if (peers->list[i].ip.family == wanted)
			peers->list[n++] = peers->list[i];
	peers->count = n;
	if (n == 0)
		outcome_fail(outcome, RESULT_NEXT, STAGE_PREPARE, "4.4.4", "no IPv%d address",
		    wanted);
	return n > 0;
}

/* The outcome of a host name that gave no address; status: where it is sure to have none. */
static void
judge_host(const struct dns_host *host, const char *status, struct outcome *outcome)
{
	if (host->status == DNS_TROUBLE)
		outcome_fail(outcome, RESULT_NEXT, STAGE_PREPARE, "4.4.3",
		    "the DNS gave no answer for %s", host->name);
	else
		outcome_fail(outcome, RESULT_NEXT, STAGE_PREPARE, status,
		    host->status == DNS_NO_NAME ? "name not found: %s" : "no address: %s",
		    host->name);
}

/* What is broken here is no silence of the DNS. */
static bool
could_ask(const struct dns *dns, bool ok, struct outcome *outcome)
{
	if (!ok && dns_broken(dns) != NULL)
		outcome_fail(outcome, RESULT_NEXT, STAGE_PREPARE, "4.3.0", "cannot ask the DNS: %s",
		    dns_broken(dns));
	return ok;
}

bool
peers_host(struct peers *peers, struct dns *dns, const char *host, int64_t deadline,
    struct outcome *outcome)
{
	struct dns_host asked = {.name = host};
	struct ip ip;
	bool added;

	*peers = (struct peers){0};
	if (ip_parse(slice_str(host), &ip))
		return add(peers, host, &ip, 1) || no_memory(outcome);
	dns_hosts(dns, DNS_AND_FILES, &asked, 1, deadline);
	if (asked.status != DNS_FOUND) {
		judge_host(&asked, "4.4.4", outcome);
		return could_ask(dns, false, outcome);
	}
	added = add(peers, host, asked.ips, asked.count);
	free(asked.ips);
	return added || no_memory(outcome);
}

static bool
is_ours(const struct ifaddrs *interfaces, const struct dns_host *host, const struct self *self)
{
	size_t n;

	if (self_is_named(self, host->name))
		return true;
	for (n = 0; n < host->count; n++)
		if (self_has(interfaces, &host->ips[n]))
			return true;
	return false;
}

/* How many of the hosts, sorted by preference, are preferred over ourselves. */
static size_t
preferred(const struct dns_mx *list, const struct dns_host *hosts, size_t count,
    const struct self *self)
{
	struct ifaddrs *interfaces = NULL;
	size_t i, n = 0;

	if (getifaddrs(&interfaces) != 0)
		interfaces = NULL;
	for (i = 0; i < count; i++)
		if (is_ours(interfaces, &hosts[i], self))
			break;
	if (interfaces != NULL)
		freeifaddrs(interfaces);
	if (i == count)
		return count;
	while (n < i && list[n].preference < list[i].preference)
		n++;
	return n;
}

static int
by_preference(const void *a, const void *b)
{
	const struct dns_mx *x = a, *y = b;

	return x->preference < y->preference ? -1 : x->preference > y->preference;
}

/* A shuffle first, so that equals come in random order whatever qsort does with them. */
static void
arrange(struct dns_mx *list, size_t count, struct tmail_random *random)
{
	struct dns_mx swap;
	size_t i, j;

	for (i = count; i > 1; i--) {
		j = (size_t)(tmail_random_next(random) % i);
		swap = list[i - 1];
		list[i - 1] = list[j];
		list[j] = swap;
	}
	qsort(list, count, sizeof(*list), by_preference);
}

static bool
loops(struct outcome *outcome, const char *status)
{
	outcome_fail(outcome, RESULT_NEXT, STAGE_PREPARE, status, *status == '5'
	    ? "its MX is this host, on every host: mail would loop"
	    : "no MX is preferred over this host: mail loops back");
	return false;
}

/* The name that is everybody's own (RFC 6761, 6.3), which a DNS need not know. */
static bool
is_localhost(const char *name)
{
	size_t len = strlen(name);

	if (len > 0 && name[len - 1] == '.')
		len--;
	return len == strlen("localhost") && strncasecmp(name, "localhost", len) == 0;
}

/* Takes out the addresses that are no host's; false: there were no others. */
static bool
drop_nowhere(struct dns_host *host)
{
	size_t i, n = 0;

	if (is_localhost(host->name)) {
		host->status = DNS_FOUND;
		host->count = 0;
	}
	for (i = 0; i < host->count; i++)
		if (!self_is_nowhere(&host->ips[i]))
			host->ips[n++] = host->ips[i];
	host->count = n;
	return n > 0 || host->status != DNS_FOUND;
}

/* Why there is nobody to connect to.  What the DNS has not said may be otherwise. */
static bool
nobody(const struct dns_host *hosts, size_t usable, size_t nowhere, struct outcome *outcome)
{
	size_t i;

	if (usable == 0)
		return loops(outcome, "4.4.6");
	if (nowhere > 0)
		loops(outcome, "5.4.6");
	else
		judge_host(&hosts[0], "5.4.4", outcome);
	for (i = 0; i < usable; i++)
		if (hosts[i].status == DNS_TROUBLE)
			judge_host(&hosts[i], "5.4.4", outcome);
	return false;
}

/* Collects the addresses of the hosts that are preferred over ourselves. */
static bool
collect(struct peers *peers, const struct dns_mx *list, struct dns_host *hosts, size_t count,
    const struct self *self, struct outcome *outcome)
{
	size_t nowhere = 0, usable, i;

	for (i = 0; i < count; i++)
		nowhere += !drop_nowhere(&hosts[i]);
	usable = preferred(list, hosts, count, self);
	for (i = 0; i < usable; i++)
		if (hosts[i].count > 0 &&
		    !add(peers, hosts[i].name, hosts[i].ips, hosts[i].count))
			return no_memory(outcome);
	return peers->count > 0 || nobody(hosts, usable, nowhere, outcome);
}

static bool
resolve_all(struct peers *peers, struct dns *dns, const struct dns_mx *list, size_t count,
    const struct self *self, int64_t deadline, struct outcome *outcome)
{
	struct dns_host *hosts = calloc(count, sizeof(*hosts));
	bool ok;
	size_t i;

	if (hosts == NULL)
		return no_memory(outcome);
	for (i = 0; i < count; i++)
		hosts[i].name = list[i].name;
	dns_hosts(dns, DNS_ALONE, hosts, count, deadline);
	ok = collect(peers, list, hosts, count, self, outcome);
	for (i = 0; i < count; i++)
		free(hosts[i].ips);
	free(hosts);
	return ok;
}

/* Takes the roots out of a list of MX; returns how many hosts are left. */
static size_t
drop_roots(struct dns_mx *list, size_t count)
{
	size_t i, n = 0;

	for (i = 0; i < count; i++) {
		if (list[i].name[0] == '\0' || strcmp(list[i].name, ".") == 0)
			free(list[i].name);
		else
			list[n++] = list[i];
	}
	return n;
}

/* "[192.0.2.1]" or "[IPv6:2001:db8::1]". */
static bool
literal_parse(const char *domain, struct ip *ip)
{
	struct slice s = slice_str(domain);

	if (s.len < 3 || s.ptr[0] != '[' || s.ptr[s.len - 1] != ']')
		return false;
	s = slice(s.ptr + 1, s.len - 2);
	if (s.len > 5 && strncasecmp(s.ptr, "IPv6:", 5) == 0)
		return ip6_parse(slice(s.ptr + 5, s.len - 5), ip);
	return ip4_parse(s, ip);
}

/* The host of an address literal. */
static bool
literal(struct peers *peers, struct ip *ip, const struct self *self, struct outcome *outcome)
{
	char text[IP_TEXT_SIZE];
	struct dns_mx mx = {0, text};
	struct dns_host host = {.name = text, .status = DNS_FOUND, .ips = ip, .count = 1};

	ip_format(ip, text);
	return collect(peers, &mx, &host, 1, self, outcome);
}

/* The implicit MX: the domain's own addresses. */
static bool
implicit(struct peers *peers, struct dns *dns, const char *domain, const struct self *self,
    int64_t deadline, struct outcome *outcome)
{
	char *name = strdup(domain);
	struct dns_mx mx = {0, name};
	bool ok;

	if (name == NULL)
		return no_memory(outcome);
	ok = resolve_all(peers, dns, &mx, 1, self, deadline, outcome);
	free(name);
	return ok;
}

bool
peers_mx(struct peers *peers, struct dns *dns, const char *domain,
    const struct self *self, struct tmail_random *random, int64_t deadline,
    struct outcome *outcome)
{
	struct dns_mx *list = NULL;
	size_t count = 0, answered;
	enum dns_status status;
	struct ip ip;
	bool ok = false;

	*peers = (struct peers){0};
	if (literal_parse(domain, &ip))
		return literal(peers, &ip, self, outcome);
	status = dns_mx(dns, domain, deadline, &list, &answered);
	count = drop_roots(list, answered);
	if (status == DNS_NO_DATA)
		ok = implicit(peers, dns, domain, self, deadline, outcome);
	else if (status == DNS_NO_NAME)
		outcome_fail(outcome, RESULT_NEXT, STAGE_PREPARE, "5.1.2",
		    "there is no domain %s", domain);
	else if (status == DNS_TROUBLE)
		outcome_fail(outcome, RESULT_NEXT, STAGE_PREPARE, "4.4.3",
		    "the DNS gave no answer for the MX of %s", domain);
	else if (count == 0)
		outcome_fail(outcome, RESULT_FINAL, STAGE_PREPARE, "5.1.10",
		    "%s accepts no mail (null MX)", domain);
	else {
		arrange(list, count, random);
		ok = resolve_all(peers, dns, list, count < MX_MAX ? count : MX_MAX, self,
		    deadline, outcome);
		/* Of those that are left out nothing is known. */
		if (!ok && count > MX_MAX)
			outcome_soften(outcome);
	}
	dns_mx_free(list, count);
	return could_ask(dns, ok, outcome);
}
