#include "serve/client.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "program/clock.h"
#include "serve/journal.h"
#include "serve/listener.h"

#define REQUEST_MS 10000
#define IDLE_MS 1000000
/* Answers are written when so much has come together, or nothing is left to answer. */
#define OUT_FLUSH (64 * 1024)
#define OUT_SIZE (OUT_FLUSH + 4 * AS_TEXT_SIZE)
#define ACCEPTS_MAX 64
#define INPUTS_MAX 32
/* How long nobody is let in where there is no descriptor, and nobody who could give one back. */
#define REST_MS 20

static take_request *const takes[] = {
    [KIND_POLICY] = policy_take,
    [KIND_SOCKETMAP] = socketmap_take,
    [KIND_EXIM] = exim_take,
};

/* What is written passes through this, and stays only if the client does not read. */
static char out_buf[OUT_SIZE];

/* What clients have sent, until all of them have been read and the index looked at. */
static struct input {
	struct client *client;
	size_t len;
	char buf[REQUEST_ROOM + 1];
} inputs[INPUTS_MAX];

#define of_use(link) LINK_OF(link, struct client, by_use)
#define of_request(link) LINK_OF(link, struct client, by_request)

void
clients_init(struct clients *clients, struct service *service, int epoll, size_t most)
{
	*clients = (struct clients){.service = service, .epoll = epoll, .most = most,
	    .spare.size = REQUEST_ROOM + 1};
	link_start(&clients->by_use);
	link_start(&clients->by_request);
}

static void
client_close(struct clients *clients, struct client *client)
{
	close(client->fd);
	link_out(&client->by_use);
	link_out(&client->by_request);
	spare_give(&clients->spare, &client->in);
	if (client->out != NULL)
		explicit_bzero(client->out, client->out_len);
	free(client->out);
	clients->count--;
	clients->counts[client->kind]--;
	free(client);
}

/* Whether it has sent what is still to be answered. */
static bool
has_sent(const struct client *client)
{
	return client->out == NULL && !client->broken &&
	    recv(client->fd, (char[1]){0}, 1, MSG_PEEK) > 0;
}

/* Closes one that is idle: it can send no more, and what it has sent before is answered. */
static void
part_from(struct clients *clients, struct client *client, int64_t now)
{
	size_t before = clients->count;

	(void)shutdown(client->fd, SHUT_RD);
	while (clients->count == before && has_sent(client)) {
		client_ready(clients, client, EPOLLIN, now);
		clients_answer(clients, now);
	}
	if (clients->count == before)
		client_close(clients, client);
}

/*
 * Closes the one that nobody has heard of for longest.  One that has asked meanwhile is not
 * idle, and is answered; whether there is room now.
 */
static bool
make_room(struct clients *clients, int64_t now)
{
	size_t before = clients->count;

	for (size_t i = 0; i < before && has_sent(of_use(clients->by_use.next)); i++) {
		client_ready(clients, of_use(clients->by_use.next), EPOLLIN, now);
		clients_answer(clients, now);
		if (clients->count < before)
			return true;
	}
	if (before == 0)
		return false;
	clients->closed_idle++;
	part_from(clients, of_use(clients->by_use.next), now);
	return true;
}

/* False: there is no memory. */
static bool
add(struct clients *clients, int fd, enum kind kind, bool local, int64_t now)
{
	struct client *client = calloc(1, sizeof(*client));
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};

	if (client == NULL || epoll_ctl(clients->epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
		free(client);
		return false;
	}
	client->fd = fd;
	client->kind = kind;
	client->local = local;
	client->used = now;
	link_start(&client->by_use);
	link_start(&client->by_request);
	link_in(&clients->by_use, &client->by_use);
	clients->count++;
	clients->counts[kind]++;
	return true;
}

bool
clients_accept(struct clients *clients, int listener, enum kind kind, bool local, int64_t now)
{
	for (int i = 0; i < ACCEPTS_MAX; i++) {
		int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0 && listener_is_short(listener, errno)) {
			if (make_room(clients, now))
				continue;
			/* He still waits the next time: the loop is not to turn for nothing. */
			poll(NULL, 0, REST_MS);
		}
		if (fd < 0)
			return false;
		if (clients->count >= clients->most)
			make_room(clients, now);
		while (!add(clients, fd, kind, local, now)) {
			if (make_room(clients, now))
				continue;
			close(fd);
			break;
		}
	}
	return true;
}

static void
watch(const struct clients *clients, struct client *client, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = client};

	(void)epoll_ctl(clients->epoll, EPOLL_CTL_MOD, client->fd, &event);
}

/* Bytes written, 0 if the client does not read now, -1 if it is gone. */
static ssize_t
put(const struct client *client, const char *ptr, size_t len)
{
	ssize_t n = send(client->fd, ptr, len, MSG_NOSIGNAL);

	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return 0;
	return n;
}

