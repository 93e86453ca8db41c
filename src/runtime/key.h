/*
 * key.h - the patterns that a query could match, in the order of the ladder:
 * for destinations, senders and logins each, the names, then what is no name.
 */
#ifndef RUNTIME_KEY_H
#define RUNTIME_KEY_H

#include "base/fold.h"
#include "runtime/table.h"

enum {
	/* A name of FOLD_DOMAIN_MAX bytes has at most this many labels. */
	KEY_LABELS = (FOLD_DOMAIN_MAX + 1) / 2,
	/* The recipient, its domain, *.parents, "*". */
	KEY_TO_MAX = 1 + KEY_LABELS + 1,
	/* An address or login, its domain, "*" or nothing. */
	KEY_FEW_MAX = 3
};

/*
 * One pattern.  (name and len are not a slice, or compilers would copy both at
 * once: a load wider than the stores before it waits for everything the
 * processor has under way, cache misses of earlier lookups included.)
 */
struct part {
	const char *name;	/* without "*."; NULL: "*", "<>" or no selector */
	uint32_t len;
	uint32_t number;	/* KEY_NAME + its slot, or KEY_NONE, _STAR, _NULL */
	struct probe probe;	/* of the name */
	uint32_t list;
	unsigned char kind;	/* RUNG_USER_x, RUNG_TO_x or RUNG_FROM_x */
	unsigned char roles;	/* of the name; 0: the index has no such name */
};

/* What is no name may stand in any group. */
#define PART_ROLES 0xff

/* Parts of one kind: those that are names come first. */
struct parts {
	unsigned names;
	unsigned count;
	struct part *part;
};

struct key_to {
	struct parts parts;
	struct part part[KEY_TO_MAX];
	struct folded folded;
};

struct key_few {
	struct parts parts;
	struct part part[KEY_FEW_MAX];
	struct folded folded;
};

/* All names: rungs that no route uses are shown as well. */
extern const struct limits key_all;

/* key_rungs - all rungs that a query of this shape can reach. */
uint64_t key_rungs(const struct tmail_query *query);

/* The rungs that keys are made for: names that only others could use are left out. */
struct asking {
	const struct tmail_routes *routes;
	const struct limits *limits;
	uint64_t rungs;
};

/*
 * key_to, key_from, key_user - fold the recipient, sender or login of a query
 * and list the parts it makes, their probes aimed; number, list and roles of
 * names are yet to be found.  TMAIL_OK or TMAIL_E_MEMORY.
 */
enum tmail_status key_to(struct key_to *key, struct tmail_slice recipient,
    const struct asking *asking);
enum tmail_status key_from(struct key_few *key, struct tmail_slice sender,
    const struct asking *asking);
enum tmail_status key_user(struct key_few *key, struct tmail_slice login,
    const struct asking *asking);

#endif
