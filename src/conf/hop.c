#include "conf/hop.h"

#include "conf/credentials.h"
#include "conf/local.h"
#include "conf/port.h"
#include "conf/relay.h"

_Static_assert(HOP_STRINGS + 8 * STRING_COUNT == HOP_SIZE, "a hop ends with its strings");
_Static_assert(IP_TEXT_SIZE <= UINT8_MAX, "LOCAL_TEXT_LENGTH has eight bits");

#define OF_LOGIN(number, word, statements, credential) \
	| (uint32_t)((credential) != CREDENTIAL_NONE) << OPTION_##number
static const uint32_t login_options = 0 OPTIONS(OF_LOGIN);

static const struct options no_options;

struct merging {
	struct check *check;
	const struct options *route;
	struct relay *relay;	/* NULL: none */
	struct host *host;
	const struct options *own;	/* of the statement being judged: the route, or the relay */
	const struct options *login;	/* whose login counts; NULL: nobody's */
	enum tmail_tls tls;
	uint16_t port;
	uint32_t given;			/* what the hop has of options: 1 << OPTION_... */
	unsigned char hop[HOP_SIZE];
};

/* A certificate stands in the place of a login and its secret. */
static bool
is_external(const struct options *options)
{
	return options_has(options, OPTION_AUTH) &&
	    options->number[OPTION_AUTH] == TMAIL_AUTH_EXTERNAL;
}

/*
 * Login, secret and mechanism are replaced as a set, all others one by one; a
 * route may name another mechanism for its relay's login.
 */
static void
merge_options(struct merging *m)
{
	const struct options *relay = m->relay == NULL ? m->route : &m->relay->options;
	uint32_t auth = 1u << OPTION_AUTH;

	m->login = options_has(m->route, OPTION_LOGIN) ? m->route
	    : options_has(relay, OPTION_LOGIN) && !is_external(m->route) ? relay : NULL;
	m->given = (m->route->set | relay->set | m->check->defaults.set) & ~login_options;
	if (m->login != NULL)
		m->given |= m->login->set & login_options;
	if (m->login == m->route && !options_has(m->route, OPTION_AUTH))
		m->given &= ~auth;
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
		if (row->byte != 0)
			m->hop[row->byte] = (unsigned char)giver(m, option)->number[option];
	}
}

/* Who sees which source addresses. */
static struct reach
reach_of(const struct merging *m)
{
	return (struct reach){m->host, giver(m, OPTION_FAMILY), giver(m, OPTION_LOCAL), m->own};
}

/* Whose word on TLS counts: a login wants more than a default. */
static void
merge_tls(struct merging *m)
{
	const struct options *tls = giver(m, OPTION_TLS);
	const struct proof proof = {.auth = giver(m, OPTION_AUTH), .login = m->login};

	m->tls = TMAIL_TLS_OPPORTUNISTIC;
	if (is_proof(&proof) && (tls == NULL || tls == &m->check->defaults))
		m->tls = TMAIL_TLS_VERIFIED;
	else if (tls != NULL)
		m->tls = (enum tmail_tls)tls->number[OPTION_TLS];
}

static bool
check_tls(const struct merging *m)
{
	const struct options *login = m->login, *tls = giver(m, OPTION_TLS);
	bool said = tls != NULL && tls != &m->check->defaults;

	/* What stands on the relay alone was judged there. */
	if (login == NULL || !said || (login != m->route && tls != m->route))
		return true;
	if (tls != m->route)
		return check_login_tls(m->check, login->at[OPTION_LOGIN], m->tls,
		    tls->at[OPTION_TLS]);
	return check_login_tls(m->check, tls->at[OPTION_TLS], m->tls,
	    login == m->route ? tls->at[OPTION_TLS] : login->at[OPTION_LOGIN]);
}

/* The mechanism, unless the relay was judged with the same. */
static bool
check_mechanism(const struct merging *m)
{
	const struct options *auth = giver(m, OPTION_AUTH), *tls = giver(m, OPTION_TLS);
	const struct proof proof = {auth, m->login, giver(m, OPTION_TLS_CERT) != NULL, m->tls,
	    tls == m->own && auth != NULL ? tls->at[OPTION_TLS] : span(0, 0)};

	return auth == NULL || (m->own != auth && m->own != m->login && m->own != tls) ||
	    check_auth(m->check, &proof);
}

/* Of the host, of an option, or what TLS makes of it; of an MX only what was said of it. */
static void
merge_port(struct merging *m)
{
	const struct options *port = giver(m, OPTION_PORT);

	if (host_is_mx(m->host) && port == &m->check->defaults)
		port = NULL;
	if (m->host->has_port && port != m->route)
		m->port = m->host->port;
	else if (port != NULL)
		m->port = port->number[OPTION_PORT];
	else
		m->port = host_is_mx(m->host) ? 0 : m->tls == TMAIL_TLS_IMPLICIT ? 465 : 25;
}

/* Of a route without options, warn_ports tells; of a relay, its own judgement. */
static void
check_own_port(const struct merging *m)
{
	const struct options *port = giver(m, OPTION_PORT);
	bool told = m->relay != NULL && m->own == m->route &&
	    !options_has(m->own, OPTION_PORT) && !options_has(m->own, OPTION_TLS);

	if (told || (m->own == m->route && (m->own->set & ~ORDER_OPTIONS) == 0))
		return;
	check_port(m->check, port == m->own ? port->at[OPTION_PORT]
	    : m->relay != NULL && m->own == m->route ? m->own->at[OPTION_TLS] : m->host->at,
	    m->port, m->tls);
}

