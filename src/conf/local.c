#include "conf/local.h"

#include "conf/relay.h"

/* 4 or 6 for a relay named by its address; 0: by a name. */
static int
host_family(const struct host *host)
{
	return host->kind == HOST_IP4 ? 4 : host->kind == HOST_IP6 ? 6 : 0;
}

/* 4 or 6 if the option allows nothing else. */
static int
only_family(const struct options *options)
{
	if (options == NULL)
		return 0;
	return options->number[OPTION_FAMILY] == TMAIL_FAMILY_IPV4 ? 4
	    : options->number[OPTION_FAMILY] == TMAIL_FAMILY_IPV6 ? 6 : 0;
}

int
reach_family(const struct reach *reach)
{
	int family = host_family(reach->host);

	return family != 0 ? family : only_family(reach->family);
}

/* "192.0.2.1", or "the relay by IPv4", where a name says nothing. */
static struct slice
target_text(struct check *check, const struct reach *reach)
{
	return host_family(reach->host) != 0 ? reach->host->name
	    : arena_printf(&check->conf->arena, "a relay by IPv%d", reach_family(reach));
}

/* Where the family is decided, as a note. */
static void
note_family(struct check *check, const struct reach *reach, struct diagnostic *d)
{
	int family = reach_family(reach);

	if (host_family(reach->host) != 0)
		diagnostic_note(&check->conf->diagnostics, d, reach->host->at,
		    "the relay's address is IPv%d", family);
	else
		diagnostic_note(&check->conf->diagnostics, d, reach->family->at[OPTION_FAMILY],
		    "the family is given here");
}

/* A literal address and an option `family` without it. */
static bool
check_literal(struct check *check, const struct reach *reach)
{
	int literal = host_family(reach->host), only = only_family(reach->family);
	bool own = reach->family == reach->own;
	struct diagnostic *d;

	if (literal == 0 || only == 0 || literal == only)
		return true;
	d = diagnose(&check->conf->diagnostics,
	    own ? reach->family->at[OPTION_FAMILY] : reach->host->at, SLUG_FAMILY_MISMATCH,
	    "'family ipv%d' cannot reach %.*s", only, SLICE_ARG(reach->host->name));
	if (own)
		note_family(check, reach, d);
	else
		diagnostic_note(&check->conf->diagnostics, d, reach->family->at[OPTION_FAMILY],
		    "the family is given here");
	return false;
}

static size_t
count_fitting(const struct local *local, int family)
{
	size_t n = 0;

	for (uint32_t i = 0; i < local->count; i++)
		n += local->list[i].family == family;
	return n;
}

static void
refuse_all(struct check *check, const struct reach *reach)
{
	struct diagnostics *diagnostics = &check->conf->diagnostics;
	struct slice target = target_text(check, reach);
	struct diagnostic *d;

	if (reach->local == reach->own) {
		d = diagnose(diagnostics, reach->local->at[OPTION_LOCAL], SLUG_FAMILY_MISMATCH,
		    "an IPv%d source address cannot reach %.*s", 10 - reach_family(reach),
		    SLICE_ARG(target));
		note_family(check, reach, d);
		return;
	}
	d = diagnose(diagnostics, host_family(reach->host) == 0 && reach->family == reach->own
	    ? reach->family->at[OPTION_FAMILY] : reach->host->at, SLUG_FAMILY_MISMATCH,
	    "no source address can reach %.*s", SLICE_ARG(target));
	diagnostic_note(diagnostics, d, reach->local->at[OPTION_LOCAL],
	    "the source addresses are given here");
}

static void
name_unfit(struct check *check, const struct reach *reach, int family)
{
	const struct local *local = &reach->local->local;
	struct slice target = target_text(check, reach);

	for (uint32_t i = 0; i < local->count; i++) {
		char text[IP_TEXT_SIZE];
		struct diagnostic *d;

		if (local->list[i].family == family)
			continue;
		ip_format(&local->list[i], text);
		d = diagnose(&check->conf->diagnostics, local->at[i], SLUG_UNFIT_ADDRESS,
		    "source address %s cannot reach %.*s and is left out", text,
		    SLICE_ARG(target));
		note_family(check, reach, d);
	}
}

bool
check_reach(struct check *check, const struct reach *reach)
{
	int family = reach_family(reach);
	size_t fitting;

	if (!check_literal(check, reach))
		return false;
	if (family == 0 || reach->local == NULL)
		return true;
	fitting = count_fitting(&reach->local->local, family);
	if (fitting == 0)
		refuse_all(check, reach);
	else if (fitting < reach->local->local.count && reach->local == reach->own)
		name_unfit(check, reach, family);
	return fitting > 0;
}

