#include "conf/hop.h"

#include "conf/relay.h"

_Static_assert(HOP_STRINGS + 8 * STRING_COUNT == HOP_SIZE, "a hop ends with its strings");
_Static_assert(IP_TEXT_SIZE <= UINT8_MAX, "LOCAL_TEXT_LENGTH has eight bits");

#define OF_LOGIN(number, word, statements, credential) \
	| (uint32_t)((credential) != CREDENTIAL_NONE) << OPTION_##number
static const uint32_t login_options = 0 OPTIONS(OF_LOGIN);

struct merging {
	struct check *check;
	const struct options *route;
	struct relay *relay;	/* NULL: none */
	struct host *host;
	const struct options *login;	/* whose login counts; NULL: nobody's */
	uint32_t given;			/* what the hop has of options: 1 << OPTION_... */
	unsigned char hop[HOP_SIZE];
};

/* Login and password are replaced as a set, all others one by one. */
static void
merge_options(struct merging *m)
{
	const struct options *relay = m->relay == NULL ? m->route : &m->relay->options;

	m->login = options_has(m->route, OPTION_LOGIN) ? m->route
	    : options_has(relay, OPTION_LOGIN) ? relay : NULL;
	m->given = (m->route->set | relay->set | m->check->defaults.set) & ~login_options;
	if (m->login != NULL)
		m->given |= m->login->set & login_options;
}

/* Whose value of an option counts; NULL: nobody gave one. */
static const struct options *
giver(const struct merging *m, enum option option)
{
	if ((m->given & 1u << option) == 0)
		return NULL;
	if ((login_options & 1u << option) != 0)
		return m->login;
	if (options_has(m->route, option))
		return m->route;
	return m->relay != NULL && options_has(&m->relay->options, option) ? &m->relay->options
	    : &m->check->defaults;
}

/* `known` keeps 1 + the place of the text, which many hops share. */
static void
put_known(struct merging *m, unsigned which, struct slice text, uint32_t *known)
{
	unsigned char *p = m->hop + HOP_STRINGS + which * 8;
	struct pool *strings = &m->check->model->strings;

	if (*known == 0)
		*known = 1 + pool_offset(strings, pool_intern(strings, text));
	le32_put(p, *known - 1);
	le32_put(p + 4, (uint32_t)text.len);
}

static void
put_string(struct merging *m, unsigned which, struct slice text)
{
	uint32_t known = 0;

	put_known(m, which, text, &known);
}

/* What the table knows to put: strings and numbers. */
static void
put_options(struct merging *m, uint32_t set)
{
	for (; set != 0; set &= set - 1) {
		enum option option = (enum option)__builtin_ctz(set);
		const struct option_row *row = &option_rows[option];

		if (row->string != 0)
			put_string(m, row->string, giver(m, option)->text[option]);
		if (row->number != 0)
			le16_put(m->hop + row->number, giver(m, option)->number[option]);
	}
}

static void
put_local(struct merging *m)
{
	const struct options *options = giver(m, OPTION_LOCAL);
	struct model *model = m->check->model;
	unsigned char list[LOCALS_MAX * LOCAL_SIZE] = {0};
	uint32_t entry;

	if (options == NULL)
		return;
	for (uint32_t i = 0; i < options->local.count; i++) {
		const struct ip *ip = &options->local.list[i];
		unsigned char *p = list + i * LOCAL_SIZE;
		char text[IP_TEXT_SIZE];
		size_t len = ip_format(ip, text);

		p[LOCAL_FAMILY] = (unsigned char)ip->family;
		p[LOCAL_TEXT_LENGTH] = (unsigned char)len;
		memcpy(p + LOCAL_BYTES, ip->bytes, sizeof(ip->bytes));
		le32_put(p + LOCAL_TEXT,
		    pool_offset(&model->strings, pool_intern(&model->strings, slice(text, len))));
	}
	entry = pool_intern(&model->locals,
	    slice((const char *)list, options->local.count * (size_t)LOCAL_SIZE));
	m->hop[HOP_LOCAL_MODE] = (unsigned char)options->local.mode;
	le32_put(m->hop + HOP_LOCAL_FIRST, pool_offset(&model->locals, entry) / LOCAL_SIZE);
	le32_put(m->hop + HOP_LOCAL_COUNT, options->local.count);
}

/* Source addresses from elsewhere: enough if one of them fits. */
static bool
check_inherited_families(const struct merging *m)
{
	const struct options *options = giver(m, OPTION_LOCAL);
	int family = host_family(m->host);
	struct diagnostic *d;

	if (family == 0 || options == NULL)
		return true;
	if (options == m->route)
		return check_families(m->check, m->host, options);
	for (uint32_t i = 0; i < options->local.count; i++)
		if (options->local.list[i].family == family)
			return true;
	d = diagnose(&m->check->conf->diagnostics, m->host->at, SLUG_FAMILY_MISMATCH,
	    "no source address can reach %.*s", SLICE_ARG(m->host->name));
	diagnostic_note(&m->check->conf->diagnostics, d, options->at[OPTION_LOCAL],
	    "the source addresses are given here");
	return false;
}

