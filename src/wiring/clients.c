/* clients.c - the transports of the routes in master.cf, beside what export prints. */
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "wiring/doctor.h"
#include "wiring/words.h"

/* A transport and the service that it is. */
struct client {
	struct doctor *doctor;
	const struct transport *transport;
	const struct service *service;
};

static const char *
name_of(struct doctor *doctor, struct slice name)
{
	return arena_copy(&doctor->arena, name).ptr;
}

/* Seconds may be written without their unit, and a boolean in any case. */
static bool
is_same(const char *name, const char *have, struct slice want)
{
	size_t len = strlen(have);

	if (slice_eq(slice(have, len), want))
		return true;
	if (slice_is(want, "yes"))
		return strcasecmp(have, "yes") == 0;
	return strstr(name, "_rate_delay") != NULL && len > 0 && want.len == len + 1 &&
	    memcmp(have, want.ptr, len) == 0;
}

/* A table that stands in main.cf itself may be one of passwords. */
static const char *
without_secrets(const char *name, const char *value)
{
	bool table = strstr(value, "inline:") != NULL || strstr(value, "static:") != NULL;

	return table && strstr(name, "password") != NULL ? "a table in main.cf" : value;
}

static void
say_differs(struct doctor *doctor, enum level level, const char *where, const char *name,
    const char *have, struct slice want)
{
	struct text value = {0};

	cf_value(&value, want);
	report_say(&doctor->report, level, "differs",
	    arena_printf(&doctor->arena, "set %s = %.*s", name, (int)value.len, value.len == 0 ? "" : value.ptr).ptr,
	    "%s: %s is '%s', and the routes want '%.*s'", where, name,
	    without_secrets(name, have), (int)want.len,
	    want.len == 0 ? "" : want.ptr);
	text_release(&value);
}

static bool
has_map(struct client *client, const char *list, const char *map, const struct slice *transport,
    struct asking *asking)
{
	struct doctor *doctor = client->doctor;
	const char *name = transport == NULL ? map : arena_printf(&doctor->arena, "%s.%.*s", map,
	    (int)transport->len, transport->ptr).ptr;

	return doctor_asks(doctor, list, name, doctor->sockets.socketmap, asking);
}

/* A map of the daemon: of this transport, or of all where that says the same. */
static void
check_map(struct client *client, const char *name, const char *map, bool needed, bool apart)
{
	struct doctor *doctor = client->doctor;
	const struct slice *transport = &client->transport->name;
	const char *have = postconf_value(&doctor->postconf, client->service, name);
	struct text want = {0};
	struct asking asking;
	bool all;

	if (needed && strcmp(map, "sasl") == 0 && strncmp(doctor->sockets.socketmap, "inet:", 5) == 0) {
		report_say(&doctor->report, LEVEL_ERROR, "sasl-inet",
		    "let tmail routes serve listen at a unix socket, and ask there",
		    "%s: passwords are told on unix sockets only, not at %s", client->service->id,
		    doctor->sockets.socketmap);
		return;
	}
	all = has_map(client, have, map, NULL, &asking);
	if ((all && !apart) || has_map(client, have, map, transport, &asking)) {
		doctor_reach_map(doctor, client->service, &asking);
		return;
	}
	/* Without logins only a map that tells those of others is wrong. */
	if (!needed && !all)
		return;
	cf_map(&want, &doctor->sockets, map,
	    client->transport->kind == TRANSPORT_SMTP && !apart ? NULL : transport);
	say_differs(doctor, LEVEL_ERROR, client->service->id, name, have, slice(want.ptr, want.len));
	text_release(&want);
}

static void
check_maps(struct client *client)
{
	const struct transport *transport = client->transport;

	check_map(client, "smtp_sasl_password_maps", "sasl", transport->logins,
	    transport->sasl_apart);
	check_map(client, "smtp_tls_policy_maps", "tls", transport->policies, transport->tls_apart);
}

/* The maps are looked at apart. */
static void
check_option(void *arg, const char *name, struct slice want)
{
	struct client *client = arg;
	const char *have = postconf_value(&client->doctor->postconf, client->service, name);

	if (strstr(name, "_maps") == NULL && !is_same(name, have, want))
		say_differs(client->doctor, LEVEL_ERROR, client->service->id, name, have, want);
}

static void
check_limit(void *arg, const char *name, struct slice want)
{
	struct client *client = arg;
	const char *have = postconf_main(&client->doctor->postconf, name);

	if (!is_same(name, have, want))
		say_differs(client->doctor, LEVEL_WARNING, "main.cf", name, have, want);
}

/* Options in master.cf that no route of the transport asks for. */
static void
check_surplus(struct client *client)
{
	const struct needs *needs = &client->transport->needs;

	for (int need = 0; need < NEED_CONNECTIONS; need++) {
		const char *name = need_names[need].parameter;
		const char *have = postconf_option(&client->doctor->postconf, client->service, name);

		if (have == NULL || needs->value[need].len > 0 ||
		    (need == NEED_LEVEL && needs->value[NEED_WRAPPED].len > 0))
			continue;
		report_say(&client->doctor->report, LEVEL_WARNING, "surplus",
		    "say it in the routes, or take it out of master.cf",
		    "%s has %s=%s, and no route of it asks for that", client->service->id, name, have);
	}
}

