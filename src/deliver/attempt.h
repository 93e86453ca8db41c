/* attempt.h - everything tried for one candidate: its addresses, from its source addresses. */
#ifndef DELIVER_ATTEMPT_H
#define DELIVER_ATTEMPT_H

#include "smtp/dialogue.h"
#include "deliver/dns.h"
#include "deliver/arguments.h"
#include "deliver/next_hop.h"
#include "deliver/peers.h"
#include "deliver/state.h"
#include "program/receipt.h"

/* An address that is tried after all others, since it was down a moment ago. */
struct put_off {
	struct ip ip;
	uint16_t port;
	bool begun;		/* it has been tried, and not greeted soon */
};

/* What all attempts of a delivery share. */
struct delivery {
	const struct arguments *options;
	const struct receipt *receipt;
	struct envelope envelope;
	struct message message;
	struct dns *dns;
	struct tmail_random random;
	struct self self;
	char full_name[256];	/* of this host, where the system has but the short one */
	bool named;		/* it was looked for */
	char digest[9];		/* the first digits of that of the configuration's files */
	int64_t limit;		/* when the whole delivery must have ended */
	struct state state;
	bool warned;		/* that limits are not looked at */
	bool again;		/* it is the turn of those that were put off: */
	struct put_off *later;
	size_t later_count;
	/* What the verdict is made from: */
	struct outcome outcome;	/* of the last attempt */
	char where[320];	/* the last attempt's relay, "" before any connection */
	struct outcome furthest; /* of the attempt that failed last of all, as SMTP goes */
	char furthest_where[320];
	unsigned failed;	/* attempts that failed */
	bool passing;		/* at least one of them may succeed later */
	bool late;		/* the time was over before all was tried */
};

/*
 * attempt_relay - tries a candidate; last: there is none after it.  Logs each
 * attempt and leaves the last one's outcome in the delivery.  *put_off: it has
 * addresses that are to be tried `again`, after the other candidates.
 * true: the delivery is over (delivered, refused for good, or to be stopped).
 */
bool attempt_relay(struct delivery *delivery, const struct next_hop *relay, bool last,
    bool *put_off);

/* attempt_name_self - finds the name of this host with its domain, if that has not been done. */
void attempt_name_self(struct delivery *delivery);

/* attempt_none - logs a mail that no relay was asked to take, and why. */
void attempt_none(struct delivery *delivery, uint32_t route, const char *file, uint32_t line);

/* attempt_failed - logs a candidate that failed before it had any address. */
void attempt_failed(struct delivery *delivery, const struct next_hop *relay, int64_t since);

#endif
