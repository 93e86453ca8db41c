#include "smtp/opening.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "smtp/address.h"
#include "smtp/auth.h"
#include "smtp/crypto.h"
#include "program/clock.h"

#define CONNECT_MS 30000
/* A greeting that has not come by then is late. */
#define LATE_MS 10000
/* As long as a reply: a busy server is slow at this, too. */
#define HANDSHAKE_MS (5 * 60 * 1000)

static bool
opportunistic(const struct hop *hop)
{
	return hop->tls == TMAIL_TLS_OPPORTUNISTIC && !hop_logs_in(hop);
}

/* What fails with TLS, and may do without it. */
static enum result
without_tls(const struct hop *hop)
{
	return opportunistic(hop) ? RESULT_CLEAR : RESULT_NEXT;
}

/* Whether a connection failed for what is there, not here. */
static bool
is_remote(int error)
{
	return error == ECONNREFUSED || error == ECONNRESET || error == EHOSTUNREACH ||
	    error == ETIMEDOUT;
}

static bool
connect_to(struct session *session, struct outcome *outcome)
{
	const struct hop *hop = session->hop;
	int64_t deadline = clock_earlier(clock_now() + CONNECT_MS, session->deadline);
	enum wire_io io = wire_connect(&session->wire, &hop->to, hop->port, hop->from, deadline);
	int error = errno;
	struct ip local;

	if (io == WIRE_OK && wire_local(&session->wire, &local))
		ip_format(&local, session->local);
	session->down = io == WIRE_TIMEOUT || (io == WIRE_LOST && is_remote(error));
	if (io == WIRE_TIMEOUT)
		outcome_fail(outcome, RESULT_NEXT, STAGE_CONNECT, "4.4.1", "timed out");
	else if (io == WIRE_LOST)
		outcome_fail(outcome, RESULT_NEXT, STAGE_CONNECT, "4.4.1", "%s", strerror(error));
	return io == WIRE_OK;
}

static bool
is_verified(const struct hop *hop)
{
	return hop->tls == TMAIL_TLS_VERIFIED || hop->tls == TMAIL_TLS_IMPLICIT;
}

static bool
shake_hands(struct session *session, enum stage stage, struct outcome *outcome)
{
	const struct hop *hop = session->hop;
	const struct tls_wish wish = {.verify = is_verified(hop), .name = hop->name,
	    .ca_file = hop->ca_file, .cert_file = hop->cert_file};
	int64_t deadline = clock_earlier(clock_now() + HANDSHAKE_MS, session->deadline);
	const char *broken;
	const struct crypto_tls *crypto = crypto_tls(&broken);
	char why[TLS_WHY_MAX];
	enum wire_io io;

	session->ready = false;
	if (crypto == NULL) {
		outcome_fail(outcome, RESULT_STOP, stage, "4.3.0", "cannot use TLS: %s", broken);
		return false;
	}
	io = crypto->start(&session->wire, &wish, deadline, why);
	session->down = io == WIRE_TIMEOUT && !session->greeted;
	if (io == WIRE_UNUSED)
		outcome_fail(outcome, RESULT_SKIP, stage, "4.3.5", "%s", why);
	else if (io != WIRE_OK)
		outcome_fail(outcome, without_tls(hop), stage, "4.7.5", "TLS handshake failed: %s",
		    why);
	if (io != WIRE_OK)
		return false;
	snprintf(session->tls, sizeof(session->tls), "%s", session->wire.tls->version(&session->wire));
	return true;
}

/* A greeting with any other code is none, whatever it is. */
static bool
banner(struct session *session, struct outcome *outcome)
{
	const struct hop *hop = session->hop;
	int64_t soon = clock_earlier(clock_now() + LATE_MS, session->deadline);
	int code;

	if (hop->late != NULL && wire_peek(&session->wire) == WIRE_TIMEOUT &&
	    wire_wait(&session->wire, POLLIN, soon) == WIRE_TIMEOUT)
		hop->late(hop->arg);
	session->greeted = session_hear(session, STAGE_BANNER, NULL, outcome);
	session->down = !session->greeted;
	if (!session->greeted)
		return false;
	code = session->reply.code;
	session->ready = code != 0;
	if (code / 100 != 2 || code == 220)
		return code == 220;
	outcome_fail(outcome, RESULT_NEXT, STAGE_BANNER, "4.5.0",
	    "the server greeted with %d, not with 220", code);
	return false;
}

