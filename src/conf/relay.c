#include "conf/relay.h"

#include <stdlib.h>

#include "base/nearest.h"
#include "text/edit.h"

bool
check_name(struct check *check, struct item item, struct slice *name)
{
	if (!value_text(check->conf, check->source, item, name))
		return false;
	for (size_t i = 0; i < name->len; i++) {
		unsigned char c = (unsigned char)name->ptr[i], l = c | 0x20;

		if ((l < 'a' || l > 'z') && (c < '0' || c > '9') && c < 0x80 &&
		    (c == '\0' || strchr("._+-", c) == NULL))
			name->len = 0;
	}
	if (name->len > 0)
		return true;
	diagnose(&check->conf->diagnostics, item_span(item), SLUG_BAD_NAME,
	    "a name is made of letters, digits, '.', '_', '+' and '-'");
	return false;
}

void
say_undefined(struct check *check, const struct names *names, struct slice name, struct span at,
    const char *what, enum slug slug)
{
	const char **list, *nearest;
	struct diagnostic *d;

	/* It may well be defined in the file that is missing. */
	if (check->conf->incomplete)
		return;
	d = diagnose(&check->conf->diagnostics, at, slug,
	    "%s '%.*s' is not defined", what, SLICE_ARG(name));
	if (d == &check->conf->diagnostics.unseen)
		return;
	list = mem_alloc(names->count * sizeof(*list));
	for (size_t i = 0; i < names->count; i++)
		list[i] = names->list[i].ptr;
	nearest = nearest_word(name, list, names->count);
	if (nearest != NULL)
		diagnostic_help(&check->conf->diagnostics, d, "did you mean '%s'?", nearest);
	free(list);
}

struct relay *
relay_find(struct check *check, struct slice name, struct span at)
{
	uint32_t number = names_find(&check->relay_names, name);

	if (number == NO_NAME) {
		say_undefined(check, &check->relay_names, name, at, "relay", SLUG_UNDEFINED_RELAY);
		return NULL;
	}
	check->relays[number].used = true;
	return &check->relays[number];
}

bool
check_credentials(struct check *check, const struct stmt *stmt, const struct options *options)
{
	struct diagnostics *diagnostics = &check->conf->diagnostics;
	bool login = options_has(options, OPTION_LOGIN);
	bool password = options_has(options, OPTION_PASSWORD);
	bool file = options_has(options, OPTION_PASSWORD_FILE);
	struct span after;

	if (login ? password != file : !password && !file)
		return true;
	after = span(stmt_end(stmt), stmt_end(stmt));
	if (password && file) {
		bool file_last =
		    options->at[OPTION_PASSWORD_FILE].begin > options->at[OPTION_PASSWORD].begin;
		enum option later = file_last ? OPTION_PASSWORD_FILE : OPTION_PASSWORD;
		enum option earlier = file_last ? OPTION_PASSWORD : OPTION_PASSWORD_FILE;
		struct diagnostic *d = diagnose(diagnostics, options->at[later], SLUG_TWO_PASSWORDS,
		    "both 'password' and 'password-file' are given");

		diagnostic_note(diagnostics, d, options->at[earlier], "first given here");
		return false;
	}
	if (login) {
		struct diagnostic *d = diagnose(diagnostics, after, SLUG_MISSING_PASSWORD,
		    "the login has no password");

		diagnostic_help(diagnostics, d, "add 'password-file PATH' or 'password STRING'");
	} else {
		diagnose(diagnostics, after, SLUG_MISSING_LOGIN, "the password has no login");
	}
	return false;
}

bool
check_one_port(struct check *check, const struct host *host, const struct options *options)
{
	struct diagnostic *d;

	if (!host->has_port || !options_has(options, OPTION_PORT))
		return true;
	d = diagnose(&check->conf->diagnostics, options->at[OPTION_PORT], SLUG_REPEATED_OPTION,
	    "the port is given twice");
	diagnostic_note(&check->conf->diagnostics, d, host->at, "first given here");
	return false;
}