static bool
put_tls(struct merging *m)
{
	const struct options *login = m->login, *tls = giver(m, OPTION_TLS);
	enum tmail_tls mode = TMAIL_TLS_OPPORTUNISTIC;
	bool said = tls != NULL && tls != &m->check->defaults;

	if (login != NULL && !said)
		mode = TMAIL_TLS_VERIFIED;
	else if (tls != NULL)
		mode = (enum tmail_tls)tls->number[OPTION_TLS];
	m->hop[HOP_TLS] = (unsigned char)mode;
	/* What stands on the relay alone was judged there. */
	if (login == NULL || !said || (login != m->route && tls != m->route))
		return true;
	if (tls != m->route)
		return check_login_tls(m->check, login->at[OPTION_LOGIN], mode, tls->at[OPTION_TLS]);
	return check_login_tls(m->check, tls->at[OPTION_TLS], mode,
	    login == m->route ? tls->at[OPTION_TLS] : login->at[OPTION_LOGIN]);
}

/* The port of a host, where it is not an option's. */
static void
put_port(struct merging *m)
{
	const struct options *options = giver(m, OPTION_PORT);

	if (m->host->has_port && options != m->route)
		le16_put(m->hop + HOP_PORT, m->host->port);
	else if (options == NULL)
		le16_put(m->hop + HOP_PORT, m->hop[HOP_TLS] == TMAIL_TLS_IMPLICIT ? 465 : 25);
}

/* Options that make no sense with an MX or without a next hop. */
static bool
refuse_options(struct check *check, const struct stmt *stmt, unsigned with, const char *word)
{
	for (uint32_t i = 0; i < stmt->count; i++) {
		struct item item = stmt_items(stmt)[i];
		unsigned option = item_role(item) - ITEM_OPTION;

		if (item_role(item) < ITEM_OPTION || (option_rows[option].with & with) != 0)
			continue;
		diagnose(&check->conf->diagnostics, value_keyword(check->source, item.pos),
		    SLUG_MISPLACED_OPTION, "option '%s' has no meaning with '%s'",
		    option_word((enum option)option), word);
		return false;
	}
	return true;
}

uint32_t
effective_target(struct model *model, uint32_t hop, const struct options *options)
{
	unsigned char target[TARGET_SIZE];

	le32_put(target + TARGET_HOP, hop);
	le16_put(target + TARGET_PRIORITY,
	    options_has(options, OPTION_PRIORITY) ? options->number[OPTION_PRIORITY] : 1);
	le16_put(target + TARGET_WEIGHT,
	    options_has(options, OPTION_WEIGHT) ? options->number[OPTION_WEIGHT] : 1);
	return pool_intern(&model->targets, slice((const char *)target, sizeof(target)));
}

static bool
put_relay(struct merging *m)
{
	static const unsigned char kinds[] = {[HOST_NAME] = TMAIL_HOP_HOST,
	    [HOST_IP4] = TMAIL_HOP_HOST, [HOST_IP6] = TMAIL_HOP_HOST, [HOST_MX] = TMAIL_HOP_MX,
	    [HOST_MX_OF] = TMAIL_HOP_MX_OF};

	merge_options(m);
	m->hop[HOP_KIND] = kinds[m->host->kind];
	if (!put_tls(m) || !check_inherited_families(m))
		return false;
	if (m->hop[HOP_KIND] != TMAIL_HOP_HOST)
		m->given &= ~(1u << OPTION_PORT);	/* a default's */
	if (m->host->name.ptr != NULL)
		put_known(m, STRING_HOST, m->host->name, &m->host->string);
	put_options(m, m->given & ~login_options);
	if (giver(m, OPTION_TRANSPORT) == NULL)
		put_known(m, STRING_TRANSPORT, slice_str("smtp"), &m->check->smtp);
	put_options(m, m->given & login_options);
	if (m->hop[HOP_KIND] == TMAIL_HOP_HOST)
		put_port(m);
	m->check->model->secrets |= giver(m, OPTION_PASSWORD) != NULL;
	put_local(m);
	return true;
}

static bool
merge_relay(struct merging *m, const struct stmt *stmt, struct host *host)
{
	m->host = host;
	if (host->kind == HOST_MX || host->kind == HOST_MX_OF) {
		if (!refuse_options(m->check, stmt, WITH_MX, "via mx"))
			return false;
	} else if (host->kind == HOST_RELAY) {
		m->relay = relay_find(m->check, host->name, host->at);
		if (m->relay == NULL || m->relay->broken)
			return false;
		m->host = &m->relay->host;
	}
	return check_one_port(m->check, host, m->route) &&
	    check_credentials(m->check, stmt, m->route) && put_relay(m);
}

bool
effective_hop(struct check *check, const struct stmt *stmt, const struct action *action,
    const struct options *options, uint32_t *hop)
{
	struct merging m = {.check = check, .route = options};

	for (unsigned i = 0; i < STRING_COUNT; i++)
		le32_put(m.hop + HOP_STRINGS + i * 8, STRING_ABSENT);
	m.hop[HOP_ACTION] = (unsigned char)action->action;
	if (action->action == TMAIL_RELAY) {
		if (!merge_relay(&m, stmt, action->host))
			return false;
	} else {
		m.hop[HOP_KIND] = TMAIL_HOP_NONE;
		if (!refuse_options(check, stmt, WITH_REPLY,
			action->action == TMAIL_REJECT ? "reject" : "defer"))
			return false;
		put_string(&m, STRING_TEXT, action->text);
	}
	*hop = pool_intern(&check->model->hops, slice((const char *)m.hop, sizeof(m.hop)));
	return true;
}
