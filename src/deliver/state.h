/*
 * state.h - what deliveries know of each other, in a directory that they share: how
 * many are under way to a relay, how many were begun, and which addresses are down.
 */
#ifndef DELIVER_STATE_H
#define DELIVER_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ip.h"

struct state {
	int dir;		/* -1: there is none */
	int error;		/* errno: why not */
	int64_t penalty_ms;	/* 0: none */
};

/* state_open - never fails: without a directory nothing is limited, nor known to be down. */
void state_open(struct state *state, const char *path, int64_t penalty_ms);
void state_close(struct state *state);

/* What a relay allows.  0: no limit. */
struct limits {
	const char *relay;	/* its name */
	uint32_t connections;
	uint32_t rate;		/* in so many seconds: */
	uint32_t rate_seconds;
};

/* How a wait for leave ended. */
enum leave {
	LEAVE_GIVEN,
	LEAVE_NO_SLOT,		/* so many are under way */
	LEAVE_NO_TOKEN,		/* so many were begun */
	LEAVE_UNKNOWN		/* LEAVE_GIVEN, since the limits could not be looked at: see errno */
};

/*
 * state_enter - waits for leave to deliver to a relay, until the deadline (clock.h).
 * *slot is the place taken, for state_leave; -1: none.  A process that dies leaves it.
 */
enum leave state_enter(const struct state *state, const struct limits *limits, int64_t deadline,
    int *slot);
void state_leave(int slot);

/* state_is_down - whether an address and port failed within the penalty. */
bool state_is_down(const struct state *state, const struct ip *ip, uint16_t port);

/* state_down, state_up - remember that nobody answered there, or that somebody did. */
void state_down(const struct state *state, const struct ip *ip, uint16_t port);
void state_up(const struct state *state, const struct ip *ip, uint16_t port);

#endif
