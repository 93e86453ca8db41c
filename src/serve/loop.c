#include "serve/loop.h"

#include <errno.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "program/clock.h"
#include "program/say.h"
#include "serve/http.h"
#include "serve/journal.h"
#include "serve/metrics.h"
#include "serve/passed.h"

#define EVENTS_MAX 256
#define METRICS_MS 15000
/* To fall asleep and be woken takes longer: questions that follow each other are waited for awake. */
#define AWAKE_US 50
/* How long those may take that are still asking or reading when the end has come. */
#define FINISH_MS 1000
/* More than wait at one time: who floods the socket does not keep it open. */
#define BACKLOG_ACCEPTS 128

/* What the loop has while it runs. */
struct running {
	struct loop *loop;
	struct clients clients;
	int epoll, signals;
	struct http *http[LISTENERS_MAX];	/* by entrance */
	int64_t expire, metrics, watchdog, http_due;	/* when they are due */
	int64_t watchdog_every;
	bool brisk;		/* the last wait was shorter than AWAKE_US */
	int64_t finish;		/* when all is over; 0: it goes on */
};

static bool
watch(const struct running *running, int fd, void *ptr)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = ptr};

	return epoll_ctl(running->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

void
loop_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
	sigprocmask(SIG_BLOCK, set, NULL);
}

static bool
open_signals(struct running *running)
{
	sigset_t set;

	loop_signals(&set);
	running->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return running->signals >= 0 && watch(running, running->signals, &running->signals);
}

static bool
open_entrances(struct running *running)
{
	struct loop *loop = running->loop;

	for (size_t i = 0; i < loop->count; i++) {
		struct entrance *entrance = &loop->entrances[i];
		int fd = entrance->listener.fd;

		if (entrance->http) {
			running->http[i] = http_open(fd, &running->clients);
			if (running->http[i] == NULL)
				return false;
			fd = http_fd(running->http[i]);
		}
		if (!watch(running, fd, entrance))
			return false;
	}
	return true;
}

static bool
start(struct running *running)
{
	struct loop *loop = running->loop;
	int64_t now = clock_now();

	running->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (running->epoll < 0 || !open_signals(running))
		return false;
	clients_init(&running->clients, loop->service, running->epoll, loop->most_clients);
	if (!open_entrances(running))
		return false;
	running->expire = now;
	running->metrics = loop->metrics == NULL ? INT64_MAX : now;
	running->watchdog_every = passed_watchdog();
	running->watchdog = running->watchdog_every == 0 ? INT64_MAX : now;
	running->http_due = INT64_MAX;
	return true;
}

/* Whether more may wait there. */
static bool
let_in(struct running *running, const struct entrance *entrance, int64_t now)
{
	return clients_accept(&running->clients, entrance->listener.fd, entrance->kind,
	    entrance->listener.local, now);
}

static void
accept_at(struct running *running, const struct entrance *entrance, int64_t now)
{
	size_t i = (size_t)(entrance - running->loop->entrances);

	if (entrance->http)
		running->http_due = clock_earlier(running->http_due,
		    http_run(running->http[i], now));
	else
		(void)let_in(running, entrance, now);
}

static void
run_http(struct running *running, int64_t now)
{
	running->http_due = INT64_MAX;
	for (size_t i = 0; i < running->loop->count; i++)
		if (running->http[i] != NULL)
			running->http_due = clock_earlier(running->http_due,
			    http_run(running->http[i], now));
}

/* The names go first: whoever connects from now on finds the next daemon, or none. */
static void
begin_end(struct running *running, int64_t now)
{
	struct loop *loop = running->loop;

	if (running->finish != 0)
		return;
	passed_notify("STOPPING=1");
	for (size_t i = 0; i < loop->count; i++)
		listener_unlink(&loop->entrances[i].listener);
	for (size_t i = 0; i < loop->count; i++) {
		struct entrance *entrance = &loop->entrances[i];

		if (entrance->http) {
			http_close(running->http[i]);
			running->http[i] = NULL;
		} else {
			for (int j = 0; j < BACKLOG_ACCEPTS && let_in(running, entrance, now); j++)
				continue;
		}
		listener_close(&entrance->listener);
	}
	running->finish = now + FINISH_MS;
}

