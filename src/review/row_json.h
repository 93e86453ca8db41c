/* row_json.h - rows of a listing as JSON, one object each. */
#ifndef REVIEW_ROW_JSON_H
#define REVIEW_ROW_JSON_H

#include "answer/line_text.h"
#include "review/listing.h"

/*
 * Both add the object to text; passwords and what looks like one in a comment
 * are masked unless `secrets`.  Damage is said in listing->status.
 */
void row_json_route(struct text *text, struct listing *listing, const struct row *row,
    bool secrets);
void row_json_relay(struct text *text, struct listing *listing, const struct row *row,
    bool secrets);

#endif
