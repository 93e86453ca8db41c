/*
 * wire.h - one TCP connection, in clear or under TLS: bytes out, bytes in, each
 * with a deadline (clock.h).  It never blocks longer.
 */
#ifndef SMTP_WIRE_H
#define SMTP_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/ip.h"

/* How moving bytes ended.  WIRE_UNUSED: before any moved, by a fault on this side. */
enum wire_io { WIRE_OK, WIRE_TIMEOUT, WIRE_LOST, WIRE_UNUSED };

struct wire;

/*
 * How bytes move under TLS.  put, take: one try; they return how many, 0 with *events
 * of poll(2) to wait for first, or -1: the connection is lost.
 */
struct wire_tls {
	ssize_t (*put)(const struct wire *wire, const char *data, size_t len, short *events);
	ssize_t (*take)(const struct wire *wire, char *data, size_t len, short *events);
	const char *(*version)(const struct wire *wire);	/* "TLSv1.3" */
	/* Why the other side ended it: "tlsv13 alert certificate required"; NULL: it has not said. */
	const char *(*alert)(const struct wire *wire);
	void (*close)(const struct wire *wire);
};

/* Who may end a wait before its deadline. */
struct wire_watch {
	int64_t at;		/* when to ask, by clock.h */
	/* Whether it is of no use to wait on; else it sets when to ask again. */
	bool (*vain)(void *arg, int64_t *at);
	void *arg;
	bool ended;		/* it did, and the wait looks like one that timed out */
};

struct wire {
	int fd;			/* -1: none */
	const struct wire_tls *tls; /* NULL: in clear */
	void *tls_state;	/* its own */
	struct wire_watch *watch; /* NULL: none */
	char input[4096];	/* received, not yet taken: from begin to end */
	size_t begin, end;
};

/*
 * wire_connect - connects; from NULL: the system's choice of a source address.
 * WIRE_LOST with errno set: it came to nothing.  wire_close is due in every case.
 */
enum wire_io wire_connect(struct wire *wire, const struct ip *to, uint16_t port,
    const struct ip *from, int64_t deadline);

/* wire_local - the source address in use; false: not known. */
bool wire_local(const struct wire *wire, struct ip *ip);

/*
 * wire_send - sends all of data.  A peer that takes something, however slowly,
 * has silence_ms for the next byte, but nothing outlasts the deadline.
 */
enum wire_io wire_send(struct wire *wire, const char *data, size_t len, int64_t silence_ms,
    int64_t deadline);

/* wire_fill - waits for more input; only when all that was there has been taken. */
enum wire_io wire_fill(struct wire *wire, int64_t deadline);

/* wire_peek - whether input is there that nobody has taken.  Does not wait: WIRE_TIMEOUT says that
 * there is none. */
enum wire_io wire_peek(struct wire *wire);

/* wire_wait - waits until the socket is ready for events of poll(2), or the watch ends it. */
enum wire_io wire_wait(const struct wire *wire, short events, int64_t deadline);

/* wire_close - hangs up without waiting. */
void wire_close(struct wire *wire);

#endif
