/* serve_index.h - a daemon's handle on an index of one route, and a socket that listens. */
#ifndef SERVE_INDEX_H
#define SERVE_INDEX_H

#include <sys/socket.h>
#include <sys/un.h>

#include "serve/handle.h"

/* What serve_index answers for any recipient. */
#define SERVE_RELAY "relay.example"

/* serve_index - opens an index in which all mail goes by that relay; it has no name. */
void serve_index(struct handle *handle);

/* Where to connect: a name that the kernel has chosen. */
struct serve_door {
	struct sockaddr_un address;
	socklen_t len;
	int fd;
};

void serve_listen(struct serve_door *door);
int serve_connect(const struct serve_door *door);

#endif
