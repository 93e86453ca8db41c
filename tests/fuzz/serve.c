/*
 * serve.c - any bytes as what a client of the daemon sends: the first byte says by which
 * protocol and how it behaves, the second how the others are cut into pieces and how often
 * they are repeated.  What comes back is the protocol's, the same however it was sent,
 * and tells no password that it must not.
 */
#include "fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conf_promises.h"
#include "promise.h"
#include "serve/client.h"
#include "serve/http.h"
#include "serve/journal.h"
#include "serve_index.h"

/* No domain that was folded has it. */
#define SECRET "fUzz5ecREt"
/* The same in base64, but for its last bytes. */
#define SECRET64 "ZlV6ejVlY1JF"
#define REPEATS_MAX 16
#define PIECES_MAX 200
#define OUT_MAX (16 << 20)

static const char conf[] =
    "route 1 to a.example via a.relay:587 login ann password " SECRET "\n"
    "route 2 user ann@c.example via [2001:db8::1] transport out\n"
    "route 3 from <> via mx:b.relay priority 2\n"
    "route 4 to r.example reject \"5.7.1 no\"\n"
    "route 5 to d.example defer\n"
    "route 6 to x.example discard\n"
    "route 7 to m.example via mx\n"
    "route 8 to m.example via mx port 26 priority 2\n"
    "route 9 to m.example via [2001:db8::2] priority 3 tls verified\n"
    "route 10 from s.example user any via s.relay transport in\n"
    "route 11 to t.example via a.relay:587 login bob password " SECRET " transport t\n"
    "route 12 to p.example via p.relay login pat password-file \"/nowhere/" SECRET "\"\n"
    "route 13 to \"\\\"q q\\\"@q.example\" via q.relay tls off\n";

/* How a client behaves; the lowest two bits are its protocol, or HTTP. */
enum { HTTP = KIND_COUNT, LOCAL = 4, DEAF = 8, FIRST = 16, LAST = 32 };

struct target {
	struct service service;
	struct clients clients;
	struct serve_door door, http_door;
	struct http *http;
	int epoll, log;
	char path[64];
};

/* What came back of one conversation. */
struct output {
	char *ptr;
	size_t len;
};

static char out_first[OUT_MAX], out_second[OUT_MAX];

/* Many relays in one group, so that answers are longer than questions. */
static struct slice
conf_text(void)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	promise(out != NULL);
	fputs(conf, out);
	for (int i = 0; i < 100; i++)
		fprintf(out, "route %d to l.example via relay-number-%d.example priority %d\n",
		    100 + i, i, i);
	promise(fclose(out) == 0);
	return slice(text, size);
}

static void
write_index(int fd)
{
	struct slice text = conf_text();
	struct conf_files files = {"tests/fuzz/no.conf", NULL, 0};
	struct conf_outcome outcome = conf_outcome(&files, text.ptr, text.len);

	promise(outcome.index.ptr != NULL);
	promise(write(fd, outcome.index.ptr, outcome.index.len) == (ssize_t)outcome.index.len);
	conf_outcome_release(&outcome);
	free((void *)(uintptr_t)text.ptr);
}

static void
target_open(struct target *target)
{
	int fd = memfd_create("index", MFD_CLOEXEC);

	promise(fd >= 0);
	write_index(fd);
	snprintf(target->path, sizeof(target->path), "/proc/self/fd/%d", fd);
	promise(handle_open(&target->service.handle, target->path) == TMAIL_OK);
	target->service.log_queries = true;
	target->epoll = epoll_create1(EPOLL_CLOEXEC);
	target->log = memfd_create("log", MFD_CLOEXEC);
	promise(target->epoll >= 0 && target->log >= 0);
	journal_open(target->log);
	serve_listen(&target->door);
	serve_listen(&target->http_door);
	target->http = http_open(target->http_door.fd, &target->clients);
	promise(target->http != NULL);
}

static bool
holds(struct slice text, const char *what)
{
	return text.len > 0 && memmem(text.ptr, text.len, what, strlen(what)) != NULL;
}

