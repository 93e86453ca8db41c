/* sockets.h - where Postfix asks tmail-serve, in Postfix's own words. */
#ifndef WIRING_SOCKETS_H
#define WIRING_SOCKETS_H

#include <stdbool.h>

#include "base/slice.h"

enum { SOCKET_MAX = 256 };

/* unix:PATH; the policy service's may be inet:HOST:PORT. */
struct sockets {
	char policy[SOCKET_MAX];
	char socketmap[SOCKET_MAX];
};

/*
 * sockets_set - from the words of a command line; NULL: as in the recipe.  A path below
 * /var/spool/postfix is written as Postfix's services, chrooted or not, see it.  Returns
 * NULL, or what is wrong (static).
 */
const char *sockets_set(struct sockets *sockets, const char *policy, const char *socketmap);

/*
 * sockets_same - whether two names are of one socket to a service that is not chrooted: a
 * path below the queue directory may be written from there on.
 */
bool sockets_same(const char *queue, const char *a, const char *b);

#endif
