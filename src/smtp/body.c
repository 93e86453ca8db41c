#include "smtp/body.h"

#include <string.h>

#include "program/clock.h"

/* RFC 5321, 4.5.3.2: how long a server may take nothing of the data. */
#define SILENCE_MS (3 * 60 * 1000)
/* For what a server has still to say when it has hung up. */
#define REST_MS 1000
/* A record of TLS.  Each page of it on the stack is touched, however short the message is. */
#define BLOCK_SIZE 16384

/* The connection broke amid the data; perhaps the server said why before it hung up. */
static void
judge_broken(struct session *session, enum wire_io io, struct outcome *outcome)
{
	session->deadline = clock_earlier(session->deadline, clock_now() + REST_MS);
	if (!session_hear(session, STAGE_BODY, NULL, outcome) || session->reply.code < 400)
		outcome_lost(outcome, STAGE_BODY, io == WIRE_TIMEOUT);
}

static bool
put(struct session *session, const char *data, size_t len, struct outcome *outcome)
{
	enum wire_io io = wire_send(&session->wire, data, len, SILENCE_MS, session->deadline);

	if (io != WIRE_OK)
		judge_broken(session, io, outcome);
	return io == WIRE_OK;
}

/* As much of the message from there on as fits into a block; <= 0: *outcome says why not. */
static ssize_t
get(const struct message *message, uint64_t from, uint64_t to, char block[BLOCK_SIZE],
    struct outcome *outcome)
{
	size_t len = to - from < BLOCK_SIZE ? (size_t)(to - from) : BLOCK_SIZE;
	ssize_t n = message_get(message, from, block, len);

	if (n <= 0)
		outcome_fail(outcome, RESULT_STOP, STAGE_BODY, "4.3.0",
		    "cannot read the message back from its temporary file");
	return n;
}

bool
body_send(struct session *session, const struct message *message, uint64_t from, uint64_t to,
    struct outcome *outcome)
{
	char block[BLOCK_SIZE];
	ssize_t n;

	for (; from < to; from += (uint64_t)n) {
		n = get(message, from, to, block, outcome);
		if (n <= 0 || !put(session, block, (size_t)n, outcome))
			return false;
	}
	return true;
}

/* Copies a block with the dots that it needs; *begins: a line begins there, or behind it. */
static size_t
stuff(char out[2 * BLOCK_SIZE], const char *p, size_t len, bool *begins)
{
	const char *const end = p + len;
	const char *line_end;
	size_t used = 0, n;

	while (p < end) {
		if (*begins && (*p == '.' || *p == '\0'))
			out[used++] = '.';
		line_end = memchr(p, '\n', (size_t)(end - p));
		n = (size_t)((line_end != NULL ? line_end + 1 : end) - p);
		memcpy(out + used, p, n);
		used += n;
		p += n;
		*begins = line_end != NULL;
	}
	return used;
}

bool
body_send_stuffed(struct session *session, const struct message *message, struct outcome *outcome)
{
	char block[BLOCK_SIZE], out[2 * BLOCK_SIZE];
	bool begins = true;
	uint64_t from;
	ssize_t n;

	for (from = 0; from < message->size; from += (uint64_t)n) {
		n = get(message, from, message->size, block, outcome);
		if (n <= 0 || !put(session, out, stuff(out, block, (size_t)n, &begins), outcome))
			return false;
	}
	return true;
}
