/* key.h - the names that a query asks for, in the order of the ladder. */
#ifndef RUNTIME_KEY_H
#define RUNTIME_KEY_H

#include "base/fold.h"
#include "runtime/index.h"

/* All rungs with one kind of user, to or from: see rung_bit. */
#define RUNGS_USER(kind) (UINT64_C(0xffff) << (kind) * 16)
#define RUNGS_TO(kind) (UINT64_C(0x000f000f000f000f) << (kind) * 4)
#define RUNGS_FROM(kind) (UINT64_C(0x1111111111111111) << (kind))

/* A name of FOLD_DOMAIN_MAX bytes has at most this many labels. */
#define KEY_LABELS ((FOLD_DOMAIN_MAX + 1) / 2)

/* Places for all patterns of a kind: names, then "*", "<>" or no selector. */
enum {
	KEY_TO_MAX = 1 + KEY_LABELS + 1,
	KEY_FROM_MAX = 3,
	KEY_USER_MAX = 3
};

/*
 * A pattern that the query could match.  (name and len are no slice so that
 * no compiler copies the two at once: a load wider than the stores before it
 * waits for all that the processor has under way.)
 */
struct part {
	const char *name;	/* without "*."; NULL: "*", "<>" or no selector */
	uint32_t len;
	uint32_t ref;		/* the name's record, or KEY_NONE, _STAR, _NULL */
	uint64_t hash;
	unsigned char kind;	/* RUNG_USER_x, RUNG_TO_x or RUNG_FROM_x */
	unsigned char roles;	/* of the name; 0: the index has no such name */
};

struct key {
	unsigned to_count;
	unsigned from_count;
	unsigned user_count;
	struct part to[KEY_TO_MAX];
	struct part from[KEY_FROM_MAX];
	struct part user[KEY_USER_MAX];
	struct folded recipient;
	struct folded login;
	struct folded sender;
};

/* key_rungs - all rungs that a query of this shape can reach. */
uint64_t key_rungs(const struct tmail_query *query);

/*
 * key_init - folds the names of a query into key: its to, from and user then
 * hold them in the order of the ladder, their hash, ref and roles yet to be
 * found.  Names that only patterns outside limits could match are left out.
 * TMAIL_OK or TMAIL_E_MEMORY.
 */
enum tmail_status key_init(struct key *key, const struct tmail_query *query,
    const struct limits *limits);

#endif
