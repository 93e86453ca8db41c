#include "answer/as_hop.h"

#include <limits.h>
#include <stdlib.h>

#include "answer/as_plan.h"
#include "base/fold.h"
#include "base/ip.h"
#include "program/password_file.h"
#include "runtime/scan.h"

struct as_hops {
	const struct tmail_routes *routes;
	struct as_hop *slots;
	size_t nslots;		/* a power of two; empty ones have no host */
	size_t used;
	bool failed;
};

static uint64_t
mix(uint64_t hash, const char *ptr, size_t len)
{
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)ptr[i]) * UINT64_C(0x100000001b3);
	return hash;
}

static size_t
slot_of(const struct as_hops *hops, struct slice host, uint16_t port, struct slice transport)
{
	uint64_t hash = mix(UINT64_C(0xcbf29ce484222325), host.ptr, host.len);

	hash = mix(hash ^ port ^ (transport.ptr == NULL ? 1u << 16 : 0), transport.ptr,
	    transport.len);
	return (size_t)(hash ^ hash >> 29) & (hops->nslots - 1);
}

/* The slot of a next hop, or the empty one where it belongs. */
static struct as_hop *
find(const struct as_hops *hops, struct slice host, uint16_t port, struct slice transport)
{
	for (size_t at = slot_of(hops, host, port, transport);; at = (at + 1) & (hops->nslots - 1)) {
		struct as_hop *hop = &hops->slots[at];

		if (hop->host.ptr == NULL ||
		    (hop->port == port && slice_eq(hop->host, host) &&
			(hop->transport.ptr == NULL) == (transport.ptr == NULL) &&
			slice_eq(hop->transport, transport)))
			return hop;
	}
}

static bool
grow(struct as_hops *hops)
{
	struct as_hops larger = {.routes = hops->routes, .nslots = 2 * hops->nslots};

	larger.slots = calloc(larger.nslots, sizeof(*larger.slots));
	if (larger.slots == NULL)
		return false;
	for (size_t i = 0; i < hops->nslots; i++) {
		const struct as_hop *hop = &hops->slots[i];

		if (hop->host.ptr != NULL)
			*find(&larger, hop->host, hop->port, hop->transport) = *hop;
	}
	free(hops->slots);
	hops->slots = larger.slots;
	hops->nslots = larger.nslots;
	return true;
}

static bool
same(struct tmail_slice a, struct tmail_slice b)
{
	return (a.ptr == NULL) == (b.ptr == NULL) &&
	    slice_eq(slice(a.ptr, a.len), slice(b.ptr, b.len));
}

bool
as_same_login(const struct tmail_route *a, const struct tmail_route *b)
{
	return same(a->login, b->login) && same(a->password, b->password) &&
	    same(a->password_file, b->password_file) && same(a->token_file, b->token_file);
}

/* `implicit` checks the certificate as `verified` does. */
static enum tmail_tls
strictness(const struct tmail_route *route)
{
	return route->tls == TMAIL_TLS_IMPLICIT ? TMAIL_TLS_VERIFIED : route->tls;
}

static void
merge(struct as_hop *hop, const struct tmail_route *route)
{
	if (!as_same_login(&hop->route, route))
		hop->logins_differ = true;
	if (strictness(route) > strictness(&hop->route)) {
		hop->route.tls = route->tls;
		hop->route.tls_name = route->tls_name;
		hop->names_differ = false;
	} else if (strictness(route) == strictness(&hop->route) &&
	    !same(hop->route.tls_name, route->tls_name)) {
		hop->names_differ = true;
	}
}

static bool
add(struct as_hops *hops, const struct tmail_route *route, struct slice transport)
{
	struct slice host = slice(route->host.ptr, route->host.len);
	struct as_hop *hop;

	if (2 * (hops->used + 1) > hops->nslots && !grow(hops))
		return false;
	hop = find(hops, host, route->port, transport);
	if (hop->host.ptr != NULL) {
		merge(hop, route);
		return true;
	}
	*hop = (struct as_hop){.host = host, .transport = transport, .port = route->port,
	    .route = *route};
	hops->used++;
	return true;
}

static void
visit(void *arg, const struct tmail_match *match)
{
	struct as_hops *hops = arg;
	struct tmail_route route;

	if (match->action != TMAIL_RELAY)
		return;
	for (uint32_t n = 0; n < match->count && !hops->failed; n++) {
		if (tmail_match_route(hops->routes, match, n, &route) != TMAIL_OK)
			hops->failed = true;
		else if (route.hop == TMAIL_HOP_HOST && route.host.len > 0)
			hops->failed = !add(hops, &route, slice(NULL, 0)) ||
			    !add(hops, &route, as_transport(&route));
	}
}