/* Takes what the daemon has written; false: it has closed the connection. */
static bool
hear(int fd, struct output *out)
{
	for (;;) {
		ssize_t n = recv(fd, out->ptr + out->len, OUT_MAX - out->len, MSG_DONTWAIT);

		if (n <= 0)
			return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
		out->len += (size_t)n;
		promise(out->len < OUT_MAX);
	}
}

/* As the daemon's loop does it; false: there was nothing to do. */
static bool
turn(struct target *target)
{
	struct epoll_event events[4];
	int n = epoll_wait(target->epoll, events, 4, 0);

	for (int i = 0; i < n; i++)
		client_ready(&target->clients, events[i].data.ptr, events[i].events, 0);
	clients_answer(&target->clients, 0);
	return n > 0;
}

/* Whatever a client sends, the daemon takes it sooner or later, or closes the connection. */
static void
say(struct target *target, int fd, struct slice in, unsigned piece, bool deaf, struct output *out)
{
	size_t at = 0;
	bool open = true;

	while (open && at < in.len) {
		size_t len = in.len - at < piece ? in.len - at : piece;
		ssize_t n = send(fd, in.ptr + at, len, MSG_DONTWAIT | MSG_NOSIGNAL);
		bool full = n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);

		open = n > 0 || full;
		at += n > 0 ? (size_t)n : 0;
		if (!turn(target) && full)
			promise(deaf);
		if (!deaf || full)
			open &= hear(fd, out);
	}
	shutdown(fd, SHUT_WR);
	for (int idle = 0; hear(fd, out); idle = turn(target) ? 0 : idle + 1)
		promise(idle < 3);
}

/* What the last conversation has left is not to be remembered. */
static void
forget(struct conflicts *conflicts)
{
	if (conflicts->ring != NULL && conflicts->count == 0)
		return;
	conflicts_close(conflicts);
	promise(conflicts_open(conflicts, true));
}

/* A conversation from the first byte to the end of both sides. */
static struct output
converse(struct target *target, unsigned how, struct slice in, unsigned piece, char *buf)
{
	static const enum on_conflict modes[] = {
	    CONFLICT_DEFER, CONFLICT_FIRST, CONFLICT_LAST, CONFLICT_LAST};
	struct output out = {buf, 0};
	int fd = serve_connect(&target->door);

	target->service.on_conflict = modes[how / FIRST % 4];
	tmail_random_init(&target->service.random, 1);
	forget(&target->service.conflicts);
	clients_init(&target->clients, &target->service, target->epoll, 4);
	clients_accept(&target->clients, target->door.fd, (enum kind)(how % 4),
	    (how & LOCAL) != 0, 0);
	promise(target->clients.count == 1);
	say(target, fd, in, piece, (how & DEAF) != 0, &out);
	close(fd);
	/* What is wrong is read to its end. */
	while (turn(target))
		continue;
	promise(target->clients.count == 0);
	clients_release(&target->clients);
	return out;
}

/* The part of `out` up to `end`, which is taken away. */
static struct slice
next_part(struct slice *out, const char *end)
{
	const char *at = memmem(out->ptr, out->len, end, strlen(end));
	struct slice part = *out;

	promise(at != NULL);
	part.len = (size_t)(at - out->ptr);
	*out = slice(at + strlen(end), out->len - part.len - strlen(end));
	return part;
}

static bool
begins(struct slice text, const char *with)
{
	return text.len >= strlen(with) && memcmp(text.ptr, with, strlen(with)) == 0;
}

static void
check_printable(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		promise(text.ptr[i] >= ' ' && text.ptr[i] != 0x7f);
}

static void
check_policy(struct slice out)
{
	while (out.len > 0) {
		struct slice answer = next_part(&out, "\n\n");

		promise(begins(answer, "action=") && answer.len > strlen("action="));
		promise(answer.len <= strlen("action=") + 2048);
		check_printable(answer);
	}
}

