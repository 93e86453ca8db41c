#include "smtp/auth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "smtp/base64.h"

/*
 * AUTH and its first word on one line.  RFC 4954, 4, has none of more than 512 bytes, but
 * most servers take them, and some look for a token nowhere else; Postfix cuts at 2048.
 */
#define LINE_PROPER 512
#define LINE_LIMIT 2048

/* Where the server is known, what most of them get right; else what does not show the password. */
static const enum mechanism simplest[] = {MECHANISM_PLAIN, MECHANISM_LOGIN,
    MECHANISM_SCRAM_SHA_256, MECHANISM_SCRAM_SHA_1, MECHANISM_CRAM_MD5, MECHANISM_COUNT};
static const enum mechanism strongest[] = {MECHANISM_SCRAM_SHA_256, MECHANISM_SCRAM_SHA_1,
    MECHANISM_CRAM_MD5, MECHANISM_PLAIN, MECHANISM_LOGIN, MECHANISM_COUNT};
static const enum mechanism bearers[] = {MECHANISM_OAUTHBEARER, MECHANISM_XOAUTH2,
    MECHANISM_COUNT};

/* How an exchange ended. */
enum end {
	END_IN,		/* the server said 235 */
	END_LONG,	/* refused, perhaps for the long line: without the first word it may do */
	END_OTHER,	/* refused: another mechanism may do */
	END_OUT		/* refused, or broken: no other will do */
};

/* The first word of a mechanism that has one. */
struct first {
	char *word;	/* not yet sent */
	bool apart;	/* it is not to be sent before the server asks */
	bool too_long;	/* it was sent, in a line that is too long for some servers */
};

/* Sends one word, which is a secret from now on. */
static bool
say_word(struct session *session, const char *before, const char *word, struct outcome *outcome)
{
	size_t size = strlen(before) + strlen(word) + 3;
	char *line = malloc(size);
	bool ok;

	if (line == NULL) {
		outcome_fail(outcome, RESULT_STOP, STAGE_AUTH, "4.3.0", "out of memory");
		return false;
	}
	secrets_sent(&session->secrets, word);
	snprintf(line, size, "%s%s\r\n", before, word);
	ok = session_say(session, STAGE_AUTH, line, outcome) &&
	    session_hear(session, STAGE_AUTH, NULL, outcome);
	explicit_bzero(line, size);
	free(line);
	return ok;
}

/* There is nothing to say, for what is wrong here or with the challenge. */
static void
no_answer(const struct sasl *sasl, enum result result, struct outcome *outcome)
{
	outcome_fail(outcome, result, STAGE_AUTH, result == RESULT_STOP ? "4.3.0"
	    : sasl->unfit ? "4.3.5" : "4.7.8", "AUTH %s: %s", sasl_name(sasl->mechanism),
	    sasl->why);
}

/* "AUTH PLAIN", with the first word if the mechanism has one and the line holds it. */
static bool
begin(struct session *session, struct sasl *sasl, struct first *first, struct outcome *outcome)
{
	char command[64];
	const char *name = sasl_name(sasl->mechanism);
	size_t len;
	bool ok;

	snprintf(session->mechanism, sizeof(session->mechanism), "%s", name);
	snprintf(command, sizeof(command), "AUTH %s", name);
	if (sasl_speaks_first(sasl->mechanism) && !sasl_step(sasl, "", &first->word)) {
		no_answer(sasl, sasl->unfit ? RESULT_SKIP : RESULT_STOP, outcome);
		return false;
	}
	len = first->word == NULL ? 0 : strlen(command) + strlen(first->word) + 3;
	if (first->word == NULL || first->apart || len > LINE_LIMIT)
		return say_word(session, command, "", outcome);
	first->too_long = len > LINE_PROPER;
	snprintf(command, sizeof(command), "AUTH %s ", name);
	ok = say_word(session, command, *first->word == '\0' ? "=" : first->word, outcome);
	free(first->word);
	first->word = NULL;
	return ok;
}

/* A server that refuses a token says why in a challenge (RFC 7628, 3.2.2), before it says so by a
 * code. */
static void
note_objection(struct session *session, const struct sasl *sasl)
{
	size_t len;
	char *text;

	if ((sasl->mechanism != MECHANISM_XOAUTH2 && sasl->mechanism != MECHANISM_OAUTHBEARER) ||
	    session->reply.raw[0] == '\0')
		return;
	text = base64_decode(session->reply.raw, &len);
	if (text == NULL)
		return;
	secrets_show(&session->secrets, text, session->objection, sizeof(session->objection));
	free(text);
}

