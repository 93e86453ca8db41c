/* delivery.h - one message to one recipient, along the plan of the routes. */
#ifndef DELIVER_DELIVERY_H
#define DELIVER_DELIVERY_H

#include "deliver/arguments.h"
#include "deliver/deliver.h"

struct verdict {
	int code;		/* DELIVER_DONE, _REFUSED or _LATER */
	char text[1024];	/* "2.x.y text", "5.x.y text" or "4.x.y text": printable ASCII */
};

/*
 * deliver_run - delivers the message that it reads from fd.  Fills *verdict in every case, and
 * signs the receipt as soon as a relay has taken it.
 */
void deliver_run(const struct arguments *options, int fd, const struct receipt *receipt,
    struct verdict *verdict);

/* verdict_set - sets code and text, taking out of it what is not printable ASCII. */
void verdict_set(struct verdict *verdict, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
