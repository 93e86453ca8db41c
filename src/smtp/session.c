#include "smtp/session.h"

#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "program/clock.h"

#define CONNECT_MS 30000
#define QUIT_MS 2000

/* For the log; the last time before the server can refuse a login. */
static void
note_tls(struct session *session)
{
	struct curl_tlssessioninfo *info = NULL;

	curl_easy_getinfo(session->curl, CURLINFO_TLS_SSL_PTR, &info);
	session->tls = info != NULL && info->internals != NULL;
	if (session->tls && info->backend == CURLSSLBACKEND_OPENSSL)
		snprintf(session->tls_version, sizeof(session->tls_version), "%s",
		    SSL_get_version(info->internals));
}

static int
watch(CURL *curl, curl_infotype type, char *data, size_t size, void *arg)
{
	struct session *session = arg;

	(void)curl;
	if (type == CURLINFO_HEADER_OUT) {
		transcript_sent(&session->transcript, data, size);
		if (session->transcript.stage == STAGE_AUTH)
			note_tls(session);
	} else if (type == CURLINFO_HEADER_IN) {
		transcript_received(&session->transcript, data, size);
	}
	return 0;
}

/*
 * The gate.  libcurl calls it when it is done with EHLO, STARTTLS and AUTH, and before anything
 * of the mail leaves.  libcurl itself goes on unauthenticated where the server offers no AUTH.
 */
static int
gate(void *arg, char *remote, char *local, int remote_port, int local_port)
{
	struct session *session = arg;
	enum tmail_tls tls = session->hop->tls;

	(void)remote;
	(void)local;
	(void)remote_port;
	(void)local_port;
	note_tls(session);
	session->ready = !session->transcript.refused &&
	    (session->tls || tls == TMAIL_TLS_OFF || tls == TMAIL_TLS_OPPORTUNISTIC) &&
	    (session->hop->login == NULL || session->transcript.authenticated);
	return session->ready ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

/*
 * The URL has the name that the certificate must have; the address to connect
 * to is set apart from it.
 */
static CURLcode
set_target(CURL *curl, struct session *session, const struct hop *hop)
{
	char ip[IP_TEXT_SIZE], url[1024], to[80];
	struct ip literal;
	char *helo = curl_easy_escape(curl, hop->helo, 0);
	bool v6 = ip6_parse(slice_str(hop->name), &literal);
	int n;

	if (helo == NULL)
		return CURLE_OUT_OF_MEMORY;
	n = snprintf(url, sizeof(url), "%s://%s%s%s:%u/%s",
	    hop->tls == TMAIL_TLS_IMPLICIT ? "smtps" : "smtp", v6 ? "[" : "", hop->name,
	    v6 ? "]" : "", hop->port, helo);
	curl_free(helo);
	if (n < 0 || (size_t)n >= sizeof(url))
		return CURLE_URL_MALFORMAT;
	ip_format(&hop->to, ip);
	snprintf(to, sizeof(to), hop->to.family == 6 ? "::[%s]:%u" : "::%s:%u", ip, hop->port);
	session->connect_to = curl_slist_append(NULL, to);
	if (session->connect_to == NULL)
		return CURLE_OUT_OF_MEMORY;
	curl_easy_setopt(curl, CURLOPT_CONNECT_TO, session->connect_to);
	return curl_easy_setopt(curl, CURLOPT_URL, url);
}

static CURLcode
set_source(CURL *curl, const struct ip *from)
{
	char text[IP_TEXT_SIZE], interface[IP_TEXT_SIZE + 8];

	if (from == NULL)
		return CURLE_OK;
	ip_format(from, text);
	snprintf(interface, sizeof(interface), "host!%s", text);
	return curl_easy_setopt(curl, CURLOPT_INTERFACE, interface);
}

static CURLcode
set_security(CURL *curl, const struct hop *hop)
{
	bool verify = hop->tls == TMAIL_TLS_VERIFIED || hop->tls == TMAIL_TLS_IMPLICIT;
	long use = hop->tls == TMAIL_TLS_OFF ? CURLUSESSL_NONE
	    : hop->tls == TMAIL_TLS_OPPORTUNISTIC ? CURLUSESSL_TRY : CURLUSESSL_ALL;
	CURLcode rc = curl_easy_setopt(curl, CURLOPT_USE_SSL, use);

	if (rc == CURLE_OK)
		rc = curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, verify ? 1L : 0L);
	if (rc == CURLE_OK)
		rc = curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L);
	if (rc == CURLE_OK && hop->ca_file != NULL)
		rc = curl_easy_setopt(curl, CURLOPT_CAINFO, hop->ca_file);
	if (rc == CURLE_OK && hop->ca_file != NULL)
		rc = curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
	return rc;
}

