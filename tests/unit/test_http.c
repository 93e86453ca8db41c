/* The limits on who asks for metrics, by a clock that the test turns. */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "serve/http.h"
#include "serve_index.h"

#define QUESTION "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"

struct daemon {
	struct service service;
	struct clients clients;
	struct serve_door door;
	struct http *http;
	int epoll;
};

static int
set_up(void **state)
{
	struct daemon *daemon = calloc(1, sizeof(*daemon));

	assert_non_null(daemon);
	serve_index(&daemon->service.handle);
	serve_listen(&daemon->door);
	daemon->epoll = epoll_create1(0);
	clients_init(&daemon->clients, &daemon->service, daemon->epoll, 10);
	daemon->http = http_open(daemon->door.fd, &daemon->clients);
	assert_non_null(daemon->http);
	*state = daemon;
	return 0;
}

static int
tear_down(void **state)
{
	struct daemon *daemon = *state;

	http_close(daemon->http);
	clients_release(&daemon->clients);
	handle_close(&daemon->service.handle);
	close(daemon->door.fd);
	close(daemon->epoll);
	free(daemon);
	return 0;
}

/* As the loop does it at that time, until there is nothing more to do; when to come again. */
static int64_t
run(struct daemon *daemon, int64_t now)
{
	struct pollfd waiting = {.fd = http_fd(daemon->http), .events = POLLIN};
	int64_t due;

	do
		due = http_run(daemon->http, now);
	while (due <= now || poll(&waiting, 1, 0) > 0);
	return due;
}

static void
say(struct daemon *daemon, int fd, const char *text, int64_t now)
{
	(void)send(fd, text, strlen(text), MSG_NOSIGNAL);
	run(daemon, now);
}

/* What has come, as a string; *open: the connection has not ended. */
static const char *
heard(int fd, bool *open)
{
	static char buf[65536];
	size_t len = 0;
	ssize_t n;

	while ((n = recv(fd, buf + len, sizeof(buf) - 1 - len, MSG_DONTWAIT)) > 0)
		len += (size_t)n;
	buf[len] = '\0';
	*open = n < 0 && errno == EAGAIN;
	return buf;
}

/* A connection has one request. */
static void
expect(int fd, const char *status)
{
	bool open;

	assert_memory_equal(heard(fd, &open), status, strlen(status));
	assert_false(open);
	close(fd);
}

static void
a_request_has_ten_seconds(void **state)
{
	struct daemon *daemon = *state;
	int slow = serve_connect(&daemon->door), other = serve_connect(&daemon->door);
	bool open;

	say(daemon, slow, "GET /", 0);
	for (int64_t now = 1000; now < 10000; now += 1000)
		say(daemon, slow, "x", now);
	say(daemon, other, QUESTION, 9999);
	expect(other, "HTTP/1.1 200 ");
	assert_string_equal(heard(slow, &open), "");
	assert_true(open);
	assert_int_equal(run(daemon, 9999), 10000);
	run(daemon, 10000);
	assert_string_equal(heard(slow, &open), "");
	assert_false(open);
	close(slow);
}

static void
all_places_are_free_again(void **state)
{
	struct daemon *daemon = *state;
	int slow[80], other;

	for (int i = 0; i < 80; i++)
		slow[i] = serve_connect(&daemon->door);
	run(daemon, 0);
	run(daemon, 10000);
	run(daemon, 20000);
	other = serve_connect(&daemon->door);
	say(daemon, other, QUESTION, 20001);
	expect(other, "HTTP/1.1 200 ");
	for (int i = 0; i < 80; i++)
		close(slow[i]);
}

static void
no_request_is_huge(void **state)
{
	struct daemon *daemon = *state;
	char *huge = malloc(40000);
	int fd = serve_connect(&daemon->door);

	memset(huge, 'x', 39999);
	huge[39999] = '\0';
	say(daemon, fd, "GET /healthz HTTP/1.1\r\nHost: x\r\nX: ", 0);
	say(daemon, fd, huge, 0);
	expect(fd, "HTTP/1.1 431 ");
	/* A body is not waited for. */
	fd = serve_connect(&daemon->door);
	say(daemon, fd, "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n", 0);
	expect(fd, "HTTP/1.1 405 ");
	free(huge);
}

/* As many as may be there, and none of them let in yet. */
static void
what_has_come_is_answered_at_the_end(void **state)
{
	struct daemon *daemon = *state;
	int fds[64];

	for (int i = 0; i < 64; i++) {
		fds[i] = serve_connect(&daemon->door);
		assert_int_equal(send(fds[i], QUESTION, strlen(QUESTION), 0), strlen(QUESTION));
	}
	http_close(daemon->http);
	daemon->http = NULL;
	for (int i = 0; i < 64; i++)
		expect(fds[i], "HTTP/1.1 200 ");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_request_has_ten_seconds),
	    TEST(all_places_are_free_again),
	    TEST(no_request_is_huge),
	    TEST(what_has_come_is_answered_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
