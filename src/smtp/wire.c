#include "smtp/wire.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "program/clock.h"

/* Either kind of address. */
union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static socklen_t
fill_address(union address *address, const struct ip *ip, uint16_t port)
{
	memset(address, 0, sizeof(*address));
	if (ip->family == 6) {
		address->v6.sin6_family = AF_INET6;
		address->v6.sin6_port = htons(port);
		memcpy(&address->v6.sin6_addr, ip->bytes, 16);
		return sizeof(address->v6);
	}
	address->v4.sin_family = AF_INET;
	address->v4.sin_port = htons(port);
	memcpy(&address->v4.sin_addr, ip->bytes, 4);
	return sizeof(address->v4);
}

/* Looks at least once. */
static int
poll_until(struct pollfd *fd, int64_t deadline)
{
	int n;

	do
		n = poll(fd, 1, clock_left(deadline));
	while (n < 0 && errno == EINTR);
	return n;
}

enum wire_io
wire_wait(const struct wire *wire, short events, int64_t deadline)
{
	struct pollfd fd = {.fd = wire->fd, .events = events};
	struct wire_watch *watch = wire->watch;
	int n = 0;

	while (n == 0 && watch != NULL && watch->at < deadline) {
		n = poll_until(&fd, watch->at);
		if (n == 0 && watch->vain(watch->arg, &watch->at)) {
			watch->ended = true;
			return WIRE_TIMEOUT;
		}
	}
	if (n == 0 && clock_left(deadline) > 0)
		n = poll_until(&fd, deadline);
	return n == 0 ? WIRE_TIMEOUT : n < 0 ? WIRE_LOST : WIRE_OK;
}

static bool
bind_to(const struct wire *wire, const struct ip *from)
{
	union address address;
	socklen_t size = fill_address(&address, from, 0);
	int on = 1;

	/* So that one port may serve for connections to different relays. */
	setsockopt(wire->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
	return bind(wire->fd, &address.any, size) == 0;
}

/* Waits for a connection under way. */
static enum wire_io
await_connection(const struct wire *wire, int64_t deadline)
{
	enum wire_io io = wire_wait(wire, POLLOUT, deadline);
	int error = 0;
	socklen_t size = sizeof(error);

	if (io != WIRE_OK)
		return io;
	if (getsockopt(wire->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
		return WIRE_LOST;
	errno = error;
	return error == 0 ? WIRE_OK : WIRE_LOST;
}

/* A peer that has gone without a word, as one does that was started anew, is not waited for as long
 * as one that is slow: asked whether it is there, its system says no. */
static void
keep_alive(const struct wire *wire)
{
	static const int first = 15, next = 15, most = 20, on = 1;

	setsockopt(wire->fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(wire->fd, IPPROTO_TCP, TCP_KEEPIDLE, &first, sizeof(first));
	setsockopt(wire->fd, IPPROTO_TCP, TCP_KEEPINTVL, &next, sizeof(next));
	setsockopt(wire->fd, IPPROTO_TCP, TCP_KEEPCNT, &most, sizeof(most));
}

enum wire_io
wire_connect(struct wire *wire, const struct ip *to, uint16_t port, const struct ip *from,
    int64_t deadline)
{
	union address address;
	socklen_t size = fill_address(&address, to, port);
	int on = 1;

	wire->tls = NULL;
	wire->begin = wire->end = 0;
	wire->fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (wire->fd < 0 || (from != NULL && !bind_to(wire, from)))
		return WIRE_LOST;
	setsockopt(wire->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	keep_alive(wire);
	if (connect(wire->fd, &address.any, size) == 0)
		return WIRE_OK;
	if (errno != EINPROGRESS && errno != EINTR)
		return WIRE_LOST;
	return await_connection(wire, deadline);
}

bool
wire_local(const struct wire *wire, struct ip *ip)
{
	union address address;
	socklen_t size = sizeof(address);

	if (wire->fd < 0 || getsockname(wire->fd, &address.any, &size) != 0)
		return false;
	*ip = (struct ip){.family = address.any.sa_family == AF_INET6 ? 6 : 4};
	if (ip->family == 6)
		memcpy(ip->bytes, &address.v6.sin6_addr, 16);
	else
		memcpy(ip->bytes, &address.v4.sin_addr, 4);
	return true;
}

/* One try to move bytes in clear, as struct wire_tls has it. */
static ssize_t
judge(ssize_t n, short awaited, short *events)
{
	if (n > 0)
		return n;
	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		*events = awaited;
		return 0;
	}
	return -1;
}

static ssize_t
put(const struct wire *wire, const char *data, size_t len, short *events)
{
	if (wire->tls != NULL)
		return wire->tls->put(wire, data, len, events);
	return judge(send(wire->fd, data, len, MSG_NOSIGNAL), POLLOUT, events);
}

static ssize_t
take(const struct wire *wire, char *data, size_t len, short *events)
{
	if (wire->tls != NULL)
		return wire->tls->take(wire, data, len, events);
	return judge(recv(wire->fd, data, len, 0), POLLIN, events);
}

enum wire_io
wire_send(struct wire *wire, const char *data, size_t len, int64_t silence_ms, int64_t deadline)
{
	int64_t until = clock_earlier(clock_now() + silence_ms, deadline);
	enum wire_io io;
	short events;
	ssize_t n;

	while (len > 0) {
		n = put(wire, data, len, &events);
		if (n < 0)
			return WIRE_LOST;
		if (n == 0) {
			io = wire_wait(wire, events, until);
			if (io != WIRE_OK)
				return io;
			continue;
		}
		data += n;
		len -= (size_t)n;
		until = clock_earlier(clock_now() + silence_ms, deadline);
	}
	return WIRE_OK;
}

enum wire_io
wire_fill(struct wire *wire, int64_t deadline)
{
	enum wire_io io;
	short events;
	ssize_t n;

	for (;;) {
		n = take(wire, wire->input, sizeof(wire->input), &events);
		if (n < 0)
			return WIRE_LOST;
		if (n > 0)
			break;
		io = wire_wait(wire, events, deadline);
		if (io != WIRE_OK)
			return io;
	}
	wire->begin = 0;
	wire->end = (size_t)n;
	return WIRE_OK;
}

enum wire_io
wire_peek(struct wire *wire)
{
	short events;
	ssize_t n;

	if (wire->begin < wire->end)
		return WIRE_OK;
	n = take(wire, wire->input, sizeof(wire->input), &events);
	wire->begin = 0;
	wire->end = n > 0 ? (size_t)n : 0;
	return n > 0 ? WIRE_OK : n == 0 ? WIRE_TIMEOUT : WIRE_LOST;
}

void
wire_close(struct wire *wire)
{
	if (wire->tls != NULL)
		wire->tls->close(wire);
	if (wire->fd >= 0)
		close(wire->fd);
	wire->tls = NULL;
	wire->fd = -1;
}
