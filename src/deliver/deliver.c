#include "deliver/deliver.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <syslog.h>
#include <unistd.h>

#include "deliver/delivery.h"
#include "program/ending.h"
#include "program/prefault.h"

/* Beyond --timeout, for all that heeds it to end by itself. */
#define GRACE_S 5

/* What a delivery in clear uses. */
#define STACK (72 * 1024)
#define HEAP (16 * 1024)

int
deliver_main(int argc, char **argv, const struct receipt *receipt)
{
	struct arguments options;
	struct verdict verdict = {.code = DELIVER_LATER};
	char why[512];

	/* The relays' passwords and somebody's mail belong in no core dump, nor do the keys of TLS
	 * in a file. */
	prctl(PR_SET_DUMPABLE, 0);
	unsetenv("SSLKEYLOGFILE");
	signal(SIGPIPE, SIG_IGN);
	prefault_stack(STACK);
	prefault_heap(HEAP);
	openlog(DELIVER_NAME, LOG_PID, LOG_MAIL);
	if (!arguments_parse(&options, argc, argv, why, sizeof(why))) {
		verdict_set(&verdict, DELIVER_LATER, "4.3.5 wrong usage: %s", why);
	} else {
		ending_after((unsigned)(options.timeout_ms / 1000) + GRACE_S);
		deliver_run(&options, STDIN_FILENO, receipt, &verdict);
	}
	puts(verdict.text);
	return verdict.code;
}
