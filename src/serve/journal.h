/* journal.h - the daemon's log: a line of key=value an event, to stderr or syslog. */
#ifndef SERVE_JOURNAL_H
#define SERVE_JOURNAL_H

#include <stdbool.h>

#include "base/slice.h"

/* journal_open - before anything is said; stderr without it. */
void journal_open(bool to_syslog);

void journal_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* journal_warn - what somebody should look at; the line says level=warning. */
void journal_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A value from outside: quoted and escaped where it is not one plain word. */
struct journal_value {
	char text[1100];
};

struct journal_value journal_value(const char *value);
struct journal_value journal_slice(struct slice value);

/* journal_fault - a client's mistake: the first ten a minute are told. */
void journal_fault(const char *protocol, const char *what);

#endif