/* A login and a TLS mode of the same statement, or of a route and its relay. */
bool
check_login_tls(struct check *check, struct span at, enum tmail_tls tls, struct span other)
{
	struct diagnostics *diagnostics = &check->conf->diagnostics;
	struct diagnostic *d;

	if (tls == TMAIL_TLS_OFF) {
		d = diagnose(diagnostics, at, SLUG_LOGIN_IN_CLEAR,
		    "the login and its password travel in clear");
	} else if (tls == TMAIL_TLS_REQUIRED) {
		d = diagnose(diagnostics, at, SLUG_LOGIN_UNVERIFIED,
		    "the login goes to a server whose certificate nobody checks");
	} else if (tls == TMAIL_TLS_OPPORTUNISTIC) {
		d = diagnose(diagnostics, at, SLUG_LOGIN_OPPORTUNISTIC,
		    "a login wants TLS for certain, not 'opportunistic'");
		diagnostic_help(diagnostics, d, "leave 'tls' out: a login makes it 'verified'");
	} else {
		return true;
	}
	if (other.begin != at.begin)
		diagnostic_note(diagnostics, d, other, "the relay's part is here");
	return tls != TMAIL_TLS_OPPORTUNISTIC;
}

int
host_family(const struct host *host)
{
	return host->kind == HOST_IP4 ? 4 : host->kind == HOST_IP6 ? 6 : 0;
}

bool
check_families(struct check *check, const struct host *host, const struct options *options)
{
	int family = host_family(host);

	if (family == 0 || !options_has(options, OPTION_LOCAL))
		return true;
	for (uint32_t i = 0; i < options->local.count; i++)
		if (options->local.list[i].family != family) {
			struct diagnostic *d =
			    diagnose(&check->conf->diagnostics, options->at[OPTION_LOCAL],
				SLUG_FAMILY_MISMATCH, "an IPv%d source address cannot reach %.*s",
				options->local.list[i].family, SLICE_ARG(host->name));

			diagnostic_note(&check->conf->diagnostics, d, host->at,
			    "the relay's address is IPv%d", family);
			return false;
		}
	return true;
}

static bool
judge_relay(struct check *check, const struct stmt *stmt, struct relay *relay)
{
	const struct options *options = &relay->options;

	if (!value_host(check->conf, check->source, stmt_items(stmt)[1], false, &relay->host))
		return false;
	for (uint32_t i = 2; i < stmt->count; i++)
		if (!option_read(check->conf, check->source, stmt_items(stmt)[i], STATEMENT_RELAY,
			&relay->options))
			return false;
	return check_one_port(check, &relay->host, options) &&
	    check_credentials(check, stmt, options) &&
	    (!options_has(options, OPTION_LOGIN) || !options_has(options, OPTION_TLS) ||
		check_login_tls(check, options->at[OPTION_TLS],
		    (enum tmail_tls)options->number[OPTION_TLS], options->at[OPTION_TLS])) &&
	    check_families(check, &relay->host, options);
}

void
check_relay(struct check *check, const struct stmt *stmt)
{
	size_t known = check->relay_names.count;
	struct relay *relay;
	struct slice name;
	uint32_t number;

	if (!check_name(check, stmt_items(stmt)[0], &name))
		return;
	number = names_intern(&check->relay_names, name, false);
	if (number < known && stmt->broken)
		return;
	if (number < known) {
		struct diagnostic *d =
		    diagnose(&check->conf->diagnostics, item_span(stmt_items(stmt)[0]),
			SLUG_DUPLICATE_RELAY, "relay '%.*s' is defined twice", SLICE_ARG(name));

		diagnostic_note(&check->conf->diagnostics, d, check->relays[number].at,
		    "first defined here");
		return;
	}
	check->relays =
	    mem_grow(check->relays, number, &check->relay_capacity, sizeof(*check->relays));
	relay = &check->relays[number];
	*relay = (struct relay){.at = item_span(stmt_items(stmt)[0])};
	if (check->conf->keep_patterns)
		relay->comment = edit_comment_text(check->source, stmt);
	relay->broken = stmt->broken || !judge_relay(check, stmt, relay);
}

void
check_default(struct check *check, const struct stmt *stmt)
{
	for (uint32_t i = 0; i < stmt->count && !stmt->broken; i++)
		if (!option_read(check->conf, check->source, stmt_items(stmt)[i], STATEMENT_DEFAULT,
			&check->defaults))
			return;
}
