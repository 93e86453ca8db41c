#include "smtp/body.h"

#include <string.h>

#include "program/clock.h"

/* RFC 5321, 4.5.3.2: how long a server may take nothing of the data. */
#define SILENCE_MS (3 * 60 * 1000)
/* For what a server has still to say when it has hung up. */
#define REST_MS 1000
/* A record of TLS. */
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

/* As much of the message from there on as fits into a block; NULL: *outcome says why not. */
static const char *
get(const struct message *message, uint64_t from, uint64_t to, size_t *len, struct outcome *outcome)
{
	const char *block;

	*len = to - from < BLOCK_SIZE ? (size_t)(to - from) : BLOCK_SIZE;
	block = message_view(message, from, len);
	if (block == NULL)
		outcome_fail(outcome, RESULT_STOP, STAGE_BODY, "4.3.0",
		    "cannot read the message back from its temporary file");
	return block;
}

bool
body_send(struct session *session, const struct message *message, uint64_t from, uint64_t to,
    struct outcome *outcome)
{
	const char *block;
	size_t len;

	for (; from < to; from += len) {
		block = get(message, from, to, &len, outcome);
		if (block == NULL || !put(session, block, len, outcome))
			return false;
	}
	return true;
}

static bool
takes_dot(char c)
{
	return c == '.' || c == '\0';
}

/* The first byte that takes a dot before it, or the end; begins: a line begins at p. */
static const char *
find_dot(const char *p, const char *end, bool begins)
{
	while (p < end && !(begins && takes_dot(*p))) {
		p = memchr(p, '\n', (size_t)(end - p));
		p = p != NULL ? p + 1 : end;
		begins = true;
	}
	return p;
}

/* Sends a block with the dots that it needs.  Few do, and each page of a buffer on the stack is
 * touched: only those pay for it. */
__attribute__((noinline)) static bool
put_stuffed(struct session *session, const char *p, const char *end, bool begins,
    struct outcome *outcome)
{
	const char *dot = find_dot(p, end, begins);
	char out[2 * BLOCK_SIZE], *o = out;

	while (dot < end) {
		o = mempcpy(o, p, (size_t)(dot - p));
		*o++ = '.';
		*o++ = *dot;
		p = dot + 1;
		dot = find_dot(p, end, false);
	}
	o = mempcpy(o, p, (size_t)(end - p));
	return put(session, out, (size_t)(o - out), outcome);
}

bool
body_send_stuffed(struct session *session, const struct message *message, struct outcome *outcome)
{
	const char *block, *end;
	bool begins = true, ok;
	uint64_t from;
	size_t len;

	for (from = 0; from < message->size; from += len) {
		block = get(message, from, message->size, &len, outcome);
		if (block == NULL)
			return false;
		end = block + len;
		ok = find_dot(block, end, begins) == end
		    ? put(session, block, len, outcome)
		    : put_stuffed(session, block, end, begins, outcome);
		if (!ok)
			return false;
		begins = end[-1] == '\n';
	}
	return true;
}