/* Writes the answers, or keeps them; false: the client is gone. */
static bool
flush(struct clients *clients, struct client *client, struct as_text *out, int64_t now)
{
	size_t done = 0;
	ssize_t n = 1;

	while (done < out->len && n > 0) {
		n = put(client, out->ptr + done, out->len - done);
		done += n > 0 ? (size_t)n : 0;
	}
	if (n < 0)
		return false;
	if (done < out->len) {
		client->out = malloc(out->len - done);
		if (client->out == NULL)
			return false;
		client->out_len = out->len - done;
		client->out_at = 0;
		memcpy(client->out, out->ptr + done, client->out_len);
		client->begun = now;
		link_in(&clients->by_request, &client->by_request);
		watch(clients, client, EPOLLOUT);
	}
	explicit_bzero(out->ptr, out->len);
	out->len = 0;
	out->cut = false;
	return true;
}

/* Keeps what is left of the input until more comes; false: there is no memory. */
static bool
keep(struct clients *clients, struct client *client, struct slice left, int64_t now)
{
	bool waits = client->in != NULL || client->out != NULL;

	if (left.len == 0) {
		spare_give(&clients->spare, &client->in);
		client->in_len = 0;
		if (client->out == NULL)
			link_out(&client->by_request);
		return true;
	}
	if (client->in == NULL)
		client->in = spare_take(&clients->spare);
	if (client->in == NULL)
		return false;
	memcpy(client->in, left.ptr, left.len);
	client->in_len = left.len;
	if (!waits) {
		client->begun = now;
		link_in(&clients->by_request, &client->by_request);
	}
	return true;
}

static void
broken(struct clients *clients, struct client *client)
{
	clients->service->broken[client->kind]++;
	journal_fault(kind_names[client->kind], "not a request");
	client->broken = client->ending = true;
}

/*
 * The last word on a request that does not come to its end.  Exim alone would take silence
 * for an answer; false: the connection is closed without one.
 */
static bool
last_word(struct clients *clients, struct client *client, struct slice rest, const char *why,
    int64_t now)
{
	struct as_text out = {out_buf, 0, sizeof(out_buf), false};

	if (client->kind != KIND_EXIM || rest.len == 0)
		return false;
	exim_refuse(clients->service, rest, why, &out);
	spare_give(&clients->spare, &client->in);
	client->in_len = 0;
	client->broken = !client->ending;
	client->ending = true;
	return flush(clients, client, &out, now);
}

/* Answers all whole requests of `in`, until the client does not read; false: it is gone. */
static bool
answer(struct clients *clients, struct client *client, struct slice in, int64_t now)
{
	struct as_text out = {out_buf, 0, sizeof(out_buf), false};
	enum step step = STEP_ANSWERED;
	struct slice rest;
	size_t at = 0, used;

	while (step == STEP_ANSWERED && client->out == NULL && at < in.len) {
		used = 0;
		step = takes[client->kind](clients->service, client->local,
		    slice(in.ptr + at, in.len - at), &used, &out);
		if (step == STEP_ANSWERED) {
			at += used;
			client->asked = true;
			/* The next request has its own time. */
			if (client->in != NULL) {
				link_out(&client->by_request);
				spare_give(&clients->spare, &client->in);
			}
		}
		if (out.len >= OUT_FLUSH && !flush(clients, client, &out, now))
			return false;
	}
	if (step == STEP_BROKEN) {
		broken(clients, client);
		at = in.len;
	}
	if (out.len > 0 && !flush(clients, client, &out, now))
		return false;
	rest = slice(in.ptr + at, in.len - at);
	if (step == STEP_MORE && client->ending && client->out == NULL)
		return last_word(clients, client, rest, "the question has no end", now);
	return keep(clients, client, rest, now) ||
	    (client->out == NULL && last_word(clients, client, rest, "there is no memory", now));
}

