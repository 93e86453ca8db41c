/*
 * mails.h - routes of every kind and mails that ask for them.
 *
 * Names come in two halves.  Those of the first are in routes that one name
 * decides (`to NAME`, `user NAME`), those of the second in routes of two or
 * three names.  So three names of the second half that never met in a route
 * are all known, and yet no rung matches.
 */
#ifndef BENCH_MAILS_H
#define BENCH_MAILS_H

#include "keys.h"

#define LADDER_NAME_MAX 80

/* The patterns of a route, as in routes.conf; "": no such selector. */
struct patterns {
	char user[LADDER_NAME_MAX];
	char to[LADDER_NAME_MAX];
	char from[LADDER_NAME_MAX];
};

struct mail {
	char login[LADDER_NAME_MAX];	/* "": none */
	char sender[LADDER_NAME_MAX];
	char recipient[LADDER_NAME_MAX];
};

/* How many names of keys the routes use; those behind them are in none. */
static inline size_t
ladder_names(size_t routes)
{
	return routes + 2;
}

/*
 * ladder_every - route number n of an index that uses every kind of rung,
 * but those that hold for all mail of a kind: something would always match.
 */
void ladder_every(const struct keys *keys, size_t routes, size_t n, struct patterns *patterns);

/* ladder_mixed - route number n of an index as many may be: mostly `to NAME`. */
void ladder_mixed(const struct keys *keys, size_t routes, size_t n, struct patterns *patterns);

/* Mails: of names in no route; of known names that never met; of both, some without a login. */
void mail_unknown(const struct keys *keys, size_t routes, uint64_t *state, struct mail *mail);
void mail_strangers(const struct keys *keys, size_t routes, uint64_t *state, struct mail *mail);
void mail_mixed(const struct keys *keys, size_t routes, uint64_t *state, struct mail *mail);

#endif
