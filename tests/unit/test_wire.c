/* A peer that takes something, however slowly, has not gone silent. */
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "program/clock.h"
#include "smtp/wire.h"

#define SILENCE_MS 400
#define SIZE (256 * 1024)

struct pair {
	struct wire wire;
	int peer;
};

static void
make_pair(struct pair *pair)
{
	int fds[2], small = 4096;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	pair->wire = (struct wire){.fd = fds[0]};
	pair->peer = fds[1];
}

/* Takes a little every tenth of the silence that is allowed. */
static void *
sip(void *arg)
{
	const struct pair *pair = arg;
	struct timespec pause = {0, SILENCE_MS * 100000L};
	char cup[16384];
	size_t all = 0;
	ssize_t n;

	while (all < SIZE) {
		nanosleep(&pause, NULL);
		n = read(pair->peer, cup, sizeof(cup));
		all += n > 0 ? (size_t)n : 0;
	}
	return NULL;
}

static void
slow_is_not_silent(void **state)
{
	struct pair pair;
	pthread_t thread;
	char *data = calloc(1, SIZE);
	int64_t since = clock_now();

	(void)state;
	make_pair(&pair);
	assert_int_equal(pthread_create(&thread, NULL, sip, &pair), 0);
	assert_int_equal(wire_send(&pair.wire, data, SIZE, SILENCE_MS, since + 600000), WIRE_OK);
	/* Or the test has shown nothing. */
	assert_true(clock_now() - since > SILENCE_MS);
	pthread_join(thread, NULL);
	free(data);
	close(pair.peer);
	wire_close(&pair.wire);
}

static void
silence_ends(void **state)
{
	struct pair pair;
	char *data = calloc(1, SIZE);
	int64_t since = clock_now();

	(void)state;
	make_pair(&pair);
	assert_int_equal(wire_send(&pair.wire, data, SIZE, 100, since + 600000), WIRE_TIMEOUT);
	assert_int_equal(wire_send(&pair.wire, data, SIZE, 600000, clock_now() + 100),
	    WIRE_TIMEOUT);
	assert_int_equal(wire_fill(&pair.wire, clock_now() + 100), WIRE_TIMEOUT);
	assert_int_equal(wire_peek(&pair.wire), WIRE_TIMEOUT);
	close(pair.peer);
	assert_int_equal(wire_peek(&pair.wire), WIRE_LOST);
	assert_int_equal(wire_fill(&pair.wire, clock_now() + 600000), WIRE_LOST);
	wire_close(&pair.wire);
	free(data);
}

/* Says that the wait is vain when asked so many times. */
struct doubter {
	int asked, patient;
};

static bool
doubts(void *arg, int64_t *at)
{
	struct doubter *doubter = arg;

	*at = clock_now() + 20;
	return ++doubter->asked > doubter->patient;
}

static void
watch_ends_a_wait(void **state)
{
	struct pair pair;
	struct doubter doubter = {0, 2};
	struct wire_watch watch = {.at = clock_now(), .vain = doubts, .arg = &doubter};

	(void)state;
	make_pair(&pair);
	pair.wire.watch = &watch;
	assert_int_equal(wire_fill(&pair.wire, clock_now() + 600000), WIRE_TIMEOUT);
	assert_true(watch.ended);
	assert_int_equal(doubter.asked, 3);

	/* The deadline comes first, or somebody has said something. */
	doubter = (struct doubter){0, INT32_MAX};
	watch.ended = false;
	assert_int_equal(wire_fill(&pair.wire, clock_now() + 100), WIRE_TIMEOUT);
	assert_false(watch.ended);
	assert_in_range(doubter.asked, 1, 6);
	doubter.patient = 0;
	watch.at = clock_now() - 1000;
	assert_int_equal(write(pair.peer, "x", 1), 1);
	assert_int_equal(wire_wait(&pair.wire, POLLIN, clock_now() + 600000), WIRE_OK);
	assert_false(watch.ended);
	close(pair.peer);
	wire_close(&pair.wire);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(slow_is_not_silent),
	    cmocka_unit_test(silence_ends),
	    cmocka_unit_test(watch_ends_a_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