/* The client's input, as far as it fits behind what was left of it; false: it is gone. */
static bool
read_in(struct client *client, struct input *input)
{
	ssize_t n = recv(client->fd, input->buf + input->len, sizeof(input->buf) - input->len, 0);

	if (n == 0)
		client->ending = true;
	input->len += n > 0 ? (size_t)n : 0;
	return n >= 0 || errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/* What waits is written first; false: the client is gone. */
static bool
write_out(struct clients *clients, struct client *client)
{
	ssize_t n = put(client, client->out + client->out_at, client->out_len - client->out_at);

	if (n < 0)
		return false;
	client->out_at += (size_t)n;
	if (client->out_at < client->out_len)
		return true;
	explicit_bzero(client->out, client->out_len);
	free(client->out);
	client->out = NULL;
	link_out(&client->by_request);
	watch(clients, client, EPOLLIN);
	return true;
}

/* Writes what waits, or reads; false: the client is gone. */
static bool
take(struct clients *clients, struct client *client)
{
	struct input *input = &inputs[clients->ninputs];
	bool waited = client->out != NULL;

	if (waited && !write_out(clients, client))
		return false;
	if (client->out != NULL)
		return true;
	input->client = client;
	input->len = client->in_len;
	if (client->in_len > 0)
		memcpy(input->buf, client->in, client->in_len);
	if (!waited && !client->ending && !read_in(client, input))
		return false;
	if (waited)
		spare_give(&clients->spare, &client->in);
	client->in_len = 0;
	clients->ninputs++;
	return true;
}

/*
 * Who is still writing when the connection closes gets an error, and may never read what
 * was answered: no more is written, and the rest is read until he closes, too.
 */
static void
end(struct clients *clients, struct client *client, int64_t now)
{
	if (!client->broken || shutdown(client->fd, SHUT_WR) != 0) {
		client_close(clients, client);
		return;
	}
	client->begun = now;
	link_in(&clients->by_request, &client->by_request);
}

/* Reads the rest of one that is broken; false: there is no more. */
static bool
discard(const struct client *client)
{
	ssize_t n = recv(client->fd, out_buf, sizeof(out_buf), 0);

	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR));
}

void
client_ready(struct clients *clients, struct client *client, uint32_t events, int64_t now)
{
	client->used = now;
	link_in(&clients->by_use, &client->by_use);
	if (client->broken && client->out == NULL) {
		if (!discard(client))
			client_close(clients, client);
		return;
	}
	if (((events & EPOLLERR) != 0 && (events & EPOLLIN) == 0) || !take(clients, client))
		client_close(clients, client);
	if (clients->ninputs == INPUTS_MAX)
		clients_answer(clients, now);
}

/* What has been read is younger than what is seen of the index now. */
void
clients_answer(struct clients *clients, int64_t now)
{
	if (clients->ninputs > 0)
		handle_refresh(&clients->service->handle, false);
	for (size_t i = 0; i < clients->ninputs; i++) {
		struct client *client = inputs[i].client;

		if (!answer(clients, client, slice(inputs[i].buf, inputs[i].len), now))
			client_close(clients, client);
		else if (client->ending && client->out == NULL)
			end(clients, client, now);
	}
	clients->ninputs = 0;
}

static void
be_late(struct clients *clients, struct client *client, int64_t now)
{
	clients->service->broken[client->kind]++;
	journal_fault(kind_names[client->kind], "a request took too long");
	if (last_word(clients, client, slice(client->in, client->in_len),
		"the question took too long", now) && client->out == NULL)
		end(clients, client, now);
	else
		client_close(clients, client);
}

/* The first deadline of a request that is not whole; those that have passed it are closed. */
static int64_t
expire_requests(struct clients *clients, int64_t now)
{
	for (struct link *link = clients->by_request.next, *after; link != &clients->by_request;
	    link = after) {
		struct client *client = of_request(link);

		after = link->next;
		/* One that does not read is only idle. */
		if (client->out != NULL)
			continue;
		if (client->begun + REQUEST_MS > now)
			return client->begun + REQUEST_MS;
		if (client->broken)
			client_close(clients, client);
		else
			be_late(clients, client, now);
	}
	return INT64_MAX;
}

int64_t
clients_expire(struct clients *clients, int64_t now)
{
	/* No request that begins later ends before this. */
	int64_t next = clock_earlier(expire_requests(clients, now), now + REQUEST_MS);

	while (clients->by_use.next != &clients->by_use) {
		struct client *client = of_use(clients->by_use.next);

		if (client->used + IDLE_MS > now)
			return clock_earlier(next, client->used + IDLE_MS);
		make_room(clients, now);
	}
	return next;
}

bool
clients_finish(struct clients *clients, int64_t now)
{
	for (struct link *link = clients->by_use.next, *last = clients->by_use.previous, *after;
	    link != &clients->by_use; link = after) {
		struct client *client = of_use(link);

		after = link == last ? &clients->by_use : link->next;
		if (client->out == NULL && client->in == NULL && client->asked && !client->broken)
			part_from(clients, client, now);
	}
	return clients->count == 0;
}

int64_t
clients_oldest(const struct clients *clients, int64_t now)
{
	struct link *link = clients->by_request.next;

	while (link != &clients->by_request && of_request(link)->broken)
		link = link->next;
	return link == &clients->by_request ? 0 : now - of_request(link)->begun;
}

void
clients_release(struct clients *clients)
{
	while (clients->count > 0)
		client_close(clients, of_use(clients->by_use.next));
	spare_release(&clients->spare);
}
