#include "smtp/outcome.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/status_code.h"

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
	    [STAGE_INDEX] = "index",
	    [STAGE_ROUTE] = "route",
	};

	return names[stage];
}

void
outcome_status(char class, const char *text, char status[16])
{
	size_t len = status_code(slice_str(text));

	/* What a server refuses for good may be deferred here, for the same reason. */
	if (len != 0 && (text[0] == class || (text[0] == '5' && class == '4')))
		snprintf(status, 16, "%c%.*s", class, (int)len - 1, text + 1);
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
outcome_add(struct outcome *outcome, const char *format, ...)
{
	size_t used = strlen(outcome->text);
	va_list args;

	va_start(args, format);
	vsnprintf(outcome->text + used, sizeof(outcome->text) - used, format, args);
	va_end(args);
}

void
outcome_soften(struct outcome *outcome)
{
	if (outcome->result == RESULT_FINAL)
		outcome->result = RESULT_NEXT;
	if (outcome->status[0] == '5')
		outcome->status[0] = '4';
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