/* A 334: the answer, or "*" where there is none.  false: nothing more came. */
static bool
answer(struct session *session, struct sasl *sasl, struct first *first, struct outcome *outcome)
{
	char *word = first->word;
	bool ok;

	first->word = NULL;
	if (word == NULL)
		note_objection(session, sasl);
	if (word == NULL && !sasl_step(sasl, session->reply.raw, &word)) {
		say_word(session, "*", "", outcome);
		no_answer(sasl, RESULT_SKIP, outcome);
		return false;
	}
	ok = say_word(session, "", word, outcome);
	free(word);
	return ok;
}

/* The reply that ended the exchange. */
static enum end
judge(const struct session *session, const struct sasl *sasl, const struct first *first,
    struct outcome *outcome)
{
	int code = session->reply.code;

	if (code == 235 && sasl->done)
		return END_IN;
	if ((code == 500 || code == 501) && first->too_long)
		return END_LONG;
	if (code == 235)
		outcome_fail(outcome, RESULT_SKIP, STAGE_AUTH, "4.7.8",
		    "AUTH %s: the server said 235 before the exchange was over",
		    sasl_name(sasl->mechanism));
	else if (code < 400)
		outcome_fail(outcome, RESULT_NEXT, STAGE_AUTH, "4.7.8",
		    "AUTH was not answered with 235 but with %d", code);
	else if (session->objection[0] != '\0')
		outcome_add(outcome, " (%s)", session->objection);
	/* 504: not this mechanism; 534, 538: not as it stands; 535: not these words. */
	return code == 504 || code == 534 || code == 535 || code == 538 ? END_OTHER : END_OUT;
}

static enum end
exchange(struct session *session, enum mechanism mechanism, bool apart, struct outcome *outcome)
{
	struct sasl sasl;
	struct first first = {.apart = apart};
	enum end end = END_OUT;
	bool ok = sasl_begin(&sasl, mechanism, &session->hop->who);

	session->objection[0] = '\0';
	if (!ok)
		outcome_fail(outcome, RESULT_STOP, STAGE_AUTH, "4.3.0", "cannot use %s: %s",
		    sasl_name(mechanism), sasl.why);
	else
		ok = begin(session, &sasl, &first, outcome);
	while (ok && session->reply.code == 334)
		ok = answer(session, &sasl, &first, outcome);
	if (ok)
		end = judge(session, &sasl, &first, outcome);
	else if (sasl.unfit)
		end = END_OTHER;
	free(first.word);
	sasl_end(&sasl);
	return end;
}

/* What may be tried, best first. */
static const enum mechanism *
candidates(const struct hop *hop, bool verified)
{
	if (hop->who.token != NULL)
		return bearers;
	return verified ? simplest : strongest;
}

/* Whether the mechanism is offered, and the one to use where there is but one. */
static bool
usable(const struct session *session, enum mechanism mechanism)
{
	return (session->offers.mechanisms >> mechanism & 1) != 0 &&
	    (session->hop->mechanism == MECHANISM_COUNT || session->hop->mechanism == mechanism);
}

static void
not_offered(const struct session *session, struct outcome *outcome)
{
	enum mechanism only = session->hop->mechanism;

	if (!session->offers.auth)
		outcome_fail(outcome, RESULT_NEXT, STAGE_EHLO, "4.7.4", "AUTH is not offered");
	else if (only != MECHANISM_COUNT)
		outcome_fail(outcome, RESULT_NEXT, STAGE_EHLO, "4.7.4",
		    "AUTH is not offered with %s", sasl_name(only));
	else
		outcome_fail(outcome, RESULT_NEXT, STAGE_EHLO, "4.7.4",
		    "AUTH is offered, but with no mechanism that would do");
}

bool
auth_run(struct session *session, bool verified, struct outcome *outcome)
{
	const struct hop *hop = session->hop;
	static const enum mechanism external[] = {MECHANISM_EXTERNAL, MECHANISM_COUNT};
	const enum mechanism *next = hop->mechanism == MECHANISM_EXTERNAL ? external
	    : candidates(hop, verified);
	struct outcome refused;
	enum end end = END_OTHER;
	bool any = false;

	for (; *next != MECHANISM_COUNT && end == END_OTHER; next++) {
		if (!usable(session, *next))
			continue;
		refused = *outcome;
		end = exchange(session, *next, false, outcome);
		if (end == END_LONG)
			end = exchange(session, *next, true, outcome);
		/* A server that refused one and then hangs up has said why. */
		if (any && end == END_OUT && outcome->code == 0)
			*outcome = refused;
		any = true;
	}
	if (!any)
		not_offered(session, outcome);
	return end == END_IN;
}
