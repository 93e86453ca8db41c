#include "wiring/needs.h"

const struct need_names need_names[NEEDS] = {
    [NEED_BIND4] = {"smtp_bind_address", "a source address"},
    [NEED_BIND6] = {"smtp_bind_address6", "a source address"},
    [NEED_PROTOCOLS] = {"inet_protocols", "a family of addresses"},
    [NEED_PREFERENCE] = {"smtp_address_preference", "a family of addresses first"},
    [NEED_HELO] = {"smtp_helo_name", "a name to greet with"},
    [NEED_WRAPPED] = {"smtp_tls_wrappermode", "implicit TLS"},
    [NEED_LEVEL] = {"smtp_tls_security_level", "TLS to an MX"},
    [NEED_CERT] = {"smtp_tls_cert_file", "a client certificate"},
    [NEED_CA] = {"smtp_tls_CAfile", "certificates to trust"},
    [NEED_MECHANISM] = {"smtp_sasl_mechanism_filter", "a SASL mechanism"},
    [NEED_CONNECTIONS] = {"_destination_concurrency_limit", "a limit of connections"},
    [NEED_DELAY] = {"_destination_rate_delay", "a rate"},
};

/* The source addresses as Postfix takes them: one of each family. */
struct sources {
	struct slice text[2], helo[2];
	unsigned count[2];
	int first;		/* the family of the first, 0 or 1 */
};

static bool
read_sources(const struct needing *needing, const struct tmail_route *route,
    struct sources *sources)
{
	*sources = (struct sources){.first = -1};
	for (uint32_t n = 0; n < route->local_count; n++) {
		struct tmail_address address;
		int family;

		if (tmail_route_local(needing->routes, route, n, &address) != TMAIL_OK)
			return false;
		family = address.family == 6;
		if (sources->first < 0)
			sources->first = family;
		if (sources->count[family]++ > 0)
			continue;
		sources->text[family] = slice(address.text.ptr, address.text.len);
		sources->helo[family] = slice(address.helo.ptr, address.helo.len);
	}
	return true;
}

/* An option that is not there is Postfix's default. */
static struct slice
given(struct tmail_slice s)
{
	return s.ptr == NULL ? slice("", 0) : slice(s.ptr, s.len);
}

static void
set_sources(const struct needing *needing, const struct tmail_route *route,
    const struct sources *sources, struct needs *needs)
{
	for (int family = 0; family < 2; family++)
		if (sources->count[family] > 0)
			needs->value[NEED_BIND4 + family] = sources->text[family];
	if (sources->count[0] > 1 || sources->count[1] > 1)
		findings_add(needing->findings, FINDING_SOURCES, route,
		    "it %s source addresses, and Postfix binds one of each family, here the first",
		    route->local == TMAIL_LOCAL_FAILOVER ? "falls back to other" : "takes turns between");
}

/* Without a source address of its family, a connection would leave from the system's choice. */
static void
set_family(const struct tmail_route *route, const struct sources *sources, struct needs *needs)
{
	struct slice *only = &needs->value[NEED_PROTOCOLS], *first = &needs->value[NEED_PREFERENCE];
	bool both = sources->count[0] > 0 && sources->count[1] > 0;

	if (route->family == TMAIL_FAMILY_IPV4 || (sources->count[0] > 0 && !both))
		*only = slice_str("ipv4");
	else if (route->family == TMAIL_FAMILY_IPV6 || (sources->count[1] > 0 && !both))
		*only = slice_str("ipv6");
	else if (route->family == TMAIL_FAMILY_PREFER_IPV4)
		*first = slice_str("ipv4");
	else if (route->family == TMAIL_FAMILY_PREFER_IPV6)
		*first = slice_str("ipv6");
	else if (both && route->local == TMAIL_LOCAL_FAILOVER)
		*first = slice_str(sources->first == 0 ? "ipv4" : "ipv6");
}

static void
set_helo(const struct needing *needing, const struct tmail_route *route,
    const struct sources *sources, struct needs *needs)
{
	struct slice *helo = &needs->value[NEED_HELO];

	*helo = given(route->helo);
	if (helo->len > 0 || sources->first < 0)
		return;
	if (sources->helo[sources->first].ptr != NULL)
		*helo = sources->helo[sources->first];
	if (sources->count[!sources->first] > 0 &&
	    !slice_eq(sources->helo[0], sources->helo[1]))
		findings_add(needing->findings, FINDING_HELOS, route,
		    "its source addresses have names of their own, and Postfix greets with one");
}

