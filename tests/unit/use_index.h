/* use_index.h - everything that an index can be asked, damaged or not. */
#ifndef USE_INDEX_H
#define USE_INDEX_H

#include <stdbool.h>

#include "tmail/routes.h"

enum { USE_QUERIES = 6 };
extern const struct tmail_query use_queries[USE_QUERIES];

/*
 * use_index - asks the queries, walks all groups, and reads each byte of the
 * answers.  Aborts at an answer that no index may give.  False: the walk came
 * to what is damaged.
 */
bool use_index(const struct tmail_routes *routes);

#endif
