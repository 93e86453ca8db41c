#include "answer/as_exim.h"

#include "base/fold.h"

#define MX_PORT 25
/* More hosts than Exim tries (hosts_max_try), and less than it takes in one answer. */
#define LIST_MAX 4000

/* The hosts of a decision, as far as they have one transport. */
struct hosts {
	struct slice transport;
	size_t count;
	bool ip6, mx;
	struct slice domain;		/* of the recipient; absent: it can have no MX */
};

/* An address literal as Exim has hosts: without brackets and tag. */
static struct slice
literal(struct slice domain)
{
	size_t tag = domain.len > 6 && domain.ptr[5] == ':' ? 6 : 1;

	return slice(domain.ptr + tag, domain.len - tag - 1);
}

static bool
is_ip6(struct slice host)
{
	return memchr(host.ptr, ':', host.len) != NULL;
}

/* Where a route leads, and whether by MX records; false: nowhere that can be named. */
static bool
find_host(const struct hosts *hosts, const struct tmail_route *route, struct slice *host,
    bool *mx)
{
	*mx = route->hop != TMAIL_HOP_HOST;
	*host = slice(route->host.ptr, route->host.len);
	if (route->hop != TMAIL_HOP_MX)
		return true;
	if (hosts->domain.ptr == NULL)
		return false;
	*host = hosts->domain;
	if (host->ptr[0] == '[') {
		*host = literal(*host);
		*mx = false;
	}
	return true;
}

/* The next route of the plan that counts; false at the end. *failed: the index is damaged. */
static bool
next_route(struct hosts *hosts, const struct as_plan *plan, size_t *n,
    struct tmail_route *route, bool *failed)
{
	struct slice host;
	bool mx;

	while (*n < plan->count) {
		if (!as_plan_route(plan, (*n)++, route) ||
		    (route->hop != TMAIL_HOP_MX && !as_is_word(route->host))) {
			*failed = true;
			return false;
		}
		if (!find_host(hosts, route, &host, &mx))
			continue;
		if (hosts->transport.ptr == NULL)
			hosts->transport = as_transport(route);
		if (slice_eq(as_transport(route), hosts->transport))
			return true;
	}
	return false;
}

/* What the list is made of decides on its separator, and whether it needs quotes. */
static bool
survey(struct hosts *hosts, const struct as_plan *plan)
{
	struct tmail_route route;
	struct slice host;
	bool mx, failed = false;

	for (size_t n = 0; next_route(hosts, plan, &n, &route, &failed);) {
		find_host(hosts, &route, &host, &mx);
		hosts->ip6 |= is_ip6(host);
		hosts->mx |= mx;
		hosts->count++;
	}
	return !failed && hosts->count > 0;
}

static void
add_host(struct as_text *out, const struct hosts *hosts, const struct tmail_route *route)
{
	struct slice host;
	bool mx;

	find_host(hosts, route, &host, &mx);
	as_text_str(out, is_ip6(host) ? "[" : "");
	as_text_add(out, host.ptr, host.len);
	as_text_str(out, is_ip6(host) ? "]" : mx ? "/mx" : "");
	if (mx && route->port == 0)
		return;
	as_text_str(out, hosts->ip6 ? ":" : "::");
	as_text_number(out, route->port == 0 ? MX_PORT : route->port);
}

static void
add_hosts(struct as_text *out, struct hosts *hosts, const struct as_plan *plan)
{
	/* An IPv6 address is full of the usual separator, and "/mx" has the other one. */
	const char *joint = !hosts->ip6 ? " : " : hosts->mx ? " ; " : " / ";
	bool quoted = hosts->count > 1 || hosts->ip6, failed = false;
	struct tmail_route route;
	size_t begun, n = 0;

	if (quoted)
		as_text_str(out, "\"");
	if (hosts->ip6)
		as_text_str(out, hosts->mx ? "<; " : "</ ");
	begun = out->len;
	while (next_route(hosts, plan, &n, &route, &failed) && out->len - begun < LIST_MAX) {
		as_text_str(out, out->len > begun ? joint : "");
		add_host(out, hosts, &route);
	}
	if (quoted)
		as_text_str(out, "\"");
	if (slice_is(hosts->transport, "smtp"))
		return;
	as_text_str(out, " ");
	as_text_add(out, hosts->transport.ptr, hosts->transport.len);
}

/* Exim takes the beginning of an option for the option, and then its own transport. */
static bool
is_option(struct slice transport)
{
	static const char *const options[] = {"randomize", "no_randomize", "byname", "bydns",
	    "ipv4_only", "ipv4_prefer"};

	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		if (transport.len <= strlen(options[i]) &&
		    memcmp(transport.ptr, options[i], transport.len) == 0)
			return true;
	return false;
}

static void
add_relays(const struct as_plan *plan, struct tmail_slice recipient, struct as_text *out)
{
	struct hosts hosts = {0};
	struct folded folded;
	enum fold_status status = fold_domain_of(slice(recipient.ptr, recipient.len), &folded);

	hosts.domain = folded.domain;
	if (status == FOLD_MEMORY || !survey(&hosts, plan))
		as_text_str(out, "DEFER " AS_FAULT_TEXT);
	else if (is_option(hosts.transport))
		as_text_str(out, "DEFER 4.3.0 Exim takes the transport's name for an option");
	else
		add_hosts(out, &hosts, plan);
}

void
as_exim_route(const struct as_plan *plan, struct tmail_slice recipient, struct as_text *out)
{
	switch (plan->outcome) {
	case AS_NONE:
		as_text_str(out, AS_EXIM_NONE);
		break;
	case AS_RELAYS:
		add_relays(plan, recipient, out);
		break;
	case AS_REJECT:
	case AS_DEFER:
	case AS_DISCARD:
		/* The router that asks for `refuse` stands in front; without it the mail waits. */
		as_text_str(out, "DEFER 4.3.0 the routes do not relay this");
		break;
	case AS_FAULT:
		as_text_str(out, "DEFER " AS_FAULT_TEXT);
		break;
	}
}

void
as_exim_refuse(const struct as_plan *plan, struct as_text *out)
{
	switch (plan->outcome) {
	case AS_NONE:
	case AS_RELAYS:
		as_text_str(out, AS_EXIM_NONE);
		break;
	case AS_REJECT:
	case AS_DEFER:
		as_text_str(out, plan->outcome == AS_REJECT ? ":fail: " : ":defer: ");
		as_text_line(out, plan->match.text);
		break;
	case AS_DISCARD:
		as_text_str(out, ":blackhole:");
		break;
	case AS_FAULT:
		as_text_str(out, ":defer: " AS_FAULT_TEXT);
		break;
	}
}
