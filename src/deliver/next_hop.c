#include "deliver/next_hop.h"

#include <stdlib.h>
#include <string.h>

#include "smtp/address.h"
#include "program/password_file.h"

#define MX_PORT 25

static bool
no_memory(struct outcome *outcome)
{
	outcome_fail(outcome, RESULT_STOP, STAGE_PREPARE, "4.3.0", "out of memory");
	return false;
}

/* A string of the index as a C string; an absent one stays NULL. */
static bool
copy(char **out, struct tmail_slice in, struct outcome *outcome)
{
	if (in.ptr == NULL)
		return true;
	if (memchr(in.ptr, '\0', in.len) != NULL) {
		outcome_fail(outcome, RESULT_SKIP, STAGE_PREPARE, "4.3.5",
		    "a string of the route holds a NUL");
		return false;
	}
	*out = strndup(in.ptr, in.len);
	return *out != NULL || no_memory(outcome);
}

static bool
read_password(struct next_hop *relay, struct tmail_slice file, struct outcome *outcome)
{
	const char *why = NULL;
	char *path = NULL;

	if (!copy(&path, file, outcome))
		return false;
	relay->password = password_file_read(path, &why);
	if (relay->password == NULL)
		outcome_fail(outcome, RESULT_SKIP, STAGE_PREPARE, "4.3.5",
		    "cannot use the password-file %s: %s", path, why);
	free(path);
	return relay->password != NULL;
}

static bool
set_credentials(struct next_hop *relay, const struct tmail_route *route, struct outcome *outcome)
{
	if (route->login.ptr == NULL || route->login.len == 0)
		return true;
	if (!copy(&relay->login, route->login, outcome))
		return false;
	/* The compiler allows no such route; a damaged index may hold one. */
	if (relay->tls == TMAIL_TLS_OPPORTUNISTIC)
		relay->tls = TMAIL_TLS_VERIFIED;
	if (route->password_file.ptr != NULL)
		return read_password(relay, route->password_file, outcome);
	if (route->password.ptr != NULL)
		return copy(&relay->password, route->password, outcome);
	outcome_fail(outcome, RESULT_SKIP, STAGE_PREPARE, "4.3.5", "a login without a password");
	return false;
}

static bool
set_sources(struct next_hop *relay, const struct tmail_routes *routes,
    const struct tmail_candidate *candidate, const struct tmail_route *route,
    struct outcome *outcome)
{
	struct tmail_address address;
	uint32_t n;

	if (route->local == TMAIL_LOCAL_DEFAULT)
		return true;
	relay->sources = calloc(route->local_count, sizeof(*relay->sources));
	if (relay->sources == NULL)
		return no_memory(outcome);
	for (n = 0; n < route->local_count; n++) {
		struct ip *ip = &relay->sources[relay->source_count];

		if (tmail_candidate_local(routes, candidate, route, n, &address) != TMAIL_OK) {
			outcome_fail(outcome, RESULT_SKIP, STAGE_PREPARE, "4.3.5",
			    "the index is damaged: a source address of the route");
			return false;
		}
		ip->family = address.family;
		memcpy(ip->bytes, address.bytes, sizeof(ip->bytes));
		relay->source_count++;
	}
	return true;
}

static bool
set_names(struct next_hop *relay, const struct tmail_route *route, const char *helo,
    struct outcome *outcome)
{
	struct tmail_slice given = {helo, strlen(helo)};

	if (route->helo.ptr != NULL)
		given = route->helo;
	if (!copy(&relay->file, route->file, outcome) ||
	    !copy(&relay->host, route->host, outcome) ||
	    !copy(&relay->tls_name, route->tls_name, outcome) ||
	    !copy(&relay->helo, given, outcome))
		return false;
	if (name_ok(relay->helo) && (relay->host == NULL || name_ok(relay->host)) &&
	    (relay->tls_name == NULL || name_ok(relay->tls_name)))
		return true;
	outcome_fail(outcome, RESULT_SKIP, STAGE_PREPARE, "4.3.5",
	    "a name of the route is unfit for the wire");
	return false;
}

bool
next_hop_open(struct next_hop *relay, const struct tmail_routes *routes,
    const struct tmail_candidate *candidate, const struct tmail_route *route, const char *helo,
    struct outcome *outcome)
{
	*relay = (struct next_hop){
	    .hop = route->hop,
	    .route = route->id,
	    .line = route->line,
	    .port = route->hop == TMAIL_HOP_HOST ? route->port : MX_PORT,
	    .tls = route->tls,
	    .local = route->local,
	};
	return set_names(relay, route, helo, outcome) &&
	    set_sources(relay, routes, candidate, route, outcome) &&
	    set_credentials(relay, route, outcome);
}

bool
next_hop_mx(struct next_hop *relay, const char *helo, struct outcome *outcome)
{
	*relay = (struct next_hop){
	    .hop = TMAIL_HOP_MX,
	    .port = MX_PORT,
	    .tls = TMAIL_TLS_OPPORTUNISTIC,
	    .local = TMAIL_LOCAL_DEFAULT,
	};
	relay->helo = strdup(helo);
	return relay->helo != NULL || no_memory(outcome);
}

void
next_hop_release(struct next_hop *relay)
{
	free(relay->file);
	free(relay->host);
	free(relay->tls_name);
	free(relay->helo);
	free(relay->login);
	password_free(relay->password);
	free(relay->sources);
}
