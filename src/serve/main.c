/*
 * main.c - tmail-serve: answers mail servers from the index.  `tmail routes serve`
 * starts it.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/number.h"
#include "program/say.h"
#include "program/settings.h"
#include "serve/journal.h"
#include "serve/loop.h"

#define CLIENTS_DEFAULT 4096
#define CLIENTS_MAX 1000000
/* Of the daemon itself, where there are enough, beside those of the clients. */
#define DESCRIPTORS 256

static const char help[] =
    "usage: tmail routes serve [-c FILE] [-i FILE] LISTENER... [OPTION...]\n\n"
    "Answers mail servers that keep their own delivery, from the index.\n\n"
    "  --policy LISTEN       Postfix's check_policy_service\n"
    "  --socketmap LISTEN    Postfix's maps transport, sender, sasl and tls\n"
    "  --exim LISTEN         Exim's readsocket\n"
    "  --http LISTEN         /metrics and /healthz\n"
    "  --on-conflict defer|first|last   recipients of one message that differ\n"
    "  --metrics FILE        the same for node_exporter, every 15 seconds\n"
    "  --log stderr|syslog   where to; --log-queries: every decision\n"
    "  --max-clients N       connections at a time (4096)\n"
    "  -i, --index FILE      the index; -c, --conf FILE: the one beside FILE\n"
    "  -h, --help            this text\n\n"
    "LISTEN is unix:PATH, inet:ADDRESS:PORT, inet:[ADDRESS]:PORT or fd:NAME.\n"
    "exit codes: 0 ended, 64 usage, 66 no index, 75 in use, 76 damaged\n\n"
    "examples:\n"
    "  tmail routes serve --policy unix:/run/tmail/policy\n"
    "  tmail routes serve --exim unix:/run/tmail/exim --http inet:127.0.0.1:9527\n";

struct arguments {
	struct loop loop;
	const char *on_conflict, *metrics, *log, *most;
	bool log_queries;
	struct settings settings;
};

static const struct {
	const char *name;
	bool http;
	enum kind kind;
} ways[] = {
    {"policy", false, KIND_POLICY},
    {"socketmap", false, KIND_SOCKETMAP},
    {"exim", false, KIND_EXIM},
    {"http", true, KIND_POLICY},
};

/* Which way in a word of the command line is; -1: it is none.  *value: what stands behind "=". */
static int
find_way(const char *word, const char **value)
{
	const char *name = word + (word[0] == '-') + (word[0] == '-' && word[1] == '-');

	*value = NULL;
	if (name == word)
		return -1;
	for (int i = 0; i < (int)(sizeof(ways) / sizeof(*ways)); i++) {
		size_t len = strlen(ways[i].name);

		if (strncmp(name, ways[i].name, len) != 0 || (name[len] != '\0' && name[len] != '='))
			continue;
		if (name[len] == '=')
			*value = name + len + 1;
		return i;
	}
	return -1;
}

/* Takes the listeners, which may stand there several times, out of argv. */
static int
take_listeners(struct loop *loop, int *argc, char **argv)
{
	int kept = 1;

	for (int i = 1; i < *argc; i++) {
		const char *value;
		int way = find_way(argv[i], &value);

		if (way < 0) {
			argv[kept++] = argv[i];
			continue;
		}
		if (value == NULL && i + 1 >= *argc)
			return cli_usage("option '%s' wants a value", argv[i]);
		if (loop->count == LISTENERS_MAX)
			return cli_usage("more than %d listeners", LISTENERS_MAX);
		loop->entrances[loop->count++] = (struct entrance){
		    .listener = {.given = value != NULL ? value : argv[i + 1], .fd = -1},
		    .http = ways[way].http, .kind = ways[way].kind};
		i += value == NULL;
	}
	argv[kept] = NULL;
	*argc = kept;
	return 0;
}

static int
read_listeners(struct loop *loop)
{
	int code = 0;

	for (size_t i = 0; i < loop->count && code == 0; i++)
		code = listener_read(&loop->entrances[i].listener,
		    loop->entrances[i].listener.given);
	return code;
}

