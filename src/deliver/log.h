/*
 * log.h - one line of key=value pairs for each attempt, and for each mail that a
 * route or a fault of the index keeps from any.  Never a secret.
 */
#ifndef DELIVER_LOG_H
#define DELIVER_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "smtp/outcome.h"

enum log_to { LOG_TO_SYSLOG, LOG_TO_STDERR, LOG_TO_NONE };

/* One attempt.  NULL or "" says: none, or not known; it shows as "-". */
struct attempt {
	const char *recipient;
	const char *sender;	/* "": the null sender, shown as <> */
	const char *login;
	const char *queue_id;	/* of the mail server */
	uint32_t route;		/* 0: nothing matched, the MX of the recipient's domain */
	const char *file;	/* of the configuration */
	uint32_t line;
	const char *digest;	/* of the configuration's files, its first eight digits */
	const char *relay;	/* as the route has it */
	const char *address;	/* address and port, "[192.0.2.1]:25" */
	const char *source;
	const char *tls;	/* "TLSv1.3" */
	bool verified;
	const char *mechanism;	/* of AUTH */
	bool as_is;		/* 8-bit data for a server that does not offer 8BITMIME */
	bool folded;		/* lines that were too long */
	bool chunks;		/* BDAT, not DATA */
	int64_t ms;
};

/* log_attempt - writes the line; every value's control bytes, quotes and backslashes escaped. */
void log_attempt(enum log_to to, const struct attempt *attempt, const struct outcome *outcome);

/* log_warning - writes a line about something else. */
void log_warning(enum log_to to, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