/* Left to itself libcurl would first take DIGEST-MD5, GSSAPI and NTLM, which a relay may offer
 * without having a secret of that kind for every login, and would not come back to these. */
static CURLcode
set_login(CURL *curl, const struct hop *hop)
{
	CURLcode rc;

	if (hop->login == NULL)
		return CURLE_OK;
	rc = curl_easy_setopt(curl, CURLOPT_USERNAME, hop->login);
	if (rc == CURLE_OK)
		rc = curl_easy_setopt(curl, CURLOPT_PASSWORD, hop->password);
	if (rc == CURLE_OK)
		rc = curl_easy_setopt(curl, CURLOPT_LOGIN_OPTIONS,
		    "AUTH=CRAM-MD5;AUTH=PLAIN;AUTH=LOGIN");
	if (rc == CURLE_OK)
		rc = curl_easy_setopt(curl, CURLOPT_SASL_IR, 1L);
	return rc;
}

static void
set_behaviour(CURL *curl, struct session *session, int64_t deadline)
{
	long left = clock_left(deadline);

	/* No proxy from the environment, no other protocol, no signals. */
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, session->error);
	curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L);
	curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, watch);
	curl_easy_setopt(curl, CURLOPT_DEBUGDATA, session);
	curl_easy_setopt(curl, CURLOPT_PREREQFUNCTION, gate);
	curl_easy_setopt(curl, CURLOPT_PREREQDATA, session);
	/*
	 * 0 would mean no limit.  The third takes whole seconds and so ends
	 * after the others.
	 */
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, left > 0 ? left : 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
	    left > CONNECT_MS ? CONNECT_MS : left > 0 ? left : 1L);
	curl_easy_setopt(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, left / 1000 + 1);
}

static CURLcode
session_setup(struct session *session, int64_t deadline)
{
	const struct hop *hop = session->hop;
	CURLcode rc;

	session->curl = curl_easy_init();
	if (session->curl == NULL)
		return CURLE_OUT_OF_MEMORY;
	set_behaviour(session->curl, session, deadline);
	rc = set_target(session->curl, session, hop);
	if (rc == CURLE_OK)
		rc = set_source(session->curl, hop->from);
	if (rc == CURLE_OK)
		rc = set_security(session->curl, hop);
	if (rc == CURLE_OK)
		rc = set_login(session->curl, hop);
	return rc;
}

/* Without STARTTLS no reply tells a failed handshake from a failed connection. */
static bool
is_tls_error(CURLcode rc)
{
	return rc == CURLE_SSL_CONNECT_ERROR || rc == CURLE_PEER_FAILED_VERIFICATION ||
	    rc == CURLE_SSL_CACERT_BADFILE || rc == CURLE_SSL_CERTPROBLEM ||
	    rc == CURLE_SSL_ISSUER_ERROR || rc == CURLE_SSL_CIPHER;
}

static const char *
why(const struct session *session, CURLcode rc)
{
	long error = 0;

	if (rc == CURLE_COULDNT_CONNECT)
		curl_easy_getinfo(session->curl, CURLINFO_OS_ERRNO, &error);
	if (error != 0)
		return strerror((int)error);
	return session->error[0] != '\0' ? session->error : curl_easy_strerror(rc);
}

/* No reply refused anything, but the gate was not passed. */
static void
judge_failure(const struct session *session, CURLcode rc, struct outcome *outcome)
{
	const struct transcript *transcript = &session->transcript;
	const struct hop *hop = session->hop;
	enum stage stage = transcript->stage;

	/* A handshake fails after the 220 to STARTTLS and before the next EHLO. */
	if (stage == STAGE_STARTTLS && transcript->code == 220)
		outcome_fail(outcome,
		    hop->tls == TMAIL_TLS_OPPORTUNISTIC ? RESULT_CLEAR : RESULT_NEXT, stage,
		    "4.7.5", "TLS handshake failed: %s", why(session, rc));
	else if (rc == CURLE_OPERATION_TIMEDOUT)
		outcome_fail(outcome, RESULT_NEXT, stage,
		    stage == STAGE_CONNECT ? "4.4.1" : "4.4.2", "timed out");
	else if (stage == STAGE_CONNECT)
		outcome_fail(outcome, RESULT_NEXT, stage, is_tls_error(rc) ? "4.7.5" : "4.4.1",
		    "%s", why(session, rc));
	else if (rc == CURLE_USE_SSL_FAILED)
		outcome_fail(outcome, RESULT_NEXT, stage, "4.7.4", "TLS is not offered");
	else if (hop->login != NULL && stage == STAGE_EHLO && transcript->code == 250)
		outcome_fail(outcome, RESULT_NEXT, stage, "4.7.4",
		    "AUTH is not offered, or not with CRAM-MD5, PLAIN or LOGIN");
	else if (stage == STAGE_AUTH && transcript->code != 0)
		outcome_fail(outcome, RESULT_NEXT, stage, "4.7.8",
		    "AUTH was not answered with 235 but with %d", transcript->code);
	else
		outcome_fail(outcome, RESULT_NEXT, stage, "4.4.2", "%s", why(session, rc));
}