/* Of an MX no policy map is asked by a name that the routes know. */
static void
set_tls(const struct tmail_route *route, struct needs *needs)
{
	static const char *const levels[] = {"none", "", "encrypt", "verify"};

	if (route->hop != TMAIL_HOP_HOST)
		needs->value[NEED_LEVEL] = slice_str(levels[needs_strictness(route->tls)]);
	if (route->tls == TMAIL_TLS_IMPLICIT)
		needs->value[NEED_WRAPPED] = slice_str("yes");
}

/* Whether master.cf can hold the name of a file: nothing but braces takes blanks. */
static bool
is_sayable(struct slice path)
{
	for (size_t i = 0; i < path.len; i++)
		if ((unsigned char)path.ptr[i] < ' ' || path.ptr[i] == '{' || path.ptr[i] == '}' ||
		    path.ptr[i] == '\177')
			return false;
	return path.len == 0 || path.ptr[path.len - 1] != ' ';
}

static void
set_file(const struct needing *needing, const struct tmail_route *route, struct tmail_slice path,
    struct slice *value)
{
	*value = given(path);
	if (is_sayable(*value))
		return;
	*value = slice("", 0);
	findings_add(needing->findings, FINDING_FILE, route,
	    "the name of its %s cannot be written in master.cf",
	    path.ptr == route->tls_ca.ptr ? "tls-ca" : "tls-cert");
}

static void
set_login(const struct needing *needing, const struct tmail_route *route, struct needs *needs)
{
	static const char *const filters[] = {[TMAIL_AUTH_ANY] = "", [TMAIL_AUTH_PLAIN] = "plain",
	    [TMAIL_AUTH_LOGIN] = "login", [TMAIL_AUTH_CRAM_MD5] = "cram-md5"};

	if (route->auth == TMAIL_AUTH_EXTERNAL)
		findings_add(needing->findings, FINDING_EXTERNAL, route,
		    "Postfix does not log in by its certificate (auth external)");
	if (route->login.len == 0)
		return;
	if (route->token_file.ptr != NULL)
		findings_add(needing->findings, FINDING_TOKEN, route,
		    "it has a token-file, and Postfix takes passwords alone: its mail waits");
	if (memchr(route->login.ptr, ':', route->login.len) != NULL)
		findings_add(needing->findings, FINDING_COLON, route,
		    "Postfix takes no login with a colon: its mail waits");
	if (route->auth <= TMAIL_AUTH_CRAM_MD5)
		needs->value[NEED_MECHANISM] = slice_str(filters[route->auth]);
}

/* Whole seconds, and never more often than the rate says. */
static void
set_limits(const struct needing *needing, const struct tmail_route *route, struct needs *needs)
{
	uint32_t delay;

	if (route->connections > 0)
		needs->value[NEED_CONNECTIONS] = arena_printf(needing->arena, "%u", route->connections);
	if (route->rate == 0)
		return;
	delay = (route->rate_seconds + route->rate - 1) / route->rate;
	needs->value[NEED_DELAY] = arena_printf(needing->arena, "%us", delay);
	if (delay * route->rate != route->rate_seconds)
		findings_add(needing->findings, FINDING_RATE, route,
		    "Postfix waits whole seconds between deliveries: its rate becomes one in %u s",
		    delay);
}

bool
needs_of(const struct needing *needing, const struct tmail_route *route, struct needs *needs)
{
	struct sources sources;

	for (int need = 0; need < NEEDS; need++)
		needs->value[need] = slice(need == NEED_LEVEL || need == NEED_MECHANISM ? NULL : "", 0);
	if (!read_sources(needing, route, &sources))
		return false;
	set_sources(needing, route, &sources, needs);
	set_family(route, &sources, needs);
	set_helo(needing, route, &sources, needs);
	set_tls(route, needs);
	set_file(needing, route, route->tls_cert, &needs->value[NEED_CERT]);
	set_file(needing, route, route->tls_ca, &needs->value[NEED_CA]);
	set_login(needing, route, needs);
	set_limits(needing, route, needs);
	if (route->mail_from.ptr != NULL)
		findings_add(needing->findings, FINDING_MAIL_FROM, route,
		    "Postfix sends with the sender that the mail has, not with its mail-from");
	return true;
}
