#include "smtp/dialogue.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "program/clock.h"
#include "program/ending.h"
#include "smtp/body.h"

/* For what a server has still to say when it has refused already. */
#define REST_MS 1000

/* Room for an address and the parameters of MAIL. */
#define COMMAND_SIZE (sizeof(((struct address *)NULL)->text) + 128)

/* The commands before the message. */
enum { COMMAND_MAIL, COMMAND_RCPT, COMMAND_DATA, COMMAND_COUNT };

struct commands {
	char lines[COMMAND_COUNT][COMMAND_SIZE];
};

static const enum stage stages[COMMAND_COUNT] = {
    [COMMAND_MAIL] = STAGE_MAIL,
    [COMMAND_RCPT] = STAGE_RCPT,
    [COMMAND_DATA] = STAGE_DATA,
};

/* The class of a good reply. */
static char
wanted(const struct session *session, int command)
{
	return command == COMMAND_DATA && !session->chunks ? '3' : '2';
}

/*
 * The first byte of the message alone is the first chunk of BDAT.  A server that
 * offers BDAT and does not understand it, or does not take the bytes of one that
 * it refuses, would read what follows as commands: so it has to take this byte
 * before it gets a line end.  Till then no harm is done, and DATA may be tried.
 */
static bool
compose_chunk(struct session *session, char line[COMMAND_SIZE], const struct message *message)
{
	const char *first;
	size_t len = 1;

	if (session->hop->data_only || !session->offers.chunking || message->size == 0)
		return false;
	first = message_view(message, 0, &len);
	if (first == NULL || *first == '\r' || *first == '\0')
		return false;
	snprintf(line, COMMAND_SIZE, "BDAT 1\r\n%c", *first);
	return true;
}

static void
compose(struct commands *commands, struct session *session, const struct envelope *envelope,
    const struct message *message)
{
	const struct offers *offers = &session->offers;
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
	session->chunks = compose_chunk(session, commands->lines[COMMAND_DATA], message);
	if (!session->chunks)
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
		if (session_hear(session, stages[i], NULL, &unheeded) &&
		    session->reply.code / 100 == 3)
			session->ready = false;
}

/* The reply to one of them; true: a good one.  BDAT leaves half of the time to DATA. */
static bool
hear(struct session *session, int command, int64_t limit, struct outcome *outcome)
{
	int64_t now = clock_now();

	if (command == COMMAND_DATA && session->chunks)
		session->deadline = clock_earlier(session->deadline, now + (limit - now) / 2);
	return session_hear(session, stages[command], NULL, outcome) &&
	    session->reply.code / 100 == wanted(session, command) - '0';
}

/* All commands at once (RFC 2920), then the replies. */
static bool
ask_at_once(struct session *session, const struct commands *commands, int64_t limit,
    struct outcome *outcome)
{
	char text[COMMAND_COUNT * COMMAND_SIZE];
	int i;

	snprintf(text, sizeof(text), "%s%s%s", commands->lines[COMMAND_MAIL],
	    commands->lines[COMMAND_RCPT], commands->lines[COMMAND_DATA]);
	if (!session_say(session, STAGE_MAIL, text, outcome))
		return false;
	for (i = 0; i < COMMAND_COUNT; i++)
		if (!hear(session, i, limit, outcome)) {
			/* A server that loses count of commands in a row refuses no mail. */
			if (session->reply.code == 503)
				outcome_soften(outcome);
			hear_rest(session, i + 1);
			return false;
		}
	return true;
}

static bool
ask_one_by_one(struct session *session, const struct commands *commands, int64_t limit,
    struct outcome *outcome)
{
	int i;

	for (i = 0; i < COMMAND_COUNT; i++)
		if (!session_say(session, stages[i], commands->lines[i], outcome) ||
		    !hear(session, i, limit, outcome))
			return false;
	return true;
}

static void
send_end(struct session *session, const char *end, struct outcome *outcome)
{
	if (!session_quiet(session, STAGE_BODY, outcome))
		return;
	ending_put_off();
	session_ask(session, STAGE_DOT, end, '2', outcome);
	session->ready = outcome->code != 0;
}

/* All that is left as one chunk, its last bytes by themselves, as the final dot of DATA. */
static void
send_chunk(struct session *session, const struct message *message, struct outcome *outcome)
{
	char line[64];

	snprintf(line, sizeof(line), "BDAT %" PRIu64 " LAST\r\n", message->size - 1);
	if (session_say(session, STAGE_BODY, line, outcome) &&
	    body_send(session, message, 1, message->size - 2, outcome))
		send_end(session, "\r\n", outcome);
}

/* Whether what BDAT came to says nothing of the mail. */
static bool
is_of_bdat(const struct session *session, const struct outcome *outcome)
{
	int code = outcome->code;

	if (!session->chunks || outcome->stage < STAGE_DATA)
		return false;
	return outcome->stage == STAGE_DATA ? code / 100 != 4 && code != 530
					    : code >= 500 && code <= 504;
}

static void
converse(struct session *session, const struct commands *commands,
    const struct message *message, int64_t limit, struct outcome *outcome)
{
	bool ok;

	if (session->offers.pipelining)
		ok = ask_at_once(session, commands, limit, outcome);
	else
		ok = ask_one_by_one(session, commands, limit, outcome);
	if (!ok)
		return;
	/* Amid the data QUIT would be a line of the message. */
	session->ready = false;
	session->deadline = limit;
	if (session->chunks)
		send_chunk(session, message, outcome);
	else if (body_send_stuffed(session, message, outcome))
		send_end(session, ".\r\n", outcome);
}

void
dialogue_run(struct session *session, const struct envelope *envelope,
    const struct message *message, int64_t limit, struct outcome *outcome)
{
	struct commands commands;

	if (session->hop->utf8 && !session->offers.smtputf8) {
		outcome_fail(outcome, RESULT_NEXT, STAGE_MAIL, "5.6.7",
		    "SMTPUTF8 is not offered, and an address needs it");
		return;
	}
	compose(&commands, session, envelope, message);
	converse(session, &commands, message, limit, outcome);
	if (is_of_bdat(session, outcome))
		outcome->result = RESULT_DATA;
}