static void
reload(struct running *running)
{
	passed_notify_reloading();
	handle_refresh(&running->loop->service->handle, true);
	passed_notify("READY=1");
}

static void
take_signals(struct running *running, int64_t now)
{
	struct signalfd_siginfo info;

	while (read(running->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGHUP)
			reload(running);
		else
			begin_end(running, now);
	}
}

static bool
is_entrance(const struct running *running, const void *ptr)
{
	const struct entrance *first = running->loop->entrances;

	return (const char *)ptr >= (const char *)first &&
	    (const char *)ptr < (const char *)(first + running->loop->count);
}

/* Clients first: whoever lets others in may close one of them. */
static void
dispatch(struct running *running, struct epoll_event *events, int n)
{
	int64_t now = clock_now();
	bool signalled = false;

	for (int i = 0; i < n; i++) {
		void *ptr = events[i].data.ptr;

		if (ptr == &running->signals)
			signalled = true;
		else if (!is_entrance(running, ptr))
			client_ready(&running->clients, ptr, events[i].events, now);
	}
	clients_answer(&running->clients, now);
	for (int i = 0; i < n; i++)
		if (is_entrance(running, events[i].data.ptr) && running->finish == 0)
			accept_at(running, events[i].data.ptr, now);
	if (signalled)
		take_signals(running, now);
}

static void
keep_time(struct running *running)
{
	int64_t now = clock_now();

	if (now >= running->expire)
		running->expire = clients_expire(&running->clients, now);
	if (now >= running->http_due)
		run_http(running, now);
	if (now >= running->watchdog) {
		passed_notify("WATCHDOG=1");
		running->watchdog = now + running->watchdog_every;
	}
	if (now >= running->metrics) {
		/* Where nobody asks, nobody else looks at the index. */
		handle_refresh(&running->loop->service->handle, false);
		metrics_save(&running->clients, now, running->loop->metrics);
		running->metrics = now + METRICS_MS;
	}
}

static int
wait_ms(const struct running *running)
{
	int64_t due = clock_earlier(running->watchdog,
	    clock_earlier(running->metrics, running->http_due));

	if (running->clients.count > 0)
		due = clock_earlier(due, running->expire);
	if (running->finish != 0)
		due = clock_earlier(due, running->finish);
	return due == INT64_MAX ? -1 : clock_left(due);
}

/* As epoll_wait(2).  Whoever asks on one connection, as Postfix looks up the address, then
   its domain, then the parents, comes again at once; where nobody does, nothing is spent. */
static int
wait_events(struct running *running, struct epoll_event *events)
{
	int64_t until = clock_now_us() + AWAKE_US;
	int n = 0;

	while (running->brisk && n == 0 && clock_now_us() < until) {
		n = epoll_wait(running->epoll, events, EVENTS_MAX, 0);
		if (n == 0)
			sched_yield();
	}
	if (n == 0)
		n = epoll_wait(running->epoll, events, EVENTS_MAX, wait_ms(running));
	running->brisk = clock_now_us() < until;
	return n;
}

static bool
is_over(struct running *running)
{
	int64_t now = clock_now();

	return running->finish != 0 &&
	    (clients_finish(&running->clients, now) || now >= running->finish);
}

static void
finish(struct running *running)
{
	for (size_t i = 0; i < running->loop->count; i++)
		http_close(running->http[i]);
	clients_release(&running->clients);
	close(running->signals);
	close(running->epoll);
}

int
loop_run(struct loop *loop)
{
	struct running running = {.loop = loop};
	struct epoll_event events[EVENTS_MAX];
	int n;

	if (!start(&running)) {
		cli_say("cannot start: %s", strerror(errno));
		return EX_OSERR;
	}
	passed_notify("READY=1");
	journal_say("event=start index=%s digest=%s listeners=%zu",
	    journal_value(loop->service->handle.path).text, loop->service->handle.digest,
	    loop->count);
	while (!is_over(&running)) {
		n = wait_events(&running, events);
		dispatch(&running, events, n < 0 ? 0 : n);
		keep_time(&running);
	}
	finish(&running);
	journal_say("event=stop");
	return 0;
}
