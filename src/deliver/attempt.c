#include "deliver/attempt.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "smtp/opening.h"
#include "program/clock.h"

/* How long to look for our own name. */
#define NAME_MS 5000

/*
 * How long to wait for a greeting where there are others to try: as long as it takes
 * to lose one packet; and from hosts of strangers, which look us up before, and who
 * is known for taking time.
 */
#define SOON_MS 1500
#define SLOW_MS STATE_LOOK_MS

/* One try: an address, a source, a protection. */
struct try {
	const struct next_hop *relay;
	const struct peer *peer;
	const struct source *source;
	enum tmail_tls tls;
	bool data_only;
	enum standing standing;
	bool last;
};

/* Servers refuse a greeting without a domain, and an MX is ourselves by its whole name. */
void
attempt_name_self(struct delivery *delivery)
{
	struct self *self = &delivery->self;
	int64_t deadline = clock_earlier(clock_now() + NAME_MS, delivery->limit);

	if (!delivery->named && strchr(self->hostname, '.') == NULL &&
	    dns_full_name(delivery->dns, self->hostname, deadline, delivery->full_name,
		sizeof(delivery->full_name)))
		self->full = delivery->full_name;
	delivery->named = true;
}

static void
count_failure(struct delivery *delivery)
{
	if (delivery->failed++ == 0 || delivery->outcome.stage >= delivery->furthest.stage) {
		delivery->furthest = delivery->outcome;
		strcpy(delivery->furthest_where, delivery->where);
	}
	delivery->passing |= delivery->outcome.status[0] != '5';
}

static void
log_common(struct attempt *attempt, const struct delivery *delivery, uint32_t route,
    const char *file, uint32_t line)
{
	*attempt = (struct attempt){
	    .recipient = delivery->envelope.recipient.text,
	    .sender = delivery->envelope.sender.text,
	    .login = delivery->options->user,
	    .queue_id = delivery->options->queue_id,
	    .route = route,
	    .file = file,
	    .line = line,
	    .digest = delivery->digest,
	};
}

void
attempt_none(struct delivery *delivery, uint32_t route, const char *file, uint32_t line)
{
	struct attempt attempt;

	log_common(&attempt, delivery, route, file, line);
	log_attempt(delivery->options->log, &attempt, &delivery->outcome);
}

void
attempt_failed(struct delivery *delivery, const struct next_hop *relay, int64_t since)
{
	struct attempt attempt;

	log_common(&attempt, delivery, relay->route, relay->file, relay->line);
	attempt.relay = relay->host != NULL ? relay->host : "mx";
	attempt.ms = clock_now() - since;
	delivery->where[0] = '\0';
	log_attempt(delivery->options->log, &attempt, &delivery->outcome);
	count_failure(delivery);
}

static void
log_try(struct delivery *delivery, const struct try *try, const struct session *session,
    int64_t since)
{
	struct attempt attempt;
	char ip[IP_TEXT_SIZE], endpoint[IP_TEXT_SIZE + 10], source[IP_TEXT_SIZE], relay[300];

	log_common(&attempt, delivery, try->relay->route, try->relay->file, try->relay->line);
	ip_format(&try->peer->ip, ip);
	snprintf(endpoint, sizeof(endpoint), try->peer->ip.family == 6 ? "[%s]:%u" : "%s:%u", ip,
	    try->relay->port);
	snprintf(relay, sizeof(relay), "%s:%u", try->peer->host, try->relay->port);
	snprintf(source, sizeof(source), "%s", session->local);
	if (try->source != NULL)
		ip_format(&try->source->ip, source);
	attempt.relay = relay;
	attempt.address = endpoint;
	attempt.source = source;
	attempt.tls = session->tls;
	attempt.verified = session->tls[0] != '\0' &&
	    (try->tls == TMAIL_TLS_VERIFIED || try->tls == TMAIL_TLS_IMPLICIT);
	attempt.mechanism = session->mechanism;
	attempt.as_is = delivery->outcome.stage > STAGE_AUTH && delivery->message.eight_bit &&
	    !session->offers.eight_bit;
	attempt.folded = delivery->outcome.stage > STAGE_AUTH && delivery->message.folded;
	attempt.chunks = session->chunks;
	attempt.ms = clock_now() - since;
	snprintf(delivery->where, sizeof(delivery->where), "%s[%s]", try->peer->host, endpoint);
	log_attempt(delivery->options->log, &attempt, &delivery->outcome);
}

