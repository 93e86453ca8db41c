/* reply.h - the replies of an SMTP server, of one line or several (RFC 5321, 4.2). */
#ifndef SMTP_REPLY_H
#define SMTP_REPLY_H

#include "smtp/outcome.h"
#include "smtp/secrets.h"
#include "smtp/wire.h"

/* Longer than any word that AUTH may challenge with (RFC 4954, 4). */
#define REPLY_RAW_MAX 12400

struct reply {
	int code;			/* 0: what came is no SMTP reply */
	char text[OUTCOME_TEXT_MAX];	/* without secrets; the lines joined by blanks, with the
					 * enhanced status code of the first alone */
	char raw[REPLY_RAW_MAX];	/* the same, as it came */
};

/* What is shown each line's text as it comes, its code before. */
struct reply_lines {
	void (*see)(void *arg, int code, const char *text);
	void *arg;
};

/*
 * reply_read - reads one whole reply, until the deadline.  lines may be NULL.
 * A line over 64 KiB, more than 1,000 lines, or one without a code: code 0.
 */
enum wire_io reply_read(struct reply *reply, struct wire *wire, const struct secrets *secrets,
    const struct reply_lines *lines, int64_t deadline);

#endif
