/* The limits on clients of the daemon, by a clock that the test turns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "serve/client.h"
#include "serve_index.h"

#define QUESTION "request=smtpd_access_policy\nrecipient=a@b.example\n\n"
#define ANSWER "action=FILTER smtp:[" SERVE_RELAY "]:25\n\n"

struct daemon {
	struct service service;
	struct clients clients;
	struct serve_door door;
	int epoll;
};

static int
set_up(void **state)
{
	struct daemon *daemon = calloc(1, sizeof(*daemon));

	assert_non_null(daemon);
	serve_index(&daemon->service.handle);
	serve_listen(&daemon->door);
	assert_true(conflicts_open(&daemon->service.conflicts, false));
	daemon->epoll = epoll_create1(0);
	clients_init(&daemon->clients, &daemon->service, daemon->epoll, 3);
	*state = daemon;
	return 0;
}

static int
tear_down(void **state)
{
	struct daemon *daemon = *state;

	clients_release(&daemon->clients);
	conflicts_close(&daemon->service.conflicts);
	as_plan_release(&daemon->service.plan);
	handle_close(&daemon->service.handle);
	close(daemon->door.fd);
	close(daemon->epoll);
	free(daemon);
	return 0;
}

static int
connected(struct daemon *daemon, enum kind kind, int64_t now)
{
	int fd = serve_connect(&daemon->door);

	clients_accept(&daemon->clients, daemon->door.fd, kind, true, now);
	return fd;
}

/* What the loop does when it wakes up at that time. */
static void
wake(struct daemon *daemon, int64_t now)
{
	struct epoll_event events[16];
	int n = epoll_wait(daemon->epoll, events, 16, 0);

	for (int i = 0; i < n; i++)
		client_ready(&daemon->clients, events[i].data.ptr, events[i].events, now);
	clients_answer(&daemon->clients, now);
	clients_expire(&daemon->clients, now);
}

static void
say(struct daemon *daemon, int fd, const char *text, int64_t now)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
	wake(daemon, now);
}

static void
expect(int fd, const char *text)
{
	char buf[256];
	ssize_t n = recv(fd, buf, sizeof(buf) - 1, MSG_DONTWAIT);

	assert_true(n > 0);
	buf[n] = '\0';
	assert_string_equal(buf, text);
}

static bool
is_closed(int fd)
{
	char c;

	return recv(fd, &c, 1, MSG_DONTWAIT | MSG_PEEK) == 0;
}

static void
a_request_has_ten_seconds(void **state)
{
	struct daemon *daemon = *state;
	int slow = connected(daemon, KIND_POLICY, 0), other = connected(daemon, KIND_POLICY, 0);

	/* Connecting is no request, however long nothing is said. */
	wake(daemon, 60000);
	say(daemon, slow, "request=", 60000);
	for (int64_t now = 61000; now < 70000; now += 1000)
		say(daemon, slow, "x", now);
	say(daemon, other, QUESTION, 69999);
	assert_false(is_closed(slow));
	assert_int_equal(clients_expire(&daemon->clients, 69999), 70000);
	clients_expire(&daemon->clients, 70000);
	assert_true(is_closed(slow));
	assert_int_equal(daemon->service.broken[KIND_POLICY], 1);
	expect(other, ANSWER);
	assert_int_equal(daemon->clients.count, 1);
	close(slow);
	close(other);
}

static void
each_request_has_its_own_time(void **state)
{
	struct daemon *daemon = *state;
	int fd = connected(daemon, KIND_POLICY, 0);

	say(daemon, fd, "request=smtpd_access_policy\n", 0);
	/* The rest of one and the beginning of the next. */
	say(daemon, fd, "recipient=a@b.example\n\nrequest=", 9000);
	expect(fd, ANSWER);
	clients_expire(&daemon->clients, 18999);
	assert_false(is_closed(fd));
	say(daemon, fd, "smtpd_access_policy\nrecipient=a@b.example\n\n", 18999);
	expect(fd, ANSWER);
	clients_expire(&daemon->clients, 30000);
	assert_false(is_closed(fd));
	close(fd);
}

static void
idle_clients_live_a_thousand_seconds(void **state)
{
	struct daemon *daemon = *state;
	int quiet = connected(daemon, KIND_SOCKETMAP, 0), busy = connected(daemon, KIND_POLICY, 0);

	say(daemon, busy, QUESTION, 500000);
	expect(busy, ANSWER);
	clients_expire(&daemon->clients, 999999);
	assert_false(is_closed(quiet));
	clients_expire(&daemon->clients, 1000000);
	assert_true(is_closed(quiet));
	assert_int_equal(daemon->clients.closed_idle, 1);
	clients_expire(&daemon->clients, 1499999);
	assert_false(is_closed(busy));
	clients_expire(&daemon->clients, 1500000);
	assert_true(is_closed(busy));
	close(quiet);
	close(busy);
}

