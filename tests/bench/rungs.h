/*
 * rungs.h - the ladder of routes.conf(5) as somebody would climb it who has
 * only a table of exact keys.
 */
#ifndef BENCH_RUNGS_H
#define BENCH_RUNGS_H

#include <stdint.h>

#include "mails.h"

#define RUNG_MAX (3 * LADDER_NAME_MAX)

/* The key of three patterns; its length. */
size_t rung_key(const char *user, const char *to, const char *from, char out[RUNG_MAX]);

/*
 * rungs_climb - asks find for one rung after the other, nearest first, until
 * it says something; that, or 0.
 */
uint64_t rungs_climb(const struct mail *mail,
    uint64_t (*find)(void *arg, const char *key, size_t len), void *arg);

#endif
