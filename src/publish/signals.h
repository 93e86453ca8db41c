/*
 * signals.h - holds off the signals that would end the process and leave
 * temporary files behind.  Those that are ignored, as under nohup, are left
 * alone: once blocked they would look as if somebody wanted an end.
 */
#ifndef PUBLISH_SIGNALS_H
#define PUBLISH_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

struct held {
	sigset_t before;
	sigset_t waiting;
};

void signals_hold(struct held *held);

/* signals_arrived - whether one of them waits. */
bool signals_arrived(const struct held *held);

/* signals_release - those that wait are delivered. */
void signals_release(const struct held *held);

#endif
