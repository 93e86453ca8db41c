/*
 * conflicts.h - the actions given to the first recipient of each of the last
 * messages: Postfix's FILTER holds for a whole message, the last one wins.
 */
#ifndef SERVE_CONFLICTS_H
#define SERVE_CONFLICTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

#define CONFLICTS_MAX 65536

struct remembered {
	unsigned char instance[16];	/* digests; of the action folded */
	unsigned char action[16];
	uint64_t text;			/* where it begins in the texts */
	uint32_t len;
};

struct conflicts {
	struct remembered *ring;
	uint32_t *slots;		/* places in the ring, plus one */
	uint64_t count;			/* ever remembered */
	char *texts;			/* of the last actions; NULL: they are not wanted */
	uint64_t written;
};

/* conflicts_open - takes the memory for all that it will ever hold; false: there is none. */
bool conflicts_open(struct conflicts *conflicts, bool texts);
void conflicts_close(struct conflicts *conflicts);

/* conflicts_find - what is remembered of an instance; NULL: it is new, or long ago. */
struct remembered *conflicts_find(const struct conflicts *conflicts, struct slice instance);

/* conflicts_add - remembers the action of an instance that is new. */
void conflicts_add(struct conflicts *conflicts, struct slice instance, struct slice action);

/* Whether an action is the one remembered, in any spelling of domains. */
bool conflicts_same(const struct remembered *remembered, struct slice action);

/* The action remembered; false: its text has been overwritten. */
bool conflicts_text(const struct conflicts *conflicts, const struct remembered *remembered,
    struct slice *text);

#endif
