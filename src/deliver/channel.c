#include "deliver/channel.h"

#include <string.h>

#include "program/clock.h"

/* A first wait of three seconds, doubled by c-ares for the second try. */
#define TRY_MS 3000
#define TRIES 2

/* c-ares says what it waits for at a socket; nothing: it is to be forgotten. */
static void
watch(void *arg, ares_socket_t socket, int readable, int writable)
{
	struct channel *channel = arg;
	nfds_t i = 0;

	while (i < channel->count && channel->fds[i].fd != socket)
		i++;
	if (!readable && !writable) {
		if (i < channel->count)
			channel->fds[i] = channel->fds[--channel->count];
	} else if (i < CHANNEL_SOCKETS) {
		channel->fds[i] = (struct pollfd){.fd = socket,
		    .events = (short)((readable ? POLLIN : 0) | (writable ? POLLOUT : 0))};
		channel->count += i == channel->count;
	}
}

void
channel_close(struct channel *channel)
{
	if (channel->ares != NULL)
		ares_destroy(channel->ares);
	*channel = (struct channel){0};
}

const char *
channel_open(struct channel *channel, const char *server, const char *lookups, bool search)
{
	struct ares_options options = {.timeout = TRY_MS, .tries = TRIES, .ndomains = 0,
	    .sock_state_cb = watch, .sock_state_cb_data = channel};
	int mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB;
	char only[] = {lookups == NULL ? '\0' : *lookups, '\0'};
	int rc;

	if (lookups != NULL) {
		options.lookups = only;
		mask |= ARES_OPT_LOOKUPS;
	}
	*channel = (struct channel){0};
	rc = ares_init_options(&channel->ares, &options, search ? mask : mask | ARES_OPT_DOMAINS);
	if (rc == ARES_SUCCESS && server != NULL)
		rc = ares_set_servers_ports_csv(channel->ares, server);
	if (rc == ARES_SUCCESS)
		return NULL;
	channel_close(channel);
	return ares_strerror(rc);
}

void
channel_serve(struct channel *channel, int64_t deadline)
{
	struct timeval limit = {clock_left(deadline) / 1000, clock_left(deadline) % 1000 * 1000};
	struct timeval buffer, *wait = ares_timeout(channel->ares, &limit, &buffer);
	struct pollfd fds[CHANNEL_SOCKETS];
	nfds_t n = channel->count, i;

	/* What is served changes what is watched. */
	memcpy(fds, channel->fds, sizeof(fds));
	if (poll(fds, n, (int)(wait->tv_sec * 1000 + wait->tv_usec / 1000 + 1)) <= 0)
		ares_process_fd(channel->ares, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	else
		for (i = 0; i < n; i++)
			ares_process_fd(channel->ares,
			    fds[i].revents & ~POLLOUT ? fds[i].fd : ARES_SOCKET_BAD,
			    fds[i].revents & POLLOUT ? fds[i].fd : ARES_SOCKET_BAD);
}
