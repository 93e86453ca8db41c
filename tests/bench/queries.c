/*
 * queries - asks a server as mail servers do, each connection its next question when the
 * one before is answered.
 *
 *   queries [-p PAUSE_US] [-k] PROTOCOL ADDRESS CONNECTIONS COUNT <domains
 *
 * ADDRESS is unix:PATH or inet:ADDRESS:PORT.  Prints questions a second, and the 50th and
 * 99th of a hundred waits in microseconds.  An answer that names no relay ends it.  -p: a pause
 * before each question; -k: then keeps the connections until it is ended.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "talk.h"

enum { EVENTS_MAX = 256, DOMAINS_MAX = 1 << 20 };

struct connection {
	int fd;
	bool greeted;
	size_t len;
	uint64_t asked; /* when, in nanoseconds */
	char in[TALK_MAX];
};

struct load {
	const struct talk *talk;
	const char *address;
	unsigned pause;
	size_t ndomains;
	char **domains;
	uint64_t count, asked, answered;
	uint32_t *waits; /* nanoseconds, of each question */
	int epoll;
};

static _Noreturn void
fail(const char *what, const char *why)
{
	fprintf(stderr, "queries: %s: %s\n", what, why);
	exit(1);
}

static uint64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void *
allocate(size_t n, size_t size)
{
	void *ptr = calloc(n, size);

	if (ptr == NULL)
		fail("memory", strerror(errno));
	return ptr;
}

static void
read_domains(struct load *load, FILE *in)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t len;

	load->domains = allocate(DOMAINS_MAX, sizeof(*load->domains));
	while (load->ndomains < DOMAINS_MAX && (len = getline(&line, &room, in)) > 0) {
		line[strcspn(line, "\t\n")] = '\0';
		load->domains[load->ndomains++] = strdup(line);
	}
	free(line);
	if (load->ndomains == 0)
		fail("standard input", "no domains");
}

static int
connect_unix(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (strlen(path) >= sizeof(address.sun_path))
		fail(path, "too long");
	strcpy(address.sun_path, path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		fail(path, strerror(errno));
	return fd;
}

static int
connect_inet(const char *where)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	const char *colon = strrchr(where, ':');
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
	char host[64];

	snprintf(host, sizeof(host), "%.*s", colon == NULL ? 0 : (int)(colon - where), where);
	if (colon == NULL || inet_pton(AF_INET, host, &address.sin_addr) != 1)
		fail(where, "not ADDRESS:PORT");
	address.sin_port = htons((uint16_t)atoi(colon + 1));
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		fail(where, strerror(errno));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

static void
open_connection(struct load *load, struct connection *connection)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};

	connection->fd = strncmp(load->address, "unix:", 5) == 0 ? connect_unix(load->address + 5)
								 : connect_inet(load->address + 5);
	connection->greeted = !load->talk->greets;
	connection->len = 0;
	if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, connection->fd, &event) != 0)
		fail("epoll", strerror(errno));
}

/* Asks the next question, if there is one more. */
static void
ask(struct load *load, struct connection *connection)
{
	char question[TALK_MAX];
	size_t len;

	if (load->asked == load->count)
		return;
	if (load->pause > 0)
		usleep(load->pause);
	/* A prime's multiples: the names in an order that no cache expects. */
	len = load->talk->ask(
	    question, load->domains[load->asked * 7919 % load->ndomains], load->asked);
	load->asked++;
	connection->asked = now();
	if (connection->fd < 0)
		open_connection(load, connection);
	if (send(connection->fd, question, len, MSG_NOSIGNAL) != (ssize_t)len)
		fail(load->address, "the server takes no question");
	if (load->talk->once)
		shutdown(connection->fd, SHUT_WR);
}

static void
take_answer(struct load *load, struct connection *connection, size_t len)
{
	uint64_t wait = now() - connection->asked;

	if (memmem(connection->in, len, load->talk->good, load->talk->good_len) == NULL)
		fail(load->address, "an answer names no relay");
	load->waits[load->answered++] = wait > UINT32_MAX ? UINT32_MAX : (uint32_t)wait;
	connection->len -= len;
	memmove(connection->in, connection->in + len, connection->len);
	if (load->talk->once) {
		close(connection->fd);
		connection->fd = -1;
	}
	ask(load, connection);
}

static void
hear(struct load *load, struct connection *connection)
{
	ssize_t n = recv(connection->fd, connection->in + connection->len,
	    sizeof(connection->in) - connection->len, 0);
	size_t len;

	if (n <= 0)
		fail(load->address, n == 0 ? "the server has gone" : strerror(errno));
	connection->len += (size_t)n;
	len = load->talk->whole(connection->in, connection->len);
	if (len == 0)
		return;
	if (connection->greeted) {
		take_answer(load, connection, len);
		return;
	}
	connection->greeted = true;
	connection->len -= len;
	ask(load, connection);
}

static void
run(struct load *load, struct connection *connections, size_t n)
{
	struct epoll_event events[EVENTS_MAX];

	for (size_t i = 0; i < n; i++) {
		connections[i].fd = -1;
		if (!load->talk->once)
			open_connection(load, &connections[i]);
		if (!load->talk->greets)
			ask(load, &connections[i]);
	}
	while (load->answered < load->count) {
		int ready = epoll_wait(load->epoll, events, EVENTS_MAX, 60000);

		if (ready == 0)
			fail(load->address, "no answer within a minute");
		for (int i = 0; i < ready; i++)
			hear(load, events[i].data.ptr);
	}
}

static int
compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void
print(const struct load *load, uint64_t took)
{
	qsort(load->waits, load->count, sizeof(*load->waits), compare);
	printf("%.0f\t%.1f\t%.1f\n", (double)load->count * 1e9 / (double)took,
	    load->waits[load->count / 2] / 1e3,
	    load->waits[load->count - 1 - load->count / 100] / 1e3);
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	struct load load = {.epoll = epoll_create1(0)};
	struct rlimit limit = {65536, 65536};
	struct connection *connections;
	uint64_t begun;
	bool keep = false;
	size_t n;
	int c;

	while ((c = getopt(argc, argv, "p:k")) == 'p' || c == 'k') {
		keep |= c == 'k';
		load.pause = c == 'p' ? (unsigned)atoi(optarg) : load.pause;
	}
	if (argc - optind != 4 || (load.talk = talk_find(argv[optind])) == NULL ||
	    (n = strtoul(argv[optind + 2], NULL, 10)) == 0 ||
	    (load.count = strtoull(argv[optind + 3], NULL, 10)) < n)
		fail("usage",
		    "queries [-p PAUSE_US] [-k] PROTOCOL ADDRESS CONNECTIONS COUNT <domains");
	setrlimit(RLIMIT_NOFILE, &limit);
	load.address = argv[optind + 1];
	load.waits = allocate(load.count, sizeof(*load.waits));
	connections = allocate(n, sizeof(*connections));
	read_domains(&load, stdin);
	begun = now();
	run(&load, connections, n);
	print(&load, now() - begun);
	while (keep)
		pause();
	return 0;
}
