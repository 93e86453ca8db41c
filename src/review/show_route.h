/* show_route.h - all about one route: where it stands, what it does, what comes before it. */
#ifndef REVIEW_SHOW_ROUTE_H
#define REVIEW_SHOW_ROUTE_H

#include "base/screen.h"
#include "review/listing.h"

/*
 * Set the first group, zero the rest.  conf: checked without an error, with keep_patterns;
 * listing is of it, and routes its index.
 */
struct showing {
	const struct conf *conf;
	struct listing *listing;
	struct tmail_routes *routes;
	const struct screen *screen;
	bool json, secrets;
	struct text text;
};

/*
 * show_route - false: the configuration has no such route, and nothing is printed.
 * *status: TMAIL_OK, or why it cannot be shown.
 */
bool show_route(struct showing *showing, uint32_t id, enum tmail_status *status);
void showing_release(struct showing *showing);

#endif
