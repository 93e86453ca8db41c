#include "deliver/next_hop.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "deliver/token.h"
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

/* A secret that stands in a file; what: how the route calls it. */
static bool
read_secret(char **out, const char *what, struct tmail_slice file, struct outcome *outcome)
{
	bool token = strcmp(what, "token-file") == 0;
	const char *why = NULL;
	char *path = NULL;

	if (!copy(&path, file, outcome))
		return false;
	*out = token ? token_read(path, time(NULL), &why) : password_file_read(path, &why);
	if (*out == NULL)
		outcome_fail(outcome, RESULT_SKIP, STAGE_PREPARE, "4.3.5",
		    "cannot use the %s %s: %s", what, path, why);
	free(path);
	return *out != NULL;
}

static enum mechanism
mechanism_of(enum tmail_auth auth)
{
	switch (auth) {
	case TMAIL_AUTH_PLAIN:
		return MECHANISM_PLAIN;
	case TMAIL_AUTH_LOGIN:
		return MECHANISM_LOGIN;
	case TMAIL_AUTH_CRAM_MD5:
		return MECHANISM_CRAM_MD5;
	case TMAIL_AUTH_XOAUTH2:
		return MECHANISM_XOAUTH2;
	case TMAIL_AUTH_OAUTHBEARER:
		return MECHANISM_OAUTHBEARER;
	case TMAIL_AUTH_EXTERNAL:
		return MECHANISM_EXTERNAL;
	case TMAIL_AUTH_ANY:
		break;
	}
	return MECHANISM_COUNT;
}

static bool
set_credentials(struct next_hop *relay, const struct tmail_route *route, struct outcome *outcome)
{
	bool login = route->login.ptr != NULL && route->login.len > 0;

	relay->mechanism = mechanism_of(route->auth);
	if (!login && relay->mechanism != MECHANISM_EXTERNAL)
		return true;
	if (login && !copy(&relay->login, route->login, outcome))
		return false;
	/* The compiler allows no such route; a damaged index may hold one. */
	if (relay->tls == TMAIL_TLS_OPPORTUNISTIC)
		relay->tls = TMAIL_TLS_VERIFIED;
	if (relay->mechanism == MECHANISM_EXTERNAL)
		return true;
	if (route->token_file.ptr != NULL)
		return read_secret(&relay->token, "token-file", route->token_file, outcome);
	if (route->password_file.ptr != NULL)
		return read_secret(&relay->password, "password-file", route->password_file,
		    outcome);
	if (route->password.ptr != NULL)
		return copy(&relay->password, route->password, outcome);
	outcome_fail(outcome, RESULT_SKIP, STAGE_PREPARE, "4.3.5", "a login without a password");
	return false;
}

static bool
unfit(struct outcome *outcome, const char *what)
{
	outcome_fail(outcome, RESULT_SKIP, STAGE_PREPARE, "4.3.5", "%s of the route is unfit for the wire",
	    what);
	return false;
}

static bool
set_source(struct source *source, const struct tmail_address *address, struct outcome *outcome)
{
	source->ip.family = address->family;
	memcpy(source->ip.bytes, address->bytes, sizeof(source->ip.bytes));
	if (!copy(&source->helo, address->helo, outcome))
		return false;
	return source->helo == NULL || name_ok(source->helo) || unfit(outcome, "a name");
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
		if (tmail_candidate_local(routes, candidate, route, n, &address) != TMAIL_OK) {
			outcome_fail(outcome, RESULT_SKIP, STAGE_PREPARE, "4.3.5",
			    "the index is damaged: a source address of the route");
			return false;
		}
		relay->source_count++;
		if (!set_source(&relay->sources[n], &address, outcome))
			return false;
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
	    !copy(&relay->tls_cert, route->tls_cert, outcome) ||
	    !copy(&relay->tls_ca, route->tls_ca, outcome) ||
	    !copy(&relay->helo, given, outcome))
		return false;
	return (name_ok(relay->helo) && (relay->host == NULL || name_ok(relay->host)) &&
		   (relay->tls_name == NULL || name_ok(relay->tls_name))) ||
	    unfit(outcome, "a name");
}

/* Limits are shared by all routes through the relay of that name. */
static bool
set_limits(struct next_hop *relay, const struct tmail_route *route, struct outcome *outcome)
{
	if (route->relay.ptr == NULL || (route->connections == 0 && route->rate == 0))
		return true;
	relay->connections = route->connections;
	relay->rate = route->rate_seconds == 0 ? 0 : route->rate;
	relay->rate_seconds = route->rate_seconds;
	return copy(&relay->relay, route->relay, outcome);
}

static bool
set_sender(struct next_hop *relay, const struct tmail_route *route, struct outcome *outcome)
{
	char *text = NULL;
	bool ok;

	if (route->mail_from.ptr == NULL)
		return true;
	if (!copy(&text, route->mail_from, outcome))
		return false;
	relay->sender = malloc(sizeof(*relay->sender));
	if (relay->sender == NULL)
		ok = no_memory(outcome);
	else
		ok = address_parse(relay->sender, text) == NULL || unfit(outcome, "the mail-from");
	free(text);
	return ok;
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
	    .port = route->port == 0 ? MX_PORT : route->port,
	    .family = route->family,
	    .tls = route->tls,
	    .local = route->local,
	};
	return set_names(relay, route, helo, outcome) &&
	    set_sources(relay, routes, candidate, route, outcome) &&
	    set_sender(relay, route, outcome) && set_limits(relay, route, outcome) &&
	    set_credentials(relay, route, outcome);
}

bool
next_hop_mx(struct next_hop *relay, const char *helo, struct outcome *outcome)
{
	*relay = (struct next_hop){
	    .hop = TMAIL_HOP_MX,
	    .port = MX_PORT,
	    .tls = TMAIL_TLS_OPPORTUNISTIC,
	    .mechanism = MECHANISM_COUNT,
	    .local = TMAIL_LOCAL_DEFAULT,
	};
	relay->helo = strdup(helo);
	return relay->helo != NULL || no_memory(outcome);
}

void
next_hop_release(struct next_hop *relay)
{
	size_t i;

	for (i = 0; i < relay->source_count; i++)
		free(relay->sources[i].helo);
	free(relay->file);
	free(relay->host);
	free(relay->tls_name);
	free(relay->tls_cert);
	free(relay->tls_ca);
	free(relay->helo);
	free(relay->login);
	password_free(relay->password);
	password_free(relay->token);
	free(relay->sender);
	free(relay->relay);
	free(relay->sources);
}
