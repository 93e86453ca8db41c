/*
 * journal.h - the daemon's log: a line of key=value an event.
 * Nothing waits for it: what it does not take at once is dropped, and counted.
 */
#ifndef SERVE_JOURNAL_H
#define SERVE_JOURNAL_H

#include <stdint.h>

#include "base/slice.h"

#define JOURNAL_SYSTEM (-1)

/* journal_open - where lines go: an open file, or the system's log; stderr without it. */
void journal_open(int fd);

/* How many lines have been dropped. */
uint64_t journal_dropped(void);

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
