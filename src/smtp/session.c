#include "smtp/session.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "program/clock.h"
#include "smtp/address.h"

/* RFC 5321, 4.5.3.2: what a server may take over a reply, and over that to the final dot. */
#define REPLY_MS (5 * 60 * 1000)
#define DOT_MS (10 * 60 * 1000)

void
session_init(struct session *session, const struct hop *hop, int64_t deadline)
{
	memset(session, 0, sizeof(*session));
	session->hop = hop;
	session->wire.fd = -1;
	session->deadline = deadline;
	/* Its greeting may quote what the server was told the last time. */
	if (hop->who.password != NULL)
		secrets_add(&session->secrets, hop->who.password);
	if (hop->who.token != NULL)
		secrets_add(&session->secrets, hop->who.token);
}

/* After a failure there is nobody to say QUIT to. */
static bool
lost(struct session *session, enum stage stage, enum wire_io io, struct outcome *outcome)
{
	const struct wire_tls *tls = session->wire.tls;
	const char *alert = tls == NULL || io != WIRE_LOST ? NULL : tls->alert(&session->wire);

	session->ready = false;
	outcome_lost(outcome, stage, io == WIRE_TIMEOUT);
	/* With TLS 1.3 it is only now that a server refuses our certificate. */
	if (alert != NULL)
		outcome_add(outcome, ": %s", alert);
	return false;
}

/* Whether the word stands in the text by itself, not in an address or the name of a rule, as
 * HELO_DYNAMIC_IPADDR; joiners: what else, beside letters and digits, makes it a part of another
 * before it. */
static bool
has_word(const char *text, const char *word, const char *joiners)
{
	size_t len = strlen(word);
	const char *p = text;

	while ((p = strcasestr(p, word)) != NULL) {
		if ((p == text || (!isalnum((unsigned char)p[-1]) &&
				      strchr(joiners, p[-1]) == NULL)) &&
		    !isalnum((unsigned char)p[len]) && p[len] != '_' && p[len] != '@')
			return true;
		p += len;
	}
	return false;
}

/* "504 5.5.2 <mail>: Helo command rejected: need fully-qualified hostname", "550 mail.here.test does
 * not resolve".  A name without a dot could be any word, and one in an address is not the greeting. */
static bool
blames_greeting(const struct session *session)
{
	const char *text = session->reply.raw, *helo = session->hop->helo;
	char name[NAME_MAX_LENGTH + sizeof("<>")];

	snprintf(name, sizeof(name), "<%s>", helo);
	return has_word(text, "HELO", "") || has_word(text, "EHLO", "") ||
	    strcasestr(text, name) != NULL ||
	    (strchr(helo, '.') != NULL && has_word(text, helo, "@.-_"));
}

bool
session_hear(struct session *session, enum stage stage, const struct reply_lines *lines,
    struct outcome *outcome)
{
	int64_t limit = stage == STAGE_DOT ? DOT_MS : REPLY_MS;
	int64_t deadline = clock_earlier(clock_now() + limit, session->deadline);
	enum wire_io io = reply_read(&session->reply, &session->wire, &session->secrets, lines,
	    deadline);

	if (io != WIRE_OK)
		return lost(session, stage, io, outcome);
	outcome_reply(outcome, stage, session->reply.code, session->reply.text);
	/* How we greet is no fault of the mail. */
	if (outcome->result == RESULT_FINAL && blames_greeting(session))
		outcome_soften(outcome);
	return true;
}

/*
 * To take what came before anything was asked for the answer could make a login
 * of a greeting.  A server that says good-bye may have a reason; amid the data
 * that is its answer to them.
 */
bool
session_quiet(struct session *session, enum stage stage, struct outcome *outcome)
{
	const struct reply *reply = &session->reply;
	enum wire_io io = wire_peek(&session->wire);

	if (io == WIRE_TIMEOUT)
		return true;
	if (io == WIRE_LOST)
		return lost(session, stage, io, outcome);
	if (!session_hear(session, stage, NULL, outcome))
		return false;
	session->ready = false;
	if (reply->code < 400)
		outcome_fail(outcome, RESULT_NEXT, stage, "4.5.0",
		    "the server said this before it was asked: %d %.400s", reply->code,
		    reply->text);
	else if (stage != STAGE_BODY)
		outcome_soften(outcome);
	return false;
}

bool
session_say(struct session *session, enum stage stage, const char *text,
    struct outcome *outcome)
{
	enum wire_io io;

	if (!session_quiet(session, stage, outcome))
		return false;
	io = wire_send(&session->wire, text, strlen(text), REPLY_MS, session->deadline);
	/* A server that has hung up may have said why before. */
	return io != WIRE_TIMEOUT || lost(session, stage, io, outcome);
}

bool
session_ask(struct session *session, enum stage stage, const char *line, char wanted,
    struct outcome *outcome)
{
	return session_say(session, stage, line, outcome) &&
	    session_hear(session, stage, NULL, outcome) &&
	    session->reply.code / 100 == wanted - '0';
}

void
session_close(struct session *session)
{
	if (session->ready)
		wire_send(&session->wire, "QUIT\r\n", 6, 0, 0);
	wire_close(&session->wire);
	secrets_forget(&session->secrets);
}