/* While others wait their turn, an attempt gets half of the time left. */
static int64_t
share(const struct delivery *delivery, bool last)
{
	int64_t now = clock_now();

	return last ? delivery->limit : now + (delivery->limit - now) / 2;
}

/* Where and how to connect. */
static struct hop
hop_of(const struct delivery *delivery, const struct try *try, const struct envelope *envelope)
{
	const struct next_hop *relay = try->relay;
	const struct source *source = try->source;

	return (struct hop){
	    .to = try->peer->ip,
	    .port = relay->port,
	    .from = source == NULL ? NULL : &source->ip,
	    .name = relay->tls_name != NULL ? relay->tls_name : try->peer->host,
	    .helo = source != NULL && source->helo != NULL ? source->helo : relay->helo,
	    .tls = try->tls,
	    .who = {.login = relay->login, .password = relay->password, .token = relay->token,
		.host = try->peer->host, .port = relay->port},
	    .mechanism = relay->mechanism,
	    .ca_file = relay->tls_ca != NULL ? relay->tls_ca : delivery->options->ca_file,
	    .cert_file = relay->tls_cert,
	    .utf8 = envelope->sender.utf8 || envelope->recipient.utf8,
	    .data_only = try->data_only,
	};
}

/* What the others are to know while this delivery is still under way. */
struct news {
	const struct delivery *delivery;
	const struct hop *hop;
	struct waiter waiter;
};

static bool
is_vain(void *arg, int64_t *at)
{
	struct news *news = arg;

	*at = clock_now() + STATE_AGAIN_MS;
	return state_vain(&news->waiter);
}

static void
note_late(void *arg)
{
	const struct news *news = arg;

	state_down(&news->delivery->state, &news->hop->to, news->hop->port);
}

static void
note_reached(void *arg, const struct session *session)
{
	struct news *news = arg;
	const struct state *state = &news->delivery->state;
	const struct hop *hop = news->hop;

	waiter_leave(&news->waiter);
	if (hop->watch != NULL && hop->watch->ended)
		return;		/* they know */
	if (session->greeted)
		state_up(state, &hop->to, hop->port, session->greeted_ms);
	else if (session->down && news->delivery->outcome.result == RESULT_LATER &&
	    hop->patience_ms == SOON_MS)
		state_doubt(state, &hop->to, hop->port);
	else if (session->down)
		state_down(state, &hop->to, hop->port);
}

/* Who has nobody behind him, or has his second turn, is waited for as long as is proper. */
static int64_t
patience(const struct delivery *delivery, const struct try *try)
{
	if (try->last || delivery->again || try->standing == STANDING_UNTOLD)
		return 0;
	return try->standing == STANDING_SLOW || try->relay->hop != TMAIL_HOP_HOST ? SLOW_MS
										   : SOON_MS;
}

static enum result
run_try(struct delivery *delivery, const struct try *try)
{
	struct envelope envelope = delivery->envelope;
	int64_t since = clock_now();
	struct session session;
	struct hop hop;
	struct news news = {delivery, &hop,
	    {&delivery->state, &hop.to, try->relay->port, since, -1}};
	struct wire_watch watch = {since + STATE_TOGETHER_MS, is_vain, &news, false};

	/* A bounce stays one. */
	if (try->relay->sender != NULL && envelope.sender.text[0] != '\0')
		envelope.sender = *try->relay->sender;
	hop = hop_of(delivery, try, &envelope);
	hop.patience_ms = patience(delivery, try);
	hop.late = hop.patience_ms == 0 ? note_late : NULL;
	hop.reached = note_reached;
	hop.arg = &news;
	hop.watch = hop.patience_ms == SOON_MS ? &watch : NULL;
	session_init(&session, &hop, share(delivery, try->last));
	if (opening_run(&session, &delivery->outcome))
		dialogue_run(&session, &envelope, &delivery->message, delivery->limit,
		    &delivery->outcome);
	/* Before anything else that could go wrong. */
	if (delivery->outcome.result == RESULT_DELIVERED)
		receipt_sign(delivery->receipt);
	log_try(delivery, try, &session, since);
	session_close(&session);
	return delivery->outcome.result;
}

