#include "program/ending.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#define GRACE_S 5

void
ending_after(unsigned seconds)
{
	sigset_t alarms;

	signal(SIGALRM, SIG_DFL);
	sigemptyset(&alarms);
	sigaddset(&alarms, SIGALRM);
	sigprocmask(SIG_UNBLOCK, &alarms, NULL);
	alarm(seconds);
}

/* Another signal makes it no longer. */
static void
end_soon(int signal)
{
	unsigned left = alarm(GRACE_S);

	(void)signal;
	if (left > 0 && left < GRACE_S)
		alarm(left);
}

void
ending_put_off(void)
{
	static const int ends[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
	const struct sigaction soon = {.sa_handler = end_soon, .sa_flags = SA_RESTART};
	struct sigaction action;
	size_t i;

	for (i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (sigaction(ends[i], NULL, &action) == 0 && action.sa_handler == SIG_DFL)
			sigaction(ends[i], &soon, NULL);
}