/* The name that `source` gives an address, among the model's strings; absent: none. */
static void
put_greeting(struct check *check, struct slice ip, bool greet, unsigned char *string)
{
	struct pool *strings = &check->model->strings;
	uint32_t number;

	le32_put(string, STRING_ABSENT);
	if (check->source_names.count == 0)
		return;
	number = names_find(&check->source_names, ip);
	if (number == NO_NAME)
		return;
	check->source_helos[number].used |= greet;
	if (greet) {
		struct slice helo = check->source_helos[number].helo;

		le32_put(string, pool_offset(strings, pool_intern(strings, helo)));
		le32_put(string + 4, (uint32_t)helo.len);
	}
}

void
put_local(struct check *check, const struct reach *reach, bool greet, unsigned char *hop)
{
	struct model *model = check->model;
	unsigned char list[LOCALS_MAX * LOCAL_SIZE];
	int family = reach_family(reach);
	const struct local *local;
	uint32_t entry, n = 0;

	if (reach->local == NULL)
		return;
	local = &reach->local->local;
	for (uint32_t i = 0; i < local->count; i++) {
		const struct ip *ip = &local->list[i];
		unsigned char *p = list + n * LOCAL_SIZE;
		char text[IP_TEXT_SIZE];
		size_t len = ip_format(ip, text);

		if (family != 0 && ip->family != family)
			continue;
		n++;
		memset(p, 0, LOCAL_SIZE);
		p[LOCAL_FAMILY] = (unsigned char)ip->family;
		p[LOCAL_TEXT_LENGTH] = (unsigned char)len;
		memcpy(p + LOCAL_BYTES, ip->bytes, sizeof(ip->bytes));
		le32_put(p + LOCAL_TEXT,
		    pool_offset(&model->strings, pool_intern(&model->strings, slice(text, len))));
		put_greeting(check, slice(text, len), greet, p + LOCAL_HELO);
	}
	entry = pool_intern(&model->locals, slice((const char *)list, n * (size_t)LOCAL_SIZE));
	hop[HOP_LOCAL_MODE] = (unsigned char)(n == 1 ? TMAIL_LOCAL_FAILOVER : local->mode);
	le32_put(hop + HOP_LOCAL_FIRST, pool_offset(&model->locals, entry) / LOCAL_SIZE);
	le32_put(hop + HOP_LOCAL_COUNT, n);
}

/* The address of a source, written in one way; absent, after a message, if it is none. */
static struct slice
source_address(struct check *check, struct item item)
{
	char text[IP_TEXT_SIZE];
	struct diagnostic *d;
	struct slice word;
	struct ip ip;

	if (!value_text(check->conf, check->source, item, &word))
		return slice(NULL, 0);
	if (ip_parse(word, &ip))
		return arena_copy(&check->conf->arena, slice(text, ip_format(&ip, text)));
	d = diagnose(&check->conf->diagnostics, item_span(item), SLUG_BAD_IP,
	    "'%.*s' is not an IP address", SLICE_ARG(word));
	if (word.len > 2 && word.ptr[0] == '[')
		diagnostic_help(&check->conf->diagnostics, d,
		    "source addresses stand without brackets");
	return slice(NULL, 0);
}

void
check_source(struct check *check, const struct stmt *stmt)
{
	size_t known = check->source_names.count;
	struct options options = {.set = 0};
	struct slice address;
	uint32_t number;

	if (stmt->broken)
		return;
	address = source_address(check, stmt_items(stmt)[0]);
	for (uint32_t i = 1; i < stmt->count && address.ptr != NULL; i++)
		if (!option_read(check->conf, check->source, stmt_items(stmt)[i], STATEMENT_SOURCE,
			&options))
			return;
	if (address.ptr == NULL)
		return;
	number = names_intern(&check->source_names, address, false);
	if (number < known) {
		struct diagnostic *d =
		    diagnose(&check->conf->diagnostics, item_span(stmt_items(stmt)[0]),
			SLUG_DUPLICATE_SOURCE, "source %.*s is defined twice", SLICE_ARG(address));

		diagnostic_note(&check->conf->diagnostics, d, check->source_helos[number].at,
		    "first defined here");
		return;
	}
	check->source_helos = mem_grow(check->source_helos, number, &check->source_capacity,
	    sizeof(*check->source_helos));
	check->source_helos[number] = (struct source_helo){
	    .at = item_span(stmt_items(stmt)[0]), .helo = options.text[OPTION_HELO]};
}