/* One address from one source, where TLS or BDAT comes to nothing again without it. */
static enum result
attempt_address(struct delivery *delivery, const struct try *once)
{
	struct try try = *once;
	enum result result;

	if (clock_left(delivery->limit) == 0) {
		delivery->late = true;
		outcome_fail(&delivery->outcome, RESULT_STOP, STAGE_PREPARE, "4.4.7",
		    "the time for this delivery is over");
		return RESULT_STOP;
	}
	while ((result = run_try(delivery, &try)) == RESULT_CLEAR || result == RESULT_DATA) {
		if (result == RESULT_CLEAR)
			try.tls = TMAIL_TLS_OFF;
		else
			try.data_only = true;
	}
	if (result == RESULT_NEXT || result == RESULT_SKIP)
		count_failure(delivery);
	return result;
}

/* The first or next source address of the peer's family at or after *n; false: none. */
static bool
next_source(const struct next_hop *relay, const struct peer *peer, size_t *n,
    const struct source **source)
{
	if (relay->local == TMAIL_LOCAL_DEFAULT) {
		*source = NULL;
		return (*n)++ == 0;
	}
	for (; *n < relay->source_count; (*n)++)
		if (relay->sources[*n].ip.family == peer->ip.family) {
			*source = &relay->sources[(*n)++];
			return true;
		}
	return false;
}

static bool
find_peers(struct delivery *delivery, const struct next_hop *relay, struct peers *peers)
{
	struct outcome *outcome = &delivery->outcome;
	int64_t deadline = share(delivery, false);
	struct self self;
	bool ok;

	if (relay->hop == TMAIL_HOP_HOST && relay->host != NULL)
		return peers_host(peers, delivery->dns, relay->host, deadline, outcome);
	attempt_name_self(delivery);
	self = (struct self){relay->helo, delivery->self.hostname, delivery->self.full,
	    relay->sources, relay->source_count};
	if (relay->hop == TMAIL_HOP_MX)
		return peers_mx(peers, delivery->dns, delivery->envelope.recipient.domain,
		    &self, &delivery->random, deadline, outcome);
	*peers = (struct peers){0};
	if (relay->hop != TMAIL_HOP_MX_OF || relay->host == NULL) {
		outcome_fail(outcome, RESULT_SKIP, STAGE_PREPARE, "4.3.5",
		    "the index is damaged: a route that leads nowhere");
		return false;
	}
	ok = peers_mx(peers, delivery->dns, relay->host, &self, &delivery->random, deadline,
	    outcome);
	/* The recipient is not to blame for what that domain lacks. */
	if (!ok)
		outcome_soften(outcome);
	return ok;
}

static bool
over(enum result result)
{
	return result == RESULT_DELIVERED || result == RESULT_FINAL || result == RESULT_STOP;
}

/* NULL: the address is not put off. */
static const struct put_off *
find_put_off(const struct delivery *delivery, const struct ip *ip, uint16_t port)
{
	size_t i;

	for (i = 0; i < delivery->later_count; i++)
		if (delivery->later[i].port == port &&
		    memcmp(&delivery->later[i].ip, ip, sizeof(*ip)) == 0)
			return &delivery->later[i];
	return NULL;
}

static bool
put_off_address(struct delivery *delivery, const struct ip *ip, uint16_t port, bool begun)
{
	struct put_off *later;

	if (find_put_off(delivery, ip, port) != NULL)
		return true;
	later = reallocarray(delivery->later, delivery->later_count + 1, sizeof(*later));
	if (later == NULL)
		return false;
	delivery->later = later;
	later[delivery->later_count++] = (struct put_off){*ip, port, begun};
	return true;
}

/* Whether an address has to wait for its turn, or has had it; what is known of it is in *try. */
static bool
not_now(struct delivery *delivery, struct try *try, bool *put_off)
{
	const struct ip *ip = &try->peer->ip;
	uint16_t port = try->relay->port;

	if (delivery->again)
		return find_put_off(delivery, ip, port) == NULL;
	try->standing = state_look(&delivery->state, ip, port);
	if (try->standing != STANDING_DOWN || !put_off_address(delivery, ip, port, false))
		return false;
	*put_off = true;
	return true;
}