bool
check_with(struct check *check, const struct stmt *stmt, unsigned with, const char *word)
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

/* The name of a relay, among the model's strings. */
static void
put_name(struct model *model, struct slice name, unsigned char *string)
{
	uint32_t at = name.ptr == NULL ? STRING_ABSENT
	    : pool_offset(&model->strings, pool_intern(&model->strings, name));

	le32_put(string, at);
	le32_put(string + 4, (uint32_t)name.len);
}

uint32_t
effective_target(struct model *model, uint32_t hop, const struct host *host,
    const struct options *options)
{
	unsigned char target[TARGET_SIZE];

	le32_put(target + TARGET_HOP, hop);
	le16_put(target + TARGET_PRIORITY,
	    options_has(options, OPTION_PRIORITY) ? options->number[OPTION_PRIORITY] : 1);
	le16_put(target + TARGET_WEIGHT,
	    options_has(options, OPTION_WEIGHT) ? options->number[OPTION_WEIGHT] : 1);
	put_name(model, host != NULL && host->kind == HOST_RELAY ? host->name : slice(NULL, 0),
	    target + TARGET_RELAY);
	return pool_intern(&model->targets, slice((const char *)target, sizeof(target)));
}

/* What may be done with the relay at a time, which goes by its name. */
static void
put_limits(struct merging *m, struct slice relay)
{
	const struct options *rate = giver(m, OPTION_RATE);

	if (rate != NULL)
		le32_put(m->hop + HOP_RATE, rate->rate);
	if (rate != NULL || giver(m, OPTION_CONNECTIONS) != NULL)
		put_name(m->check->model, relay, m->hop + HOP_LIMITED);
}

static void
put_relay(struct merging *m, struct slice relay)
{
	static const unsigned char kinds[] = {[HOST_NAME] = TMAIL_HOP_HOST,
	    [HOST_IP4] = TMAIL_HOP_HOST, [HOST_IP6] = TMAIL_HOP_HOST, [HOST_MX] = TMAIL_HOP_MX,
	    [HOST_MX_OF] = TMAIL_HOP_MX_OF};
	const struct options *helo = giver(m, OPTION_HELO);
	const struct reach reach = reach_of(m);

	m->hop[HOP_KIND] = kinds[m->host->kind];
	m->hop[HOP_TLS] = (unsigned char)m->tls;
	if (m->host->name.ptr != NULL)
		put_known(m, STRING_HOST, m->host->name, &m->host->string);
	put_options(m, m->given & ~login_options);
	if (giver(m, OPTION_TRANSPORT) == NULL)
		put_known(m, STRING_TRANSPORT, slice_str("smtp"), &m->check->smtp);
	put_options(m, m->given & login_options);
	le16_put(m->hop + HOP_PORT, m->port);
	put_limits(m, relay);
	m->check->model->secrets |= giver(m, OPTION_PASSWORD) != NULL;
	put_local(m->check, &reach, helo == NULL || helo == &m->check->defaults, m->hop);
}

/* What a statement and what stands behind it ask of each other. */
static bool
judge(struct merging *m)
{
	struct reach reach;

	merge_options(m);
	merge_tls(m);
	merge_port(m);
	reach = reach_of(m);
	if (!check_tls(m) || !check_mechanism(m) || !check_reach(m->check, &reach))
		return false;
	check_own_port(m);
	return true;
}

/* The same of a relay alone, whose own options were judged. */
bool
judge_effective(struct check *check, struct relay *relay)
{
	struct merging m = {.check = check, .route = &no_options, .relay = relay,
	    .host = &relay->host, .own = &relay->options};

	merge_options(&m);
	merge_tls(&m);
	merge_port(&m);
	check_own_port(&m);
	return check_mechanism(&m);
}

static bool
merge_relay(struct merging *m, const struct stmt *stmt, struct host *host)
{
	m->host = host;
	if (host->kind == HOST_RELAY) {
		m->relay = relay_find(m->check, host->name, host->at);
		if (m->relay == NULL || m->relay->broken)
			return false;
		m->host = &m->relay->host;
	}
	if ((host_is_mx(m->host) && !check_with(m->check, stmt, WITH_MX, "via mx")) ||
	    !check_one_port(m->check, host, m->route) ||
	    !check_credentials(m->check, stmt, m->route) || !judge(m))
		return false;
	put_relay(m, host->name);
	return true;
}

bool
effective_hop(struct check *check, const struct stmt *stmt, const struct action *action,
    const struct options *options, uint32_t *hop)
{
	static const char *const words[] = {[TMAIL_REJECT] = "reject", [TMAIL_DEFER] = "defer",
	    [TMAIL_DISCARD] = "discard"};
	struct merging m = {.check = check, .route = options, .own = options};

	le32_put(m.hop + HOP_LIMITED, STRING_ABSENT);
	for (unsigned i = 0; i < STRING_COUNT; i++)
		le32_put(m.hop + HOP_STRINGS + i * 8, STRING_ABSENT);
	m.hop[HOP_ACTION] = (unsigned char)action->action;
	if (action->action == TMAIL_RELAY) {
		if (!merge_relay(&m, stmt, action->host))
			return false;
	} else {
		m.hop[HOP_KIND] = TMAIL_HOP_NONE;
		if (!check_with(check, stmt, WITH_REPLY, words[action->action]))
			return false;
		if (action->text.ptr != NULL)
			put_string(&m, STRING_TEXT, action->text);
	}
	*hop = pool_intern(&check->model->hops, slice((const char *)m.hop, sizeof(m.hop)));
	return true;
}
