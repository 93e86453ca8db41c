#include "deliver/outcome.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *
stage_name(enum stage stage)
{
	static const char *const names[] = {
	    [STAGE_PREPARE] = "prepare",
	    [STAGE_CONNECT] = "connect",
	    [STAGE_BANNER] = "banner",
	    [STAGE_EHLO] = "EHLO",
	    [STAGE_STARTTLS] = "STARTTLS",
	    [STAGE_AUTH] = "AUTH",
	    [STAGE_MAIL] = "MAIL",
	    [STAGE_RCPT] = "RCPT",
	    [STAGE_DATA] = "DATA",
	    [STAGE_BODY] = "body",
	    [STAGE_DOT] = "dot",
	};

	return names[stage];
}

/* Up to three digits, as RFC 3463 has them; returns how many, 0 for none. */
static size_t
number(const char *p)
{
	size_t n = 0;

	while (n < 3 && isdigit((unsigned char)p[n]))
		n++;
	return n;
}

void
outcome_status(char class, const char *text, char status[16])
{
	size_t subject = 0, detail = 0, len;

	if (text[0] == class && text[1] == '.')
		subject = number(text + 2);
	if (subject != 0 && text[2 + subject] == '.')
		detail = number(text + 3 + subject);
	len = 3 + subject + detail;
	if (detail != 0 && (text[len] == ' ' || text[len] == '\0'))
		snprintf(status, 16, "%.*s", (int)len, text);
	else
		snprintf(status, 16, "%c.0.0", class);
}

static enum result
judge(enum stage stage, int code)
{
	if (code >= 200 && code <= 299 && stage == STAGE_DOT)
		return RESULT_DELIVERED;
	if ((code >= 400 && code <= 499) || code == 530)
		return RESULT_NEXT;
	if (code >= 500 && code <= 599 && stage > STAGE_AUTH)
		return RESULT_FINAL;
	/* A refused login stays refused at the relay's other addresses. */
	if (code >= 500 && code <= 599 && stage == STAGE_AUTH)
		return RESULT_SKIP;
	/* No answer known to SMTP: after the dot the message may have been taken. */
	return stage == STAGE_DOT ? RESULT_STOP : RESULT_NEXT;
}

void
outcome_reply(struct outcome *outcome, enum stage stage, int code, const char *text)
{
	enum result result = judge(stage, code);

	outcome->result = result;
	outcome->stage = stage;
	outcome->code = code;
	snprintf(outcome->text, sizeof(outcome->text), "%s", text);
	if (result == RESULT_DELIVERED)
		outcome_status('2', text, outcome->status);
	else
		outcome_status(result == RESULT_FINAL ? '5' : '4', text, outcome->status);
}

void
outcome_fail(struct outcome *outcome, enum result result, enum stage stage, const char *status,
    const char *format, ...)
{
	va_list args;

	outcome->result = result;
	outcome->stage = stage;
	outcome->code = 0;
	snprintf(outcome->status, sizeof(outcome->status), "%s", status);
	va_start(args, format);
	vsnprintf(outcome->text, sizeof(outcome->text), format, args);
	va_end(args);
}

void
outcome_lost(struct outcome *outcome, enum stage stage, bool timeout)
{
	if (stage == STAGE_DOT)
		outcome_fail(outcome, RESULT_STOP, stage, "4.4.2",
		    "no reply after the final dot: the relay may have taken the message");
	else
		outcome_fail(outcome, RESULT_NEXT, stage, "4.4.2", "%s",
		    timeout ? "timed out" : "connection lost");
}
