/*
 * state.h - what deliveries know of each other, in a directory that they share: how
 * many are under way to a relay, how many were begun, and which addresses are down or slow.
 */
#ifndef DELIVER_STATE_H
#define DELIVER_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/ip.h"

struct state {
	int dir;		/* -1: there is none */
	int error;		/* errno: why not */
	int64_t penalty_ms;	/* 0: none */
	uid_t owner;		/* whose the files are to be; 0: they are so by themselves */
	gid_t group;
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

/* What is known of an address and port. */
enum standing {
	STANDING_UNTOLD,	/* nobody keeps it */
	STANDING_GOOD,		/* nothing bad */
	STANDING_SLOW,		/* it may take time to greet; or was down, and has to be looked at */
	STANDING_DOWN		/* it failed within the penalty */
};

/* A greeting that comes within the first time is no slow one; who looks whether an address that
 * was down is up again has the second one. */
#define STATE_PROMPT_MS 750
#define STATE_LOOK_MS 10000

/*
 * state_look - what is known of it.  When a penalty is over one delivery is told to look,
 * and the others for STATE_LOOK_MS that it is down.
 */
enum standing state_look(const struct state *state, const struct ip *ip, uint16_t port);

/* Who waits for a greeting is to ask after the first time whether that is of use, and then each time
 * after the second. */
#define STATE_TOGETHER_MS 250
#define STATE_AGAIN_MS 50

/* Who waits for a greeting at an address of which nothing bad is known. */
struct waiter {
	const struct state *state;
	const struct ip *ip;
	uint16_t port;
	int64_t since;		/* by clock.h */
	int seat;		/* -1: none; waiter_leave is due */
};

/*
 * state_vain - whether it is of no use to wait on: the address is down by now; or three at once have
 * waited for STATE_TOGETHER_MS, and for twice as long as the last greeting took, while nobody was
 * greeted.  Then it is in doubt.
 */
bool state_vain(struct waiter *waiter);
void waiter_leave(struct waiter *waiter);

/*
 * state_doubt, state_down - remember that nobody greeted there in a short time, which counts
 * for some seconds, or that nobody answered, which counts for the penalty.
 * state_up - or that somebody greeted after so many milliseconds.
 */
void state_doubt(const struct state *state, const struct ip *ip, uint16_t port);
void state_down(const struct state *state, const struct ip *ip, uint16_t port);
void state_up(const struct state *state, const struct ip *ip, uint16_t port, int64_t after_ms);

#endif
