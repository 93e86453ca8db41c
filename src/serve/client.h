/*
 * client.h - the connections of clients: what has been read and is no whole request yet,
 * and what could not be written yet.  One that is idle holds no buffer.
 */
#ifndef SERVE_CLIENT_H
#define SERVE_CLIENT_H

#include "serve/link.h"
#include "serve/protocol.h"
#include "serve/spare.h"

struct client {
	struct link by_use;		/* all of them, the longest idle first */
	struct link by_request;		/* with a part of a request, the oldest first */
	int fd;
	enum kind kind;
	bool local;
	bool ending;			/* closed when all is written */
	bool asked;			/* has had an answer */
	bool broken;			/* sent what is no request; the rest is not looked at */
	char *in, *out;			/* NULL: nothing is left */
	size_t in_len, out_at, out_len;
	int64_t used;			/* when it was last heard of */
	int64_t begun;			/* when its request or the answer that waits began */
};

struct clients {
	struct service *service;
	int epoll;
	struct link by_use, by_request;
	size_t count, most;
	size_t counts[KIND_COUNT];
	uint64_t closed_idle;
	struct spare spare;		/* for what is left over */
	size_t ninputs;			/* read, and not answered */
};

void clients_init(struct clients *clients, struct service *service, int epoll, size_t most);

/* clients_accept - takes what waits at a listener; whether more may wait there. */
bool clients_accept(struct clients *clients, int listener, enum kind kind, bool local,
    int64_t now);

/* client_ready - reads or writes, as the events of epoll(7) say; closes one that is gone. */
void client_ready(struct clients *clients, struct client *client, uint32_t events,
    int64_t now);

/* clients_answer - answers what has been read, from the index as it is now. */
void clients_answer(struct clients *clients, int64_t now);

/* clients_expire - closes those that are too slow, or idle too long; when to come again. */
int64_t clients_expire(struct clients *clients, int64_t now);

/* clients_finish - closes those that wait for nothing more; whether all have gone. */
bool clients_finish(struct clients *clients, int64_t now);

/* How long the oldest request or answer has been waiting, in milliseconds. */
int64_t clients_oldest(const struct clients *clients, int64_t now);

void clients_release(struct clients *clients);

#endif
