/* stats.h - what an index holds, in numbers. */
#ifndef REVIEW_STATS_H
#define REVIEW_STATS_H

#include "answer/line_text.h"
#include "tmail/routes.h"

/* Whether the index is that of the configuration as it is. */
enum stats_stale { STATS_FRESH, STATS_STALE, STATS_UNKNOWN };

/* Of an index opened with TMAIL_OPEN_VERIFY, from a file. */
struct stats {
	const struct tmail_routes *routes;
	enum stats_stale stale;
	uint32_t relays;	/* named ones that routes go through */
	uint32_t files;		/* of the configuration */
};

/* stats_count - fills in the counts.  TMAIL_OK or TMAIL_E_DAMAGED. */
enum tmail_status stats_count(struct stats *stats);

/* They add the whole output, with the end of its last line. */
void stats_text(const struct stats *stats, struct text *text);
void stats_json(const struct stats *stats, struct text *text);
void stats_prometheus(const struct stats *stats, struct text *text);

#endif
