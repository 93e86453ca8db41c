/*
 * listing.h - the routes of a configuration or of an index as rows, by ID.
 *
 * What is effective comes out of an index in either case (one is built in
 * memory for a configuration), so both are shown by the same code.
 */
#ifndef REVIEW_LISTING_H
#define REVIEW_LISTING_H

#include "base/fold.h"
#include "program/settings.h"
#include "conf/conf.h"
#include "image/image.h"
#include "tmail/routes.h"

/* The patterns of a row, in this order. */
enum { ROW_TO, ROW_USER, ROW_FROM, ROW_SELECTORS };

struct row {
	uint32_t id;
	uint32_t member;		/* its number in... */
	struct tmail_match match;	/* ...one of the groups it stands in */
	uint32_t count[ROW_SELECTORS];
	const uint32_t *keys;		/* of a configuration: as written */
	const struct slice *texts;	/* of an index: sorted by bytes */
	struct slice comment;		/* absent: none */
};

struct listing {
	struct tmail_routes *routes;
	struct row *rows;
	size_t count;
	const struct conf *conf;	/* NULL: of an index alone */
	struct image image;
	struct slice *texts;
};

/*
 * listing_of_conf - conf must have been checked without an error, with
 * keep_patterns; it must outlive the listing.
 * listing_of_index - opens the index at settings->index.
 * Both return 0 or an exit code after a message; listing_release is wanted in
 * every case.
 */
int listing_of_conf(struct listing *listing, struct conf *conf, const struct settings *settings);
int listing_of_index(struct listing *listing, const struct settings *settings);
void listing_release(struct listing *listing);

/* A row's effective values.  TMAIL_OK or TMAIL_E_DAMAGED. */
enum tmail_status listing_route(const struct listing *listing, const struct row *row,
    struct tmail_route *route);

/* A pattern as shown: "*.NAME" is put together in buffer. */
struct pattern_buffer {
	char text[FOLD_DOMAIN_MAX + 2];
};
struct slice listing_pattern(const struct listing *listing, const struct row *row,
    int selector, uint32_t n, struct pattern_buffer *buffer);

#endif
