/* channel.h - c-ares, which asks the DNS, served until a deadline. */
#ifndef DELIVER_CHANNEL_H
#define DELIVER_CHANNEL_H

#include <ares.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

/* Sockets at once: one or two for each server of the system. */
enum { CHANNEL_SOCKETS = 32 };

struct channel {
	ares_channel ares;			/* NULL: not in use */
	struct pollfd fds[CHANNEL_SOCKETS];	/* what c-ares waits for */
	nfds_t count;
};

/*
 * channel_open - server: as for dns_open; lookups: "b" for the DNS alone, "f" for
 * files, NULL as the system is configured; search: whether to complete names by its search domains.
 * Returns NULL, or why it cannot be used (static).
 */
const char *channel_open(struct channel *channel, const char *server, const char *lookups,
    bool search);

/* channel_serve - serves c-ares' sockets once, or waits until it is time for another try. */
void channel_serve(struct channel *channel, int64_t deadline);

/* channel_close - ends what is under way; fine with one that is not in use. */
void channel_close(struct channel *channel);

#endif
