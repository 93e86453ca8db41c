/*
 * outcome.h - what one attempt came to, and what follows from it: the rules
 * at the end of routes.conf(5)'s section on plans, in one place.
 */
#ifndef SMTP_OUTCOME_H
#define SMTP_OUTCOME_H

#include <stdbool.h>

#define OUTCOME_TEXT_MAX 512

/* How far an attempt got: what the last reply, or the silence, answered. */
enum stage {
	STAGE_PREPARE,	/* before any connection: names, passwords, source addresses */
	STAGE_CONNECT,
	STAGE_BANNER,
	STAGE_EHLO,
	STAGE_STARTTLS,
	STAGE_AUTH,
	STAGE_MAIL,
	STAGE_RCPT,
	STAGE_DATA,	/* or the first chunk of BDAT */
	STAGE_BODY,	/* after that, before the final dot was begun, or the last bytes of BDAT */
	STAGE_DOT,	/* from their first byte on */
	STAGE_INDEX,	/* there was no attempt: the index could not be used, */
	STAGE_ROUTE	/* or the route refuses or defers */
};

enum result {
	RESULT_DELIVERED,
	RESULT_NEXT,	/* failed: the next address or source, then the next candidate */
	RESULT_LATER,	/* no greeting in the short time there was: after the others */
	RESULT_SKIP,	/* failed whatever the address: the next candidate */
	RESULT_CLEAR,	/* the TLS handshake failed; without TLS it may go */
	RESULT_DATA,	/* BDAT came to nothing; by DATA it may go */
	RESULT_FINAL,	/* refused for good */
	RESULT_STOP,	/* nobody may try again now: defer */
	RESULT_DEFER,	/* no attempt was made */
	RESULT_DISCARDED /* nor is one wanted */
};

struct outcome {
	enum result result;
	enum stage stage;
	int code;			/* the reply's, 0 without one */
	char status[16];		/* enhanced status, "4.4.1": always set */
	char text[OUTCOME_TEXT_MAX];	/* the reply's, or what went wrong */
};

/* stage_name - "MAIL", for logs. */
const char *stage_name(enum stage stage);

/*
 * outcome_reply - judges a reply (code, and its text, control bytes and all)
 * that came at a stage.  A 2xx is RESULT_DELIVERED at STAGE_DOT only; the
 * caller judges the good replies before that.
 */
void outcome_reply(struct outcome *outcome, enum stage stage, int code, const char *text);

/* outcome_fail - an outcome that is no reply; status is "4.x.y" or "5.x.y". */
void outcome_fail(struct outcome *outcome, enum result result, enum stage stage,
    const char *status, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* outcome_add - says more in the text of an outcome. */
void outcome_add(struct outcome *outcome, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* outcome_soften - what was refused for good is no fault of the mail: the next may take it. */
void outcome_soften(struct outcome *outcome);

/*
 * outcome_lost - the connection broke or went silent at a stage.  Once the
 * final dot is under way nobody knows who has the message: RESULT_STOP.
 */
void outcome_lost(struct outcome *outcome, enum stage stage, bool timeout);

/*
 * outcome_status - the enhanced status code (RFC 3463) at the beginning of a
 * reply's text, if it is of this class ('4' or '5'), or of class 5 with '4'
 * instead; else "CLASS.0.0".
 */
void outcome_status(char class, const char *text, char status[16]);

#endif