static void
the_longest_idle_goes(void **state)
{
	struct daemon *daemon = *state;
	int fds[4];

	for (int i = 0; i < 3; i++)
		fds[i] = connected(daemon, KIND_POLICY, i);
	say(daemon, fds[0], QUESTION, 10);
	expect(fds[0], ANSWER);
	fds[3] = connected(daemon, KIND_POLICY, 20);
	assert_true(is_closed(fds[1]));
	for (int i = 0; i < 4; i++) {
		if (i != 1) {
			say(daemon, fds[i], QUESTION, 30);
			expect(fds[i], ANSWER);
		}
		close(fds[i]);
	}
	assert_int_equal(daemon->clients.closed_idle, 1);
}

/* Who waits at the socket and has asked is answered, however few may be there at a time. */
static void
no_question_is_lost_at_the_limit(void **state)
{
	struct daemon *daemon = *state;
	int fds[8];

	for (int i = 0; i < 8; i++) {
		fds[i] = serve_connect(&daemon->door);
		assert_int_equal(send(fds[i], QUESTION, strlen(QUESTION), 0), strlen(QUESTION));
	}
	assert_false(clients_accept(&daemon->clients, daemon->door.fd, KIND_POLICY, true, 0));
	assert_int_equal(daemon->clients.count, 3);
	wake(daemon, 1);
	for (int i = 0; i < 8; i++) {
		expect(fds[i], ANSWER);
		close(fds[i]);
	}
	assert_int_equal(daemon->clients.closed_idle, 5);
}

