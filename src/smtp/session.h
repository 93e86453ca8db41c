/*
 * session.h - one connection to one address, from libcurl: TCP, TLS, EHLO and
 * AUTH are libcurl's; what follows goes over session_write and session_reply.
 */
#ifndef SMTP_SESSION_H
#define SMTP_SESSION_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/ip.h"
#include "smtp/outcome.h"
#include "smtp/transcript.h"
#include "tmail/routes.h"

/* Where to connect and how.  The strings are the caller's. */
struct hop {
	struct ip to;
	uint16_t port;
	const struct ip *from;	/* source address; NULL: the system's choice */
	const char *name;	/* to find in the certificate */
	const char *helo;
	enum tmail_tls tls;
	const char *login;	/* NULL: no AUTH */
	const char *password;
	const char *ca_file;	/* NULL: the system's */
};

struct session {
	CURL *curl;
	struct curl_slist *connect_to;
	const struct hop *hop;
	struct transcript transcript;
	bool ready;		/* the gate was passed: MAIL may be sent */
	bool tls;		/* TLS stands */
	char tls_version[16];	/* "TLSv1.3" */
	char local[IP_TEXT_SIZE]; /* source address in use, "" if it came to none */
	char error[CURL_ERROR_SIZE];
	char input[4096];	/* received, not yet read as a line */
	size_t input_used;
};

/*
 * session_open - connects and goes as far as AUTH, until the deadline.
 *
 * true: the server awaits MAIL, TLS stands as hop->tls asks, and with a login
 * the server has said 235.  false: *outcome says what happened; RESULT_CLEAR
 * only under TMAIL_TLS_OPPORTUNISTIC.  session_close is due in both cases.
 */
bool session_open(struct session *session, const struct hop *hop, int64_t deadline,
    struct outcome *outcome);

/* How moving bytes ended. */
enum session_io { SESSION_OK, SESSION_TIMEOUT, SESSION_LOST };

/* session_write - sends all of data, until the deadline. */
enum session_io session_write(struct session *session, const char *data, size_t len,
    int64_t deadline);

/*
 * session_reply - reads one whole reply.  text has OUTCOME_TEXT_MAX bytes.
 * SESSION_OK with code 0: what came is no SMTP reply.
 */
enum session_io session_reply(struct session *session, int64_t deadline, int *code, char *text);

/* session_close - says QUIT if there is a session, without waiting long, and hangs up. */
void session_close(struct session *session);

#endif
