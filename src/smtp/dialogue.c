#include "smtp/dialogue.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "program/clock.h"
#include "program/reprieve.h"
#include "smtp/body.h"

/* RFC 5321, 4.5.3.2: how long a server may take over the final dot. */
#define DOT_MS (10 * 60 * 1000)
/* For what a server has still to say when it has refused already. */
#define REST_MS 1000

/* Room for an address and the parameters of MAIL. */
#define COMMAND_SIZE (sizeof(((struct address *)NULL)->text) + 128)

/* The commands before the message. */
enum { COMMAND_MAIL, COMMAND_RCPT, COMMAND_DATA, COMMAND_COUNT };

struct commands {
	char lines[COMMAND_COUNT][COMMAND_SIZE];
};

static const struct {
	enum stage stage;
	char wanted;
} steps[COMMAND_COUNT] = {
    [COMMAND_MAIL] = {STAGE_MAIL, '2'},
    [COMMAND_RCPT] = {STAGE_RCPT, '2'},
    [COMMAND_DATA] = {STAGE_DATA, '3'},
};

static void
compose(struct commands *commands, const struct offers *offers, const struct envelope *envelope,
    const struct message *message)
{
	bool utf8 = envelope->sender.utf8 || envelope->recipient.utf8;
	char size[32] = "";

	if (offers->size)
		snprintf(size, sizeof(size), " SIZE=%" PRIu64, message->size);
	snprintf(commands->lines[COMMAND_MAIL], COMMAND_SIZE, "MAIL FROM:<%s>%s%s%s\r\n",
	    envelope->sender.text, size,
	    message->eight_bit && offers->eight_bit ? " BODY=8BITMIME" : "",
	    utf8 ? " SMTPUTF8" : "");
	snprintf(commands->lines[COMMAND_RCPT], COMMAND_SIZE, "RCPT TO:<%s>\r\n",
	    envelope->recipient.text);
	strcpy(commands->lines[COMMAND_DATA], "DATA\r\n");
}

/* The replies to what stood behind a refused command; a server that awaits data gets none. */
static void
hear_rest(struct session *session, int from)
{
	struct outcome unheeded;
	int i;

	session->deadline = clock_earlier(session->deadline, clock_now() + REST_MS);
	for (i = from; i < COMMAND_COUNT && session->ready; i++)
		if (session_hear(session, steps[i].stage, NULL, &unheeded) &&
		    session->reply.code / 100 == 3)
			session->ready = false;
}

/* All commands at once (RFC 2920), then the replies. */
static bool
ask_at_once(struct session *session, const struct commands *commands, struct outcome *outcome)
{
	char text[COMMAND_COUNT * COMMAND_SIZE];
	int i;

	snprintf(text, sizeof(text), "%s%s%s", commands->lines[COMMAND_MAIL],
	    commands->lines[COMMAND_RCPT], commands->lines[COMMAND_DATA]);
	if (!session_say(session, STAGE_MAIL, text, outcome))
		return false;
	for (i = 0; i < COMMAND_COUNT; i++) {
		if (!session_hear(session, steps[i].stage, NULL, outcome))
			return false;
		if (session->reply.code / 100 != steps[i].wanted - '0') {
			/* A server that loses count of commands in a row refuses no mail. */
			if (session->reply.code == 503)
				outcome_soften(outcome);
			hear_rest(session, i + 1);
			return false;
		}
	}
	return true;
}

static bool
ask_one_by_one(struct session *session, const struct commands *commands,
    struct outcome *outcome)
{
	int i;

	for (i = 0; i < COMMAND_COUNT; i++)
		if (!session_ask(session, steps[i].stage, commands->lines[i], steps[i].wanted,
			outcome))
			return false;
	return true;
}

static void
send_dot(struct session *session, int64_t limit, struct outcome *outcome)
{
	if (!session_quiet(session, STAGE_BODY, outcome))
		return;
	session->deadline = clock_earlier(limit, clock_now() + DOT_MS);
	reprieve();
	session_ask(session, STAGE_DOT, ".\r\n", '2', outcome);
	session->ready = outcome->code != 0;
}

void
dialogue_run(struct session *session, const struct envelope *envelope,
    const struct message *message, int64_t limit, struct outcome *outcome)
{
	struct commands commands;
	bool ok;

	if (session->hop->utf8 && !session->offers.smtputf8) {
		outcome_fail(outcome, RESULT_NEXT, STAGE_MAIL, "5.6.7",
		    "SMTPUTF8 is not offered, and an address needs it");
		return;
	}
	compose(&commands, &session->offers, envelope, message);
	if (session->offers.pipelining)
		ok = ask_at_once(session, &commands, outcome);
	else
		ok = ask_one_by_one(session, &commands, outcome);
	if (!ok)
		return;
	/* Amid the data QUIT would be a line of the message. */
	session->ready = false;
	session->deadline = limit;
	if (body_send_stuffed(session, message, outcome))
		send_dot(session, limit, outcome);
}
