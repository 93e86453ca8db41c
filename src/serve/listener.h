/* listener.h - the sockets that clients connect to. */
#ifndef SERVE_LISTENER_H
#define SERVE_LISTENER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/ip.h"

struct listener {
	const char *given;	/* as on the command line */
	int fd;			/* -1: none yet */
	const char *where;	/* of a unix socket, its path; NULL: it is none to be made here */
	struct ip ip;
	uint32_t port;
	bool local;		/* a unix socket */
	const char *path;	/* of one that was made; NULL: none to take away */
	dev_t dev;
	ino_t ino;
};

/*
 * listener_read - unix:PATH, inet:ADDRESS:PORT, inet:[ADDRESS]:PORT, or fd:NAME, which
 * systemd has passed.  0, or an exit code after a message.
 */
int listener_read(struct listener *listener, const char *given);

/* listener_open - listens there, unless it was passed; 0, or an exit code after a message. */
int listener_open(struct listener *listener);

/* listener_is_short - whether accept(2) there failed with an error of want: no descriptor or no
 * memory, while somebody waits.  That there is no descriptor is said even if nobody does. */
bool listener_is_short(int fd, int error);

/* listener_unlink - takes the name of a unix socket away, if it is still this one's. */
void listener_unlink(struct listener *listener);
void listener_close(struct listener *listener);

#endif
