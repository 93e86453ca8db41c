#include "conf/relay.h"

#include <stdlib.h>

#include "base/nearest.h"
#include "conf/credentials.h"
#include "conf/hop.h"
#include "conf/local.h"
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

static bool
judge_relay(struct check *check, const struct stmt *stmt, struct relay *relay)
{
	const struct options *options = &relay->options;
	struct reach reach = {.host = &relay->host, .own = options};

	if (!value_host(check->conf, check->source, stmt_items(stmt)[1], HOST_OF_RELAY,
		&relay->host))
		return false;
	if (host_is_mx(&relay->host) && !check_with(check, stmt, WITH_MX, "mx"))
		return false;
	for (uint32_t i = 2; i < stmt->count; i++)
		if (!option_read(check->conf, check->source, stmt_items(stmt)[i], STATEMENT_RELAY,
			&relay->options))
			return false;
	reach.family = options_has(options, OPTION_FAMILY) ? options : NULL;
	reach.local = options_has(options, OPTION_LOCAL) ? options : NULL;
	return check_one_port(check, &relay->host, options) &&
	    check_credentials(check, stmt, options) &&
	    (!options_has(options, OPTION_LOGIN) || !options_has(options, OPTION_TLS) ||
		check_login_tls(check, options->at[OPTION_TLS],
		    (enum tmail_tls)options->number[OPTION_TLS], options->at[OPTION_TLS])) &&
	    check_reach(check, &reach);
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

/* The rest, which asks what the defaults are. */
void
check_relays(struct check *check)
{
	for (size_t i = 0; i < check->relay_names.count; i++) {
		struct relay *relay = &check->relays[i];

		if (!relay->broken)
			relay->broken = !judge_effective(check, relay);
	}
}
