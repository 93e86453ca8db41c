/* loop.h - one thread that waits for clients, signals and the time. */
#ifndef SERVE_LOOP_H
#define SERVE_LOOP_H

#include <signal.h>

#include "serve/client.h"
#include "serve/listener.h"

#define LISTENERS_MAX 64

struct entrance {
	struct listener listener;
	bool http;
	enum kind kind;		/* of those that are not */
};

struct loop {
	struct service *service;
	struct entrance entrances[LISTENERS_MAX];
	size_t count;
	size_t most_clients;
	const char *metrics;	/* a file; NULL: none */
};

/* loop_signals - those that end the daemon or have it read again, in *set; they wait for loop_run
 * from now on, so that none ends it with its sockets left behind. */
void loop_signals(sigset_t *set);

/* loop_run - serves until a signal ends it; an exit code. */
int loop_run(struct loop *loop);

#endif