/* The same where it is descriptors that are few. */
static void
no_question_is_lost_without_descriptors(void **state)
{
	struct daemon *daemon = *state;
	int fds[4], next = dup(daemon->epoll);
	struct rlimit before, few;

	for (int i = 0; i < 4; i++) {
		fds[i] = serve_connect(&daemon->door);
		assert_int_equal(send(fds[i], QUESTION, strlen(QUESTION), 0), strlen(QUESTION));
	}
	close(next);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = (struct rlimit){(rlim_t)next + 1, before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	clients_accept(&daemon->clients, daemon->door.fd, KIND_POLICY, true, 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(daemon->clients.count, 1);
	wake(daemon, 1);
	for (int i = 0; i < 4; i++) {
		expect(fds[i], ANSWER);
		close(fds[i]);
	}
}

/* A question that comes while the daemon looks at its clock or at its end. */
static void
who_has_asked_is_not_idle(void **state)
{
	struct daemon *daemon = *state;
	int fds[2];

	for (int i = 0; i < 2; i++) {
		fds[i] = connected(daemon, KIND_POLICY, 0);
		say(daemon, fds[i], QUESTION, 0);
		expect(fds[i], ANSWER);
	}
	assert_int_equal(send(fds[0], QUESTION, strlen(QUESTION), 0), strlen(QUESTION));
	clients_expire(&daemon->clients, 1000000);
	expect(fds[0], ANSWER);
	assert_true(is_closed(fds[1]));
	assert_int_equal(send(fds[0], QUESTION, strlen(QUESTION), 0), strlen(QUESTION));
	assert_true(clients_finish(&daemon->clients, 1000001));
	expect(fds[0], ANSWER);
	assert_true(is_closed(fds[0]));
	close(fds[0]);
	close(fds[1]);
}

/* Sends until the daemon takes no more; how many questions it were. */
static size_t
fill(struct daemon *daemon, int fd, int64_t now)
{
	size_t sent = 0, stuck = 0;

	while (stuck < 3) {
		ssize_t n = send(fd, QUESTION, strlen(QUESTION), MSG_DONTWAIT | MSG_NOSIGNAL);

		assert_true(n < 0 || (size_t)n == strlen(QUESTION));
		sent += n > 0;
		stuck = n > 0 ? 0 : stuck + 1;
		wake(daemon, now);
		assert_true(sent < 1000000);
	}
	return sent;
}

static void
who_does_not_read_is_not_read_from(void **state)
{
	struct daemon *daemon = *state;
	int deaf = connected(daemon, KIND_POLICY, 0), other = connected(daemon, KIND_POLICY, 0);
	size_t asked = fill(daemon, deaf, 0), answered = 0, len = strlen(ANSWER);
	char *buf = malloc(len * (asked + 1));

	/* It is slow to read, and not slow to ask; what is in the way of nobody may stay. */
	wake(daemon, 60000);
	assert_false(is_closed(deaf));
	assert_int_equal(clients_oldest(&daemon->clients, 60000), 60000);
	say(daemon, other, QUESTION, 60000);
	expect(other, ANSWER);
	for (size_t got = 0; answered < asked; answered = got / len) {
		ssize_t n = recv(deaf, buf + got, len * (asked + 1) - got, MSG_DONTWAIT);

		got += n > 0 ? (size_t)n : 0;
		wake(daemon, 60000);
		assert_true(n > 0 || daemon->service.queries[KIND_POLICY][RESULT_FOUND] <= asked);
	}
	for (size_t i = 0; i < asked; i++)
		assert_memory_equal(buf + i * len, ANSWER, len);
	assert_int_equal(clients_oldest(&daemon->clients, 60000), 0);
	fill(daemon, deaf, 60000);
	clients_expire(&daemon->clients, 1060000);
	assert_int_equal(daemon->clients.count, 0);
	free(buf);
	close(deaf);
	close(other);
}

static void
half_a_request_and_the_end(void **state)
{
	struct daemon *daemon = *state;
	int fd = connected(daemon, KIND_POLICY, 0);

	say(daemon, fd, QUESTION "request=", 0);
	shutdown(fd, SHUT_WR);
	wake(daemon, 1);
	expect(fd, ANSWER);
	assert_true(is_closed(fd));
	assert_int_equal(daemon->clients.count, 0);
	close(fd);
}

/* A line too long, and still more of it: the client may write on, and reads his answer. */
static void
who_is_wrong_may_finish_writing(void **state)
{
	struct daemon *daemon = *state;
	int fds[] = {connected(daemon, KIND_EXIM, 0), connected(daemon, KIND_EXIM, 0)};
	char line[REQUEST_MAX + 2];

	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\0';
	for (int i = 0; i < 2; i++) {
		say(daemon, fds[i], line, 1000);
		say(daemon, fds[i], line, 1000);
		say(daemon, fds[i], "\n", 1000);
		expect(fds[i], "DEFER the question is too long\n");
		assert_true(is_closed(fds[i]));
	}
	assert_int_equal(clients_oldest(&daemon->clients, 1500), 0);
	assert_int_equal(daemon->clients.count, 2);
	close(fds[0]);
	wake(daemon, 1500);
	assert_int_equal(daemon->clients.count, 1);
	/* But not for ever. */
	say(daemon, fds[1], "x", 10999);
	assert_int_equal(send(fds[1], "x", 1, MSG_NOSIGNAL), 1);
	wake(daemon, 11000);
	assert_int_equal(send(fds[1], "x", 1, MSG_NOSIGNAL), -1);
	assert_int_equal(daemon->clients.count, 0);
	assert_int_equal(daemon->service.broken[KIND_EXIM], 2);
	close(fds[1]);
}

/* A line without its end: Exim would take silence for an answer. */
static void
exim_is_never_told_nothing(void **state)
{
	struct daemon *daemon = *state;
	int fds[] = {connected(daemon, KIND_EXIM, 0), connected(daemon, KIND_EXIM, 0),
	    connected(daemon, KIND_EXIM, 0)};

	say(daemon, fds[0], "route   eEB5\nroute   eEB5", 0);
	expect(fds[0], SERVE_RELAY "::25\n");
	shutdown(fds[0], SHUT_WR);
	wake(daemon, 1);
	expect(fds[0], "DEFER the question has no end\n");
	assert_true(is_closed(fds[0]));
	say(daemon, fds[1], "refuse   e", 0);
	clients_expire(&daemon->clients, 9999);
	assert_int_equal(recv(fds[1], (char[1]){0}, 1, MSG_DONTWAIT), -1);
	clients_expire(&daemon->clients, 10000);
	expect(fds[1], ":defer: the question took too long\n");
	/* He may still be writing. */
	say(daemon, fds[1], "EB5\n", 10001);
	assert_true(is_closed(fds[1]));
	/* Who has asked nothing is told nothing. */
	shutdown(fds[2], SHUT_WR);
	wake(daemon, 10002);
	assert_true(is_closed(fds[2]));
	close(fds[1]);
	wake(daemon, 10003);
	assert_int_equal(daemon->clients.count, 0);
	assert_int_equal(daemon->service.queries[KIND_EXIM][RESULT_REFUSED], 2);
	close(fds[0]);
	close(fds[2]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_request_has_ten_seconds),
	    TEST(each_request_has_its_own_time),
	    TEST(idle_clients_live_a_thousand_seconds),
	    TEST(the_longest_idle_goes),
	    TEST(no_question_is_lost_at_the_limit),
	    TEST(no_question_is_lost_without_descriptors),
	    TEST(who_has_asked_is_not_idle),
	    TEST(who_does_not_read_is_not_read_from),
	    TEST(half_a_request_and_the_end),
	    TEST(who_is_wrong_may_finish_writing),
	    TEST(exim_is_never_told_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
