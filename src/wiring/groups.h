/* groups.h - which groups of routes Postfix's maps cannot answer from. */
#ifndef WIRING_GROUPS_H
#define WIRING_GROUPS_H

#include <stdbool.h>

#include "store/memory.h"
#include "tmail/routes.h"

/* So many are named, and all counted. */
enum { GROUPS_NAMED = 20 };

/* Zero the struct to start. */
struct groups {
	const struct tmail_routes *routes;
	bool catch_all;		/* the map of transports, which Postfix asks first, has all mail */
	bool senders;		/* the map of senders has something to answer */
	size_t left_out;	/* groups that the policy service alone answers from */
	const char *named[GROUPS_NAMED];
	struct arena arena;
};

/* groups_find - of an open index.  TMAIL_OK or TMAIL_E_DAMAGED. */
enum tmail_status groups_find(struct groups *groups, const struct tmail_routes *routes);
void groups_release(struct groups *groups);

#endif