/* What Postfix wants to log in at all. */
static void
check_logins(struct client *client)
{
	struct doctor *doctor = client->doctor;
	const struct postconf *postconf = &doctor->postconf;
	const char *place = doctor_place(doctor, &client->transport->login);

	if (!client->transport->logins)
		return;
	if (postconf_yes(postconf, client->service, "smtp_sasl_auth_enable"))
		report_say(&doctor->report, LEVEL_OK, "sasl-auth", NULL,
		    "%s: smtp_sasl_auth_enable is yes, and %s has a login", client->service->id, place);
	else
		report_say(&doctor->report, LEVEL_ERROR, "sasl-auth", "set smtp_sasl_auth_enable = yes in main.cf",
		    "%s: smtp_sasl_auth_enable is no, and %s has a login", client->service->id, place);
	if (cf_has(postconf_value(postconf, client->service, "smtp_sasl_tls_security_options"), "noplaintext"))
		report_say(&doctor->report, LEVEL_ERROR, "sasl-options",
		    "set smtp_sasl_tls_security_options = noanonymous in main.cf",
		    "%s: smtp_sasl_tls_security_options forbids PLAIN and LOGIN, and %s has a login",
		    client->service->id, place);
	if (client->transport->clear_logins &&
	    cf_has(postconf_value(postconf, client->service, "smtp_sasl_security_options"), "noplaintext"))
		report_say(&doctor->report, LEVEL_ERROR, "sasl-options",
		    "set smtp_sasl_security_options = noanonymous in main.cf",
		    "%s: smtp_sasl_security_options forbids PLAIN and LOGIN without TLS, and a route has a login with tls off",
		    client->service->id);
	if (postconf_yes(postconf, client->service, "smtp_connection_cache_on_demand"))
		report_say(&doctor->report, LEVEL_WARNING, "connection-cache",
		    "set smtp_connection_cache_on_demand = no in main.cf",
		    "%s keeps connections, and one opened for a login may take other mail", client->service->id);
}

static void
check_trust(struct client *client)
{
	const struct postconf *postconf = &client->doctor->postconf;

	if (!client->transport->verified ||
	    postconf_value(postconf, client->service, "smtp_tls_CApath")[0] != '\0' ||
	    postconf_value(postconf, client->service, "smtp_tls_CAfile")[0] != '\0' ||
	    postconf_yes(postconf, client->service, "tls_append_default_CA"))
		return;
	report_say(&client->doctor->report, LEVEL_ERROR, "trust",
	    "set smtp_tls_CApath = /etc/ssl/certs in main.cf",
	    "%s: neither smtp_tls_CApath nor smtp_tls_CAfile is set, and its routes check certificates",
	    client->service->id);
}

/* Postfix goes on to it behind the relays of a route, and hands it what no route does. */
static void
check_fallback(struct client *client)
{
	const char *relay = postconf_value(&client->doctor->postconf, client->service, "smtp_fallback_relay");

	if (relay[0] != '\0')
		report_say(&client->doctor->report, LEVEL_WARNING, "fallback-relay",
		    "write it as a route with a higher priority, and set smtp_fallback_relay =",
		    "%s has the smtp_fallback_relay %s, which takes the mail that no relay of its routes does",
		    client->service->id, relay);
}

static void
check_client(struct client *client)
{
	struct doctor *doctor = client->doctor;

	check_maps(client);
	if (client->transport->kind == TRANSPORT_CLONE) {
		cf_options(client->transport, &doctor->sockets, check_option, client);
		cf_limits(client->transport, check_limit, client);
		check_surplus(client);
	} else if (client->transport->kind == TRANSPORT_SMTP && client->doctor->transports.greeting.len > 0)
		check_option(client, need_names[NEED_HELO].parameter, client->doctor->transports.greeting);
	check_logins(client);
	check_trust(client);
	check_fallback(client);
}

static void
check_transport(struct doctor *doctor, const struct transport *transport)
{
	const char *name = name_of(doctor, transport->name);
	struct client client = {doctor, transport,
	    postconf_service(&doctor->postconf, name, "unix")};
	size_t errors = doctor->report.count[LEVEL_ERROR], warnings = doctor->report.count[LEVEL_WARNING];

	if (client.service == NULL) {
		report_say(&doctor->report, LEVEL_ERROR, "transport",
		    "tmail routes export postfix --master prints its service",
		    "master.cf has no transport '%s', which %s names: its mail waits", name,
		    doctor_place(doctor, &transport->first));
		return;
	}
	/* A pipe to tmail deliver is looked at in any case. */
	if (service_runs(client.service, "pipe") && !doctor_is_deliver(client.service))
		doctor_pipe(doctor, client.service, false);
	else if (service_runs(client.service, "smtp"))
		check_client(&client);
	if (errors == doctor->report.count[LEVEL_ERROR] &&
	    warnings == doctor->report.count[LEVEL_WARNING])
		report_say(&doctor->report, LEVEL_OK, "transport", NULL, "master.cf has the transport '%s'",
		    name);
}

/* What Postfix's answers to some routes lead to. */
static void
check_needed(struct doctor *doctor, const char *name, const char *what)
{
	if (postconf_service(&doctor->postconf, name, "unix") == NULL)
		report_say(&doctor->report, LEVEL_ERROR, "transport",
		    "take the line from the master.cf that Postfix comes with",
		    "master.cf has no service '%s', which %s", name, what);
}

static bool
any_tls(const struct transports *transports)
{
	for (size_t i = 0; i < transports->count; i++)
		if (transports->list[i].policies || transports->list[i].verified)
			return true;
	return false;
}

void
doctor_clients(struct doctor *doctor)
{
	for (size_t i = 0; i < doctor->transports.count; i++)
		check_transport(doctor, &doctor->transports.list[i]);
	if (doctor->transports.refusing) {
		check_needed(doctor, "error", "routes that reject want");
		check_needed(doctor, "retry", "routes that defer want");
	}
	if (doctor->transports.discarding)
		check_needed(doctor, "discard", "routes that discard want");
	if (any_tls(&doctor->transports))
		check_needed(doctor, "tlsmgr", "TLS wants");
}