static int
check(struct arguments *arguments, struct service *service, int operands, char **argv)
{
	static const char *const answers[] = {"defer", "first", "last"};
	uint32_t most = CLIENTS_DEFAULT;
	size_t i = 0;

	if (operands > 0)
		return cli_usage("serve takes no operand '%s'", argv[1]);
	if (arguments->loop.count == 0)
		return cli_usage("serve wants a listener: --policy, --socketmap, --exim or --http");
	while (arguments->on_conflict != NULL && i < 3 &&
	    strcmp(arguments->on_conflict, answers[i]) != 0)
		i++;
	if (i == 3)
		return cli_usage("--on-conflict is defer, first or last, not '%s'",
		    arguments->on_conflict);
	if (arguments->log != NULL && strcmp(arguments->log, "stderr") != 0 &&
	    strcmp(arguments->log, "syslog") != 0)
		return cli_usage("--log is stderr or syslog, not '%s'", arguments->log);
	if (arguments->most != NULL && (!number_read(slice_str(arguments->most), CLIENTS_MAX, &most) ||
					   most == 0))
		return cli_usage("--max-clients is 1 to %d, not '%s'", CLIENTS_MAX, arguments->most);
	service->on_conflict = (enum on_conflict)i;
	service->log_queries = arguments->log_queries;
	arguments->loop.most_clients = most;
	arguments->loop.metrics = arguments->metrics;
	return read_listeners(&arguments->loop);
}

/* How many clients may be there, so that indexes and password-files can still be opened. */
static size_t
raise_limit(size_t clients)
{
	struct rlimit limit;
	rlim_t wanted = (rlim_t)clients + DESCRIPTORS, own;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
		return clients;
	limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		(void)getrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur >= wanted)
		return clients;
	own = limit.rlim_cur / 2 < DESCRIPTORS ? limit.rlim_cur / 2 : DESCRIPTORS;
	if (limit.rlim_cur - own >= clients)
		return clients;
	journal_warn("event=few-descriptors level=warning descriptors=%ju max-clients=%ju",
	    (uintmax_t)limit.rlim_cur, (uintmax_t)(limit.rlim_cur - own));
	return (size_t)(limit.rlim_cur - own);
}

static int
open_listeners(struct loop *loop)
{
	int code = 0;

	for (size_t i = 0; i < loop->count && code == 0; i++)
		code = listener_open(&loop->entrances[i].listener);
	return code;
}

static int
open_service(struct service *service, const char *index)
{
	enum tmail_status status = handle_open(&service->handle, index);
	uint64_t seed;

	if (status != TMAIL_OK)
		return cli_index_failed(index, status);
	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed) ||
	    !conflicts_open(&service->conflicts, service->on_conflict == CONFLICT_FIRST)) {
		cli_say("cannot start: %s", strerror(errno));
		return EX_OSERR;
	}
	tmail_random_init(&service->random, seed);
	return 0;
}

static int
run(struct arguments *arguments, struct service *service)
{
	struct loop *loop = &arguments->loop;
	sigset_t signals;
	int code;

	loop_signals(&signals);
	journal_open(arguments->log != NULL && strcmp(arguments->log, "syslog") == 0
	    ? JOURNAL_SYSTEM : STDERR_FILENO);
	loop->most_clients = raise_limit(loop->most_clients);
	code = open_service(service, arguments->settings.index);
	if (code == 0)
		code = open_listeners(loop);
	if (code == 0)
		code = loop_run(loop);
	for (size_t i = 0; i < loop->count; i++) {
		listener_unlink(&loop->entrances[i].listener);
		listener_close(&loop->entrances[i].listener);
	}
	conflicts_close(&service->conflicts);
	as_plan_release(&service->plan);
	handle_close(&service->handle);
	return code;
}

int
main(int argc, char **argv)
{
	static struct arguments arguments;
	static struct service service = {.handle.pin = -1};
	const struct cli_option options[] = {
	    {"on-conflict", false, &arguments.on_conflict},
	    {"metrics", false, &arguments.metrics},
	    {"log", false, &arguments.log},
	    {"log-queries", true, &arguments.log_queries},
	    {"max-clients", false, &arguments.most},
	    {NULL, false, NULL}};
	int operands, code;

	/* The index holds passwords: no core dump may. */
	prctl(PR_SET_DUMPABLE, 0);
	signal(SIGPIPE, SIG_IGN);
	cli_running("routes");
	cli_running("serve");
	arguments.loop.service = &service;
	code = take_listeners(&arguments.loop, &argc, argv);
	if (code != 0)
		return code;
	code = cli_settings(argc, argv, options, help, &arguments.settings, &operands);
	if (code != -1)
		return code;
	code = check(&arguments, &service, operands, argv);
	if (code == 0)
		code = run(&arguments, &service);
	settings_release(&arguments.settings);
	return code;
}
