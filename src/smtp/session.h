/* session.h - one SMTP session: commands, replies, and how long they may take. */
#ifndef SMTP_SESSION_H
#define SMTP_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ip.h"
#include "smtp/offers.h"
#include "smtp/outcome.h"
#include "smtp/reply.h"
#include "smtp/sasl.h"
#include "smtp/secrets.h"
#include "smtp/wire.h"
#include "tmail/routes.h"

struct session;

/* Where to connect and how.  The strings are the caller's. */
struct hop {
	struct ip to;
	uint16_t port;
	const struct ip *from;	/* source address; NULL: the system's choice */
	const char *name;	/* to find in the certificate */
	const char *helo;
	enum tmail_tls tls;
	struct credentials who;
	enum mechanism mechanism; /* the one to use; MECHANISM_COUNT: what is offered */
	const char *ca_file;	/* NULL: the system's */
	const char *cert_file;	/* client certificate and key; NULL: none */
	bool utf8;		/* the envelope needs SMTPUTF8 */
	bool data_only;		/* BDAT is of no use there */
	int64_t patience_ms;	/* for a greeting, as there are others to try; 0: what is proper */
	struct wire_watch *watch; /* who may end that sooner; NULL: nobody */
	/* Called when the greeting is late, which is waited for all the same; NULL: never. */
	void (*late)(void *arg);
	/* Called when it has come, or nothing will. */
	void (*reached)(void *arg, const struct session *session);
	void *arg;		/* of both */
};

/* hop_logs_in - whether nothing may be sent before AUTH. */
static inline bool
hop_logs_in(const struct hop *hop)
{
	return hop->who.login != NULL || hop->mechanism == MECHANISM_EXTERNAL;
}

struct session {
	const struct hop *hop;
	struct wire wire;
	struct secrets secrets;
	struct offers offers;	/* of the last EHLO */
	struct reply reply;	/* the last one */
	int64_t deadline;	/* of every command and its reply */
	bool ready;		/* the server awaits a command */
	bool down;		/* nobody answered, or said anything */
	bool greeted;		/* somebody did, */
	int64_t greeted_ms;	/* so long after we began */
	bool chunks;		/* the message goes by BDAT */
	char tls[16];		/* "TLSv1.3", "" in clear */
	char local[IP_TEXT_SIZE]; /* source address in use, "" if it came to none */
	char mechanism[24];	/* of AUTH, "" if none was tried */
	char objection[256];	/* what the server has against a token, in JSON; "": nothing */
};

/* session_init - a session in which nothing was said yet; session_close is due. */
void session_init(struct session *session, const struct hop *hop, int64_t deadline);

/*
 * session_quiet - whether the server has said nothing that was not asked for.
 * false: *outcome says what came of it.
 */
bool session_quiet(struct session *session, enum stage stage, struct outcome *outcome);

/* session_say - sends commands to a quiet server.  false: *outcome says what came of it. */
bool session_say(struct session *session, enum stage stage, const char *text,
    struct outcome *outcome);

/*
 * session_hear - reads a reply, and makes it the outcome; what came of it is in
 * session->reply.  false: none came.
 */
bool session_hear(struct session *session, enum stage stage, const struct reply_lines *lines,
    struct outcome *outcome);

/* session_ask - both; true: the reply is of the class wanted, '2' or '3'. */
bool session_ask(struct session *session, enum stage stage, const char *line, char wanted,
    struct outcome *outcome);

/* session_close - says QUIT if the server awaits a command, waits for nothing and hangs up. */
void session_close(struct session *session);

#endif