struct as_hops *
as_hops_open(const struct tmail_routes *routes)
{
	struct as_hops *hops = calloc(1, sizeof(*hops));

	if (hops == NULL)
		return NULL;
	hops->routes = routes;
	hops->nslots = 64;
	hops->slots = calloc(hops->nslots, sizeof(*hops->slots));
	if (hops->slots == NULL || scan_groups(routes, visit, hops) != TMAIL_OK || hops->failed) {
		as_hops_close(hops);
		return NULL;
	}
	return hops;
}

void
as_hops_close(struct as_hops *hops)
{
	if (hops == NULL)
		return;
	free(hops->slots);
	free(hops);
}

/* A name or an address as the index has it; empty: none that it can have. */
static struct slice
folded_host(struct slice host, char buf[FOLD_DOMAIN_MAX])
{
	struct ip ip;

	if (host.len > FOLD_DOMAIN_MAX)
		return slice(buf, 0);
	if (ip6_parse(host, &ip))
		return slice(buf, ip_format(&ip, buf));
	for (size_t i = 0; i < host.len; i++) {
		char c = host.ptr[i];

		buf[i] = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
	}
	return slice(buf, host.len);
}

const struct as_hop *
as_hops_find(const struct as_hops *hops, struct slice host, uint16_t port,
    struct slice transport)
{
	char buf[FOLD_DOMAIN_MAX];
	const struct as_hop *hop = find(hops, folded_host(host, buf), port, transport);

	return hop->host.ptr == NULL ? NULL : hop;
}

static enum as_login
read_file(const struct tmail_route *route, struct as_text *out, const char **why)
{
	char path[PATH_MAX], *secret;

	if (route->password_file.len >= sizeof(path)) {
		*why = "the name of a password-file is too long";
		return AS_LOGIN_FAULT;
	}
	memcpy(path, route->password_file.ptr, route->password_file.len);
	path[route->password_file.len] = '\0';
	secret = password_file_read(path, why);
	if (secret == NULL) {
		*why = "a password-file cannot be read";
		return AS_LOGIN_FAULT;
	}
	as_text_str(out, secret);
	password_free(secret);
	return AS_LOGIN;
}

enum as_login
as_hop_login(const struct as_hop *hop, struct as_text *out, struct slice *login,
    struct slice *password, const char **why)
{
	const struct tmail_route *route = &hop->route;
	size_t begun = out->len;
	enum as_login result = AS_LOGIN;

	if (hop->logins_differ) {
		*why = "two logins lead there: give the routes transports";
		return AS_LOGIN_FAULT;
	}
	if (route->login.len == 0)
		return AS_LOGIN_NONE;
	as_text_slice(out, route->login);
	*login = slice(out->ptr + begun, out->len - begun);
	begun = out->len;
	if (route->password_file.ptr != NULL)
		result = read_file(route, out, why);
	else if (route->password.ptr != NULL)
		as_text_slice(out, route->password);
	else
		result = AS_LOGIN_FAULT;
	if (route->token_file.ptr != NULL || (result != AS_LOGIN && *why == NULL))
		*why = "the route has a token and no password";
	*password = slice(out->ptr + begun, out->len - begun);
	if (out->cut)
		*why = "login and password are too long";
	return *why == NULL ? result : AS_LOGIN_FAULT;
}

/* What stands behind match= is split at colons, and these words name others than themselves. */
static bool
is_match(struct tmail_slice name)
{
	static const char *const others[] = {"hostname", "nexthop", "dot-nexthop"};

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (slice_is(slice(name.ptr, name.len), others[i]))
			return false;
	return as_is_word(name) && memchr(name.ptr, ':', name.len) == NULL;
}

bool
as_hop_tls(const struct as_hop *hop, struct as_text *out, const char **why)
{
	static const char *const levels[] = {"none", "may", "encrypt", "secure match="};
	const struct tmail_route *route = &hop->route;
	enum tmail_tls level = strictness(route);
	struct tmail_slice name = route->tls_name.ptr != NULL ? route->tls_name : route->host;

	if (level < TMAIL_TLS_VERIFIED) {
		as_text_str(out, levels[level]);
		return true;
	}
	if (hop->names_differ) {
		*why = "two names of certificates lead there: give the routes transports";
		return false;
	}
	if (memchr(name.ptr, ':', name.len) != NULL && route->tls_name.ptr == NULL) {
		as_text_str(out, "verify");
		return true;
	}
	if (!is_match(name)) {
		*why = "the name of the certificate cannot be told";
		return false;
	}
	as_text_str(out, levels[TMAIL_TLS_VERIFIED]);
	as_text_slice(out, name);
	return true;
}