/* Whether what is to be done takes an extension that only EHLO can tell of. */
static bool
wants_extensions(const struct session *session)
{
	const struct hop *hop = session->hop;

	return hop_logs_in(hop) || hop->utf8 || (session->tls[0] == '\0' &&
	    hop->tls != TMAIL_TLS_OFF && hop->tls != TMAIL_TLS_OPPORTUNISTIC);
}

static bool
hello(struct session *session, struct outcome *outcome)
{
	const struct reply_lines lines = {offers_see, &session->offers};
	char line[NAME_MAX_LENGTH + sizeof("EHLO \r\n")];
	int code;

	session->offers = (struct offers){0};
	snprintf(line, sizeof(line), "EHLO %s\r\n", session->hop->helo);
	if (!session_say(session, STAGE_EHLO, line, outcome) ||
	    !session_hear(session, STAGE_EHLO, &lines, outcome))
		return false;
	session->ready = true;
	code = session->reply.code;
	if (code == 250)
		return true;
	if ((code != 500 && code != 502 && code != 504 && code != 550) ||
	    wants_extensions(session))
		return false;
	memcpy(line, "HELO", 4);
	return session_ask(session, STAGE_EHLO, line, '2', outcome);
}

/* After the reply nothing may follow in clear: somebody else could have put it there. */
static bool
start_tls(struct session *session, struct outcome *outcome)
{
	if (!session_say(session, STAGE_STARTTLS, "STARTTLS\r\n", outcome))
		return false;
	/* Something between here and there may have swallowed it. */
	if (!session_hear(session, STAGE_STARTTLS, NULL, outcome) ||
	    session->reply.code / 100 != 2) {
		outcome->result = without_tls(session->hop);
		return false;
	}
	if (wire_peek(&session->wire) == WIRE_OK) {
		session->ready = false;
		outcome_fail(outcome, RESULT_NEXT, STAGE_STARTTLS, "4.7.0",
		    "something in clear came after the reply to STARTTLS");
		return false;
	}
	return shake_hands(session, STAGE_STARTTLS, outcome);
}

/* EHLO again under TLS; what was said before does not count any more. */
static bool
hello_again(struct session *session, struct outcome *outcome)
{
	if (hello(session, outcome))
		return true;
	/* Some servers find only then that the handshake was not to their liking. */
	if (outcome->code == 0 && opportunistic(session->hop))
		outcome->result = RESULT_CLEAR;
	return false;
}

static bool
secure(struct session *session, struct outcome *outcome)
{
	enum tmail_tls tls = session->hop->tls;
	int64_t whole = session->deadline;

	if (tls == TMAIL_TLS_OFF || tls == TMAIL_TLS_IMPLICIT ||
	    (tls == TMAIL_TLS_OPPORTUNISTIC && !session->offers.starttls))
		return true;
	if (!session->offers.starttls) {
		outcome_fail(outcome, RESULT_NEXT, STAGE_EHLO, "4.7.4", "TLS is not offered");
		return false;
	}
	/* If it fails, half of the time is left to go in clear. */
	if (opportunistic(session->hop))
		session->deadline = clock_now() + (whole - clock_now()) / 2;
	if (!start_tls(session, outcome) || !hello_again(session, outcome))
		return false;
	session->deadline = whole;
	return true;
}

/* As far as the greeting. */
static bool
reach(struct session *session, struct outcome *outcome)
{
	return connect_to(session, outcome) &&
	    (session->hop->tls != TMAIL_TLS_IMPLICIT ||
		shake_hands(session, STAGE_CONNECT, outcome)) &&
	    banner(session, outcome);
}

/* The same with no more patience than there is. */
static bool
reach_in_time(struct session *session, struct outcome *outcome)
{
	const struct hop *hop = session->hop;
	int64_t since = clock_now(), deadline = session->deadline;
	int64_t patience = hop->patience_ms;
	bool reached;

	if (patience != 0)
		session->deadline = clock_earlier(since + patience, deadline);
	session->wire.watch = hop->watch;
	reached = reach(session, outcome);
	session->wire.watch = NULL;
	session->greeted_ms = clock_now() - since;
	if (patience != 0 && session->down &&
	    (clock_left(session->deadline) == 0 || (hop->watch != NULL && hop->watch->ended)))
		outcome->result = RESULT_LATER;
	hop->reached(hop->arg, session);
	session->deadline = deadline;
	return reached;
}

bool
opening_run(struct session *session, struct outcome *outcome)
{
	const struct hop *hop = session->hop;

	if (!reach_in_time(session, outcome) || !hello(session, outcome) ||
	    !secure(session, outcome))
		return false;
	return !hop_logs_in(hop) ||
	    auth_run(session, session->tls[0] != '\0' && is_verified(hop), outcome);
}
