/*
 * talk.h - the protocols by which a mail server asks: what one question is, and when an
 * answer is whole.
 */
#ifndef BENCH_TALK_H
#define BENCH_TALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TALK_MAX 4096

struct talk {
	const char *name;
	/* Writes the question about a domain; `n` tells messages apart; its length. */
	size_t (*ask)(char out[TALK_MAX], const char *domain, uint64_t n);
	/* The length of the first whole answer; 0: more has to come. */
	size_t (*whole)(const char *in, size_t len);
	/* What stands in an answer that names a relay. */
	const char *good;
	size_t good_len;
	bool once;   /* a connection takes one question */
	bool greets; /* the server speaks first */
};

/* talk_find - by its name; NULL: there is none. */
const struct talk *talk_find(const char *name);

#endif
