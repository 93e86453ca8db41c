/* effective.h - what a route does in the end, in the words of routes.conf. */
#ifndef REVIEW_EFFECTIVE_H
#define REVIEW_EFFECTIVE_H

#include "review/listing.h"

/*
 * effective_words - adds "via HOST:PORT priority 1 ..." with all that its relay and the
 * defaults say; passwords are masked unless `secrets`.  Damage is said in listing->status.
 */
void effective_words(struct text *text, struct listing *listing, const struct row *row,
    bool secrets);

#endif