static void
note_local(struct session *session)
{
	char *local = NULL;

	if (session->curl == NULL)
		return;
	curl_easy_getinfo(session->curl, CURLINFO_LOCAL_IP, &local);
	if (local != NULL)
		snprintf(session->local, sizeof(session->local), "%s", local);
}

bool
session_open(struct session *session, const struct hop *hop, int64_t deadline,
    struct outcome *outcome)
{
	CURLcode rc;

	memset(session, 0, sizeof(*session));
	session->hop = hop;
	transcript_init(&session->transcript, hop->password);
	rc = session_setup(session, deadline);
	if (rc == CURLE_OK)
		rc = curl_easy_perform(session->curl);
	note_local(session);
	if (rc == CURLE_OK && session->ready)
		return true;
	session->ready = false;
	if (session->transcript.refused)
		outcome_reply(outcome, session->transcript.stage, session->transcript.code,
		    session->transcript.text);
	else
		judge_failure(session, rc, outcome);
	return false;
}

/* Waits until the socket is ready; false when the deadline passed first. */
static bool
await(struct session *session, short events, int64_t deadline)
{
	curl_socket_t fd = CURL_SOCKET_BAD;
	struct pollfd poll_fd;

	if (curl_easy_getinfo(session->curl, CURLINFO_ACTIVESOCKET, &fd) != CURLE_OK)
		return false;
	poll_fd = (struct pollfd){.fd = fd, .events = events};
	return clock_left(deadline) > 0 && poll(&poll_fd, 1, clock_left(deadline)) != 0;
}

/* After a failure there is nobody to say QUIT to. */
static enum session_io
broken(struct session *session, enum session_io io)
{
	session->ready = false;
	return io;
}

enum session_io
session_write(struct session *session, const char *data, size_t len, int64_t deadline)
{
	CURLcode rc;
	size_t n;

	while (len > 0) {
		n = 0;
		rc = curl_easy_send(session->curl, data, len, &n);
		if (rc == CURLE_AGAIN) {
			if (!await(session, POLLOUT, deadline))
				return broken(session, SESSION_TIMEOUT);
			continue;
		}
		if (rc != CURLE_OK)
			return broken(session, SESSION_LOST);
		data += n;
		len -= n;
	}
	return SESSION_OK;
}

/* Adds to the input; the caller has made room. */
static enum session_io
receive(struct session *session, int64_t deadline)
{
	size_t room = sizeof(session->input) - session->input_used, n = 0;
	CURLcode rc;

	for (;;) {
		rc = curl_easy_recv(session->curl, session->input + session->input_used, room, &n);
		if (rc != CURLE_AGAIN)
			break;
		if (!await(session, POLLIN, deadline))
			return broken(session, SESSION_TIMEOUT);
	}
	if (rc != CURLE_OK || n == 0)
		return broken(session, SESSION_LOST);
	session->input_used += n;
	return SESSION_OK;
}

enum session_io
session_reply(struct session *session, int64_t deadline, int *code, char *text)
{
	char *end;
	size_t len;
	enum session_io io;
	bool last = false;

	*code = 0;
	text[0] = '\0';
	while (!last) {
		end = memchr(session->input, '\n', session->input_used);
		if (end == NULL && session->input_used < sizeof(session->input)) {
			io = receive(session, deadline);
			if (io != SESSION_OK)
				return io;
			continue;
		}
		len = end == NULL ? session->input_used : (size_t)(end + 1 - session->input);
		if (end == NULL || !reply_line(session->input, len, code, text, &last)) {
			*code = 0;
			snprintf(text, OUTCOME_TEXT_MAX, "no SMTP reply");
			return SESSION_OK;
		}
		session->input_used -= len;
		memmove(session->input, session->input + len, session->input_used);
	}
	transcript_mask(&session->transcript, text);
	return SESSION_OK;
}

void
session_close(struct session *session)
{
	char text[OUTCOME_TEXT_MAX];
	int64_t deadline = clock_now() + QUIT_MS;
	int code;

	if (session->ready && session_write(session, "QUIT\r\n", 6, deadline) == SESSION_OK)
		session_reply(session, deadline, &code, text);
	curl_easy_cleanup(session->curl);
	curl_slist_free_all(session->connect_to);
	transcript_release(&session->transcript);
}
