#include "publish/signals.h"

#include <stddef.h>

void
signals_hold(struct held *held)
{
	static const int ends[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
	struct sigaction action;

	sigprocmask(SIG_BLOCK, NULL, &held->before);
	sigemptyset(&held->waiting);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		if (sigaction(ends[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN &&
		    sigismember(&held->before, ends[i]) == 0)
			sigaddset(&held->waiting, ends[i]);
	}
	sigprocmask(SIG_BLOCK, &held->waiting, NULL);
}

bool
signals_arrived(const struct held *held)
{
	sigset_t pending;

	if (sigpending(&pending) != 0)
		return false;
	return sigandset(&pending, &pending, &held->waiting) == 0 && !sigisemptyset(&pending);
}

void
signals_release(const struct held *held)
{
	sigprocmask(SIG_SETMASK, &held->before, NULL);
}
