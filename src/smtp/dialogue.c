#include "smtp/dialogue.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "program/clock.h"

/* RFC 5321, 4.5.3.2: what a server may take over one block of data, and over the final dot. */
#define BLOCK_MS (3 * 60 * 1000)
#define DOT_MS (10 * 60 * 1000)
#define BLOCK_SIZE 65536

/* Room for two addresses and the parameters of MAIL. */
#define COMMAND_SIZE (sizeof(((struct address *)NULL)->text) + 128)

/*
 * Sends a command and reads its reply.  true: it was a reply of the wanted
 * class ('2' or '3'); else *outcome says what came of it.
 */
static bool
command(struct session *session, enum stage stage, const char *line, char wanted,
    int64_t deadline, struct outcome *outcome)
{
	char text[OUTCOME_TEXT_MAX];
	int code = 0;
	enum session_io io = session_write(session, line, strlen(line), deadline);
	enum session_io reply = SESSION_LOST;

	/* A server that has hung up may have said why before. */
	if (io != SESSION_TIMEOUT)
		reply = session_reply(session, deadline, &code, text);
	if (reply != SESSION_OK) {
		outcome_lost(outcome, stage, io == SESSION_TIMEOUT || reply == SESSION_TIMEOUT);
		return false;
	}
	outcome_reply(outcome, stage, code, text);
	return code / 100 == wanted - '0';
}

static bool
send_mail(struct session *session, const struct envelope *envelope,
    const struct message *message, int64_t deadline, struct outcome *outcome)
{
	const struct transcript *offers = &session->transcript;
	bool utf8 = envelope->sender.utf8 || envelope->recipient.utf8;
	char line[COMMAND_SIZE], size[32] = "";

	if (utf8 && !offers->offers_smtputf8) {
		outcome_fail(outcome, RESULT_NEXT, STAGE_MAIL, "4.6.7",
		    "SMTPUTF8 is not offered, and an address needs it");
		return false;
	}
	if (offers->offers_size)
		snprintf(size, sizeof(size), " SIZE=%" PRIu64, message->size);
	snprintf(line, sizeof(line), "MAIL FROM:<%s>%s%s%s\r\n", envelope->sender.text, size,
	    message->eight_bit && offers->offers_8bitmime ? " BODY=8BITMIME" : "",
	    utf8 ? " SMTPUTF8" : "");
	return command(session, STAGE_MAIL, line, '2', deadline, outcome);
}

static bool
send_recipient(struct session *session, const struct envelope *envelope, int64_t deadline,
    struct outcome *outcome)
{
	char line[COMMAND_SIZE];

	snprintf(line, sizeof(line), "RCPT TO:<%s>\r\n", envelope->recipient.text);
	return command(session, STAGE_RCPT, line, '2', deadline, outcome);
}

/* The connection broke amid the data; perhaps the server said why before it hung up. */
static void
judge_broken(struct session *session, enum session_io io, struct outcome *outcome)
{
	char text[OUTCOME_TEXT_MAX];
	int code;

	if (session_reply(session, clock_now() + 1000, &code, text) == SESSION_OK && code >= 400)
		outcome_reply(outcome, STAGE_BODY, code, text);
	else
		outcome_lost(outcome, STAGE_BODY, io == SESSION_TIMEOUT);
}

static bool
send_body(struct session *session, const struct message *message, int64_t limit,
    struct outcome *outcome)
{
	char block[BLOCK_SIZE];
	uint64_t offset = 0;
	enum session_io io;
	ssize_t n;

	while ((n = message_get(message, offset, block, sizeof(block))) > 0) {
		io = session_write(session, block, (size_t)n,
		    clock_earlier(limit, clock_now() + BLOCK_MS));
		if (io != SESSION_OK) {
			judge_broken(session, io, outcome);
			return false;
		}
		offset += (uint64_t)n;
	}
	if (n < 0)
		outcome_fail(outcome, RESULT_STOP, STAGE_BODY, "4.3.0",
		    "cannot read the message back from its temporary file");
	return n == 0;
}

void
dialogue_run(struct session *session, const struct envelope *envelope,
    const struct message *message, int64_t share, int64_t limit, struct outcome *outcome)
{
	if (!send_mail(session, envelope, message, share, outcome) ||
	    !send_recipient(session, envelope, share, outcome) ||
	    !command(session, STAGE_DATA, "DATA\r\n", '3', share, outcome))
		return;
	if (!send_body(session, message, limit, outcome)) {
		/* Amid the data QUIT would be a line of the message. */
		session->ready = false;
		return;
	}
	command(session, STAGE_DOT, ".\r\n", '2', clock_earlier(limit, clock_now() + DOT_MS),
	    outcome);
}