static void
check_socketmap(struct slice out, bool local)
{
	while (out.len > 0) {
		struct slice digits = next_part(&out, ":");
		size_t len = strtoul(digits.ptr, NULL, 10);
		struct slice answer = slice(out.ptr, len);

		promise(digits.len > 0 && digits.len < 6 && len < out.len && out.ptr[len] == ',');
		promise(begins(answer, "OK ") || begins(answer, "NOTFOUND ") ||
			begins(answer, "TEMP ") || begins(answer, "PERM "));
		promise(local || !holds(answer, SECRET));
		check_printable(answer);
		out = slice(out.ptr + len + 1, out.len - len - 1);
	}
}

static void
check_exim(struct slice out, bool local)
{
	promise(local || !holds(out, SECRET64));
	promise(!holds(out, SECRET));
	while (out.len > 0) {
		struct slice answer = next_part(&out, "\n");

		/* An empty one would be a decline. */
		promise(answer.len > 0);
		check_printable(answer);
	}
}

static void
check_output(unsigned how, struct slice out)
{
	switch (how % 4) {
	case KIND_POLICY:
		check_policy(out);
		promise(!holds(out, SECRET));
		break;
	case KIND_SOCKETMAP:
		check_socketmap(out, (how & LOCAL) != 0);
		break;
	default:
		check_exim(out, (how & LOCAL) != 0);
		break;
	}
}

/* In pieces and at once, with all answers awaited and none. */
static void
check_protocol(struct target *target, unsigned how, struct slice in, unsigned piece)
{
	struct output pieces = converse(target, how, in, piece, out_first);
	struct output whole = converse(target, how ^ DEAF, in, 1u << 16, out_second);

	promise(pieces.len == whole.len && memcmp(pieces.ptr, whole.ptr, whole.len) == 0);
	check_output(how, slice(pieces.ptr, pieces.len));
}

static void
check_http(struct target *target, struct slice in, unsigned piece)
{
	struct output out = {out_first, 0};
	int fd = serve_connect(&target->http_door);
	bool open = true;

	clients_init(&target->clients, &target->service, target->epoll, 4);
	for (size_t at = 0, len; open && at < in.len; at += len) {
		len = in.len - at < piece ? in.len - at : piece;
		open = send(fd, in.ptr + at, len, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)len;
		http_run(target->http, 0);
		open &= hear(fd, &out);
	}
	close(fd);
	http_run(target->http, 0);
	promise(out.len == 0 || begins(slice(out.ptr, out.len), "HTTP/1."));
	promise(!holds(slice(out.ptr, out.len), SECRET));
}

/* What has been logged; the next input begins a new log. */
static void
check_log(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *text = malloc((size_t)size + 1);
	struct slice log = slice(text, (size_t)size);

	promise(text != NULL && pread(fd, text, log.len, 0) == size);
	promise(!holds(log, SECRET) && !holds(log, SECRET64));
	for (size_t i = 0; i < log.len; i++)
		promise(log.ptr[i] == '\n' || (log.ptr[i] >= ' ' && log.ptr[i] != 0x7f));
	free(text);
	promise(ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0);
}

/* The bytes over and over, so that requests grow beyond what they may have. */
static struct slice
repeated(const uint8_t *bytes, size_t size, size_t times)
{
	char *all = malloc(size * times);

	promise(all != NULL);
	for (size_t i = 0; i < times; i++)
		memcpy(all + i * size, bytes, size);
	return slice(all, size * times);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct target target;
	struct slice in;
	unsigned piece;

	if (target.path[0] == '\0')
		target_open(&target);
	/* One who knows the password may ask about it. */
	if (size < 3 || size > 4096 || holds(slice((const char *)bytes, size), SECRET) ||
	    holds(slice((const char *)bytes, size), SECRET64))
		return 0;
	in = repeated(bytes + 2, size - 2, bytes[1] < 0xf0 ? 1 : REPEATS_MAX);
	piece = 1u << (bytes[1] & 15);
	if (piece < in.len / PIECES_MAX)
		piece = (unsigned)(in.len / PIECES_MAX);
	if (bytes[0] % 4 == HTTP)
		check_http(&target, in, piece);
	else
		check_protocol(&target, bytes[0], in, piece);
	check_log(target.log);
	free((void *)(uintptr_t)in.ptr);
	return 0;
}
