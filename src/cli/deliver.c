/*
 * deliver.c - `tmail deliver`: forks the process that delivers, and watches
 * over it.
 *
 * Returns 0 (delivered, or help was asked for), 69 (refused for good) or 75
 * (everything else), and nothing else: a mail server that runs it as a pipe
 * bounces mail on other codes.  So whatever happens to that process becomes 75.
 * It loads what needs other shared libraries itself: tmail needs the C library
 * alone, for where one is missing the dynamic linker's 127 would be the answer.
 * To fork costs a tenth of what starting another program does.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "base/status_code.h"
#include "base/utf8.h"
#include "deliver/deliver.h"
#include "program/receipt.h"

static const char usage[] =
    "usage: tmail deliver [--index FILE] [--user LOGIN] --sender ADDRESS\n"
    "           [--helo NAME] [--dns-server IP:PORT] [--ca-file FILE]\n"
    "           [--seed N | --seed-from TEXT]\n"
    "           [--timeout SECONDS] [--log syslog|stderr|none] [--queue-id ID]\n"
    "           [--state DIR] [--wait SECONDS] [--penalty SECONDS]\n"
    "           -- RECIPIENT < MESSAGE\n"
    "\n"
    "Delivers one message to one recipient by the routes.  Exit codes: 0 delivered,\n"
    "69 refused for good, 75 anything else.  See tmail-deliver(1).\n";

/* The process that delivers, while it runs, and what it writes. */
struct child {
	pid_t pid;
	int out;	/* its verdict */
	int err;	/* its log, with --log stderr, and the linker's complaints */
	struct receipt receipt;
};

static int
later(const char *what, const char *why)
{
	printf("4.3.0 %s: %s\n", what, why);
	return DELIVER_LATER;
}

/* The child dies with its parent: a delivery that nobody waits for would be repeated. */
static _Noreturn void
run(int argc, char **argv, const struct child *child, pid_t parent, const sigset_t *mask)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent &&
	    dup2(child->out, STDOUT_FILENO) >= 0 && dup2(child->err, STDERR_FILENO) >= 0 &&
	    prctl(PR_SET_NAME, DELIVER_NAME) == 0 && sigprocmask(SIG_SETMASK, mask, NULL) == 0)
		exit(deliver_main(argc, argv, &child->receipt));
	dprintf(child->out, "4.3.0 cannot start " DELIVER_NAME ": %s\n", strerror(errno));
	_exit(DELIVER_LATER);
}

/* All but those by which a terminal stops us with the child: who waits for us has to see that. */
static sigset_t
blocked_signals(void)
{
	sigset_t set;

	sigfillset(&set);
	sigdelset(&set, SIGTSTP);
	sigdelset(&set, SIGTTIN);
	sigdelset(&set, SIGTTOU);
	return set;
}

/*
 * Waits for the child with the signals blocked, and passes on to it those that
 * ask us to end, for which one that is stopped has to go on.  A child that
 * cannot be waited for is killed, or it might deliver unseen.
 */
static int
wait_for(const struct child *child)
{
	const sigset_t blocked = blocked_signals();
	int status, signal;
	pid_t pid;

	for (;;) {
		pid = waitpid(child->pid, &status, WNOHANG);
		if (pid == child->pid)
			return status;
		if (pid < 0 && errno == EINTR)
			continue;
		if (pid < 0) {
			kill(child->pid, SIGKILL);
			return SIGKILL;
		}
		signal = sigwaitinfo(&blocked, NULL);
		if (signal == SIGTERM || signal == SIGINT || signal == SIGHUP ||
		    signal == SIGQUIT || signal == SIGALRM || signal == SIGXCPU) {
			kill(child->pid, SIGTERM);
			kill(child->pid, SIGCONT);
		}
	}
}

/* Whether a text begins with an enhanced status code of a class: "5.7.1 ". */
static bool
has_status(const char *text, char class)
{
	return text[0] == class && status_code(slice_str(text)) != 0;
}

/* A receipt is enough: whatever came later, the mail must not be sent again.  A code counts only
 * with the verdict that belongs to it: a library that calls exit(0) has not delivered anything. */
static int
judge(int status, const struct child *child)
{
	char text[1200], why[64];
	ssize_t n = pread(child->out, text, sizeof(text) - 1, 0);
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;

	if (receipt_signed(&child->receipt))
		return DELIVER_DONE;
	text[n < 0 ? 0 : n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	text[utf8_disarm(text, strlen(text))] = '\0';
	if (code == DELIVER_DONE && has_status(text, '2'))
		return DELIVER_DONE;
	if ((code == DELIVER_REFUSED && has_status(text, '5')) || (code == DELIVER_LATER && has_status(text, '4'))) {
		puts(text);
		return code;
	}
	if (WIFSIGNALED(status))
		snprintf(why, sizeof(why), "signal %d", WTERMSIG(status));
	else
		snprintf(why, sizeof(why), "exit status %d", code);
	return later(DELIVER_NAME " failed", why);
}

/* Behind the verdict: mail servers read the first line. */
static void
copy_errors(int fd)
{
	char buffer[4096];
	off_t offset = 0;
	ssize_t n;

	fflush(stdout);
	while ((n = pread(fd, buffer, sizeof(buffer), offset)) > 0) {
		if (write(STDERR_FILENO, buffer, (size_t)n) != n)
			return;
		offset += n;
	}
}

static int
watch_over(int argc, char **argv, const sigset_t *mask)
{
	struct child child = {.out = memfd_create("verdict", MFD_CLOEXEC),
	    .err = memfd_create("log", MFD_CLOEXEC)};
	pid_t parent = getpid();
	int status, code;

	if (child.out < 0 || child.err < 0 || !receipt_open(&child.receipt, child.out))
		return later("cannot start " DELIVER_NAME, strerror(errno));
	signal(SIGCHLD, SIG_DFL);
	child.pid = fork();
	if (child.pid == 0)
		run(argc, argv, &child, parent, mask);
	if (child.pid < 0)
		return later("cannot start " DELIVER_NAME, strerror(errno));
	status = wait_for(&child);
	code = judge(status, &child);
	copy_errors(child.err);
	return code;
}

int
cmd_deliver(int argc, char **argv)
{
	char name[] = DELIVER_NAME;
	const sigset_t blocked = blocked_signals();
	sigset_t before;

	if (argc == 2 && (strcmp(argv[1], "-V") == 0 || strcmp(argv[1], "-version") == 0 ||
			     strcmp(argv[1], "--version") == 0))
		return cli_version() == 0 ? DELIVER_DONE : DELIVER_LATER;
	if (argc == 2 && (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "-help") == 0 ||
			     strcmp(argv[1], "--help") == 0)) {
		fputs(usage, stdout);
		return DELIVER_DONE;
	}
	/* A signal that asks to end comes to the child, once there is one, and a file that may not
	 * be so large is an error. */
	sigprocmask(SIG_BLOCK, &blocked, &before);
	argv[0] = name;
	return watch_over(argc, argv, &before);
}
