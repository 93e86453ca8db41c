/* key.h - what a query asks for: its folded names, in the order of the ladder. */
#ifndef RUNTIME_KEY_H
#define RUNTIME_KEY_H

#include "base/fold.h"
#include "runtime/index.h"

/* A name of FOLD_DOMAIN_MAX bytes has at most this many labels. */
#define KEY_LABELS ((FOLD_DOMAIN_MAX + 1) / 2)

/* Recipient, its domain, *.parents, and "*". */
#define KEY_TO_MAX (KEY_LABELS + 2)
#define KEY_FROM_MAX 3
#define KEY_USER_MAX 3

/*
 * One pattern that the query could match.  text is the name without "*.";
 * absent in parts that are no name ("*", "<>", no selector).
 */
struct part {
	struct slice text;
	uint64_t hash;
	uint32_t ref;		/* the name's record, or KEY_NONE, _STAR, _NULL */
	unsigned char kind;	/* RUNG_USER_x, RUNG_TO_x or RUNG_FROM_x */
	unsigned char roles;	/* of the name; 0: not in the index */
};

struct key {
	unsigned to_count;
	unsigned from_count;
	unsigned user_count;	/* 0: not authenticated */
	struct part to[KEY_TO_MAX];
	struct part from[KEY_FROM_MAX];
	struct part user[KEY_USER_MAX];
	struct folded recipient;
	struct folded login;
	struct folded sender;
};

/*
 * key_init - folds the names of a query into key, whose user, to and from
 * are then in the order of the ladder, the names' hash, ref and roles yet to
 * be found.  Names that only rungs outside `rungs` and `wild_labels` (as in
 * the header of the index) could use are left out.
 * TMAIL_OK, TMAIL_E_MEMORY or TMAIL_E_ARGUMENT.
 */
enum tmail_status key_init(struct key *key, const struct tmail_query *query,
    uint64_t rungs, uint32_t wild_labels);

#endif