/* Whether this delivery began at one of the relay's addresses, and put it off. */
static bool
has_begun(const struct delivery *delivery, const struct next_hop *relay, const struct peers *peers)
{
	const struct put_off *later;
	size_t i;

	for (i = 0; i < peers->count; i++) {
		later = find_put_off(delivery, &peers->list[i].ip, relay->port);
		if (later != NULL && later->begun)
			return true;
	}
	return false;
}

/* The leave that a relay with limits wants; *slot is due to state_leave.  Who goes on with what he
 * has begun counts once for the rate: it was he who took what there was. */
static bool
enter(struct delivery *delivery, const struct next_hop *relay, const struct peers *peers, int *slot)
{
	const struct limits limits = {relay->relay, relay->connections,
	    has_begun(delivery, relay, peers) ? 0 : relay->rate, relay->rate_seconds};
	int64_t deadline = clock_earlier(clock_now() + delivery->options->wait_ms,
	    share(delivery, false));
	struct outcome *outcome = &delivery->outcome;

	switch (state_enter(&delivery->state, &limits, deadline, slot)) {
	case LEAVE_NO_SLOT:
		outcome_fail(outcome, RESULT_SKIP, STAGE_PREPARE, "4.4.5",
		    "%u deliveries to the relay %s are under way", relay->connections,
		    relay->relay);
		return false;
	case LEAVE_NO_TOKEN:
		outcome_fail(outcome, RESULT_SKIP, STAGE_PREPARE, "4.4.5",
		    "%u deliveries to the relay %s in %u s have begun", relay->rate,
		    relay->relay, relay->rate_seconds);
		return false;
	case LEAVE_UNKNOWN:
		if (!delivery->warned)
			log_warning(delivery->options->log,
			    "%s: %s: the limits of relays are not heeded",
			    delivery->options->state, strerror(errno));
		delivery->warned = true;
		break;
	case LEAVE_GIVEN:
		break;
	}
	return true;
}

/* One address from every fitting source; *result stays where there is none.  false: no other
 * address is to be tried. */
static bool
try_sources(struct delivery *delivery, struct try *try, bool last, enum result *result,
    bool *put_off)
{
	const struct source *next;
	size_t n = 0, peek;

	while (next_source(try->relay, try->peer, &n, &try->source)) {
		peek = n;
		try->last = last && !next_source(try->relay, try->peer, &peek, &next);
		*result = attempt_address(delivery, try);
		if (over(*result) || *result == RESULT_SKIP)
			return false;
		if (*result == RESULT_LATER)
			*put_off |=
			    put_off_address(delivery, &try->peer->ip, try->relay->port, true);
	}
	return true;
}

/* Every peer from every fitting source, but those that are not to be tried now. */
static enum result
walk(struct delivery *delivery, const struct next_hop *relay, const struct peers *peers,
    bool last, bool *put_off)
{
	enum result result = RESULT_SKIP;
	struct try try = {.relay = relay, .tls = relay->tls};
	bool entered = relay->relay == NULL;
	int slot = -1;
	size_t i;

	outcome_fail(&delivery->outcome, RESULT_SKIP, STAGE_PREPARE, "4.3.5",
	    "no source address of the relay's family");
	for (i = 0; i < peers->count; i++) {
		try.peer = &peers->list[i];
		if (not_now(delivery, &try, put_off))
			continue;
		if (!entered && !enter(delivery, relay, peers, &slot))
			break;
		entered = true;
		if (!try_sources(delivery, &try, last && i + 1 == peers->count && !*put_off,
			&result, put_off)) {
			/* What is refused at one address is at the others. */
			*put_off &= result != RESULT_SKIP;
			break;
		}
	}
	state_leave(slot);
	return result;
}

bool
attempt_relay(struct delivery *delivery, const struct next_hop *relay, bool last, bool *put_off)
{
	int64_t since = clock_now();
	unsigned failed = delivery->failed;
	struct peers peers;
	enum result result;

	*put_off = false;
	if (find_peers(delivery, relay, &peers) &&
	    peers_choose(&peers, relay->family, &delivery->outcome))
		result = walk(delivery, relay, &peers, last, put_off);
	else
		result = delivery->outcome.result;
	/* No connection was made, and nothing logged yet. */
	if (delivery->outcome.stage == STAGE_PREPARE && delivery->failed == failed && !*put_off)
		attempt_failed(delivery, relay, since);
	peers_release(&peers);
	return over(result);
}
