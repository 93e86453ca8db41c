/*
 * listing.h - the routes of a configuration or of an index as rows, by ID.
 *
 * What is effective is in the records of an index, which the model of a
 * configuration has, too: both are shown by the same code.
 */
#ifndef REVIEW_LISTING_H
#define REVIEW_LISTING_H

#include "answer/line_text.h"
#include "base/fold.h"
#include "program/settings.h"
#include "conf/conf.h"
#include "tmail/routes.h"

/* The patterns of a row, in this order. */
enum { ROW_TO, ROW_USER, ROW_FROM, ROW_SELECTORS };

struct row {
	struct tmail_match match;	/* action and text only */
	struct tmail_route route;
	uint32_t count[ROW_SELECTORS];
	const uint32_t *keys;		/* of a configuration: as written */
	const struct found *found;	/* of an index: sorted by bytes */
	struct slice comment;		/* absent: none */
	const struct slice *lists;	/* those among the patterns; NULL: not known */
	uint32_t list_count[ROW_SELECTORS];
};

struct listing {
	struct tmail_routes *routes;	/* of a configuration: with the model's records alone */
	bool borrowed;			/* it is the caller's */
	const struct conf *conf;	/* NULL: of an index alone */
	struct numbered *order;		/* the routes of a configuration by ID */
	struct found *found;		/* the patterns of an index by ID */
	size_t found_count;
	size_t count;			/* of rows */
	size_t at;			/* the next one: in order, or in found */
	enum tmail_status status;
};

/*
 * listing_of_conf - conf must have been checked without an error, with
 * keep_patterns; it must outlive the listing.
 * listing_of_index - opens the index at settings->index.  Returns 0 or an exit
 * code after a message.
 * listing_of_open - of an index that is open, and stays the caller's.
 * listing_release is wanted in every case.
 */
void listing_of_conf(struct listing *listing, const struct conf *conf);
enum tmail_status listing_of_open(struct listing *listing, struct tmail_routes *routes);
int listing_of_index(struct listing *listing, const struct settings *settings);
void listing_release(struct listing *listing);

/*
 * listing_next - the next row; false behind the last one, and once
 * listing->status is TMAIL_E_DAMAGED.  From the start: set listing->at to 0.
 */
bool listing_next(struct listing *listing, struct row *row);

/* listing_find - its next row is that of a configuration's route; false: there is none of that ID. */
bool listing_find(struct listing *listing, uint32_t id);

/* Of the row that comes next: its number in the model of the configuration. */
uint32_t listing_number(const struct listing *listing);

/* listing_next_relay - the same for the relays of a configuration, in file order. */
bool listing_next_relay(struct listing *listing, struct row *row);

/* A pattern; "*.NAME" is put together in buffer. */
struct pattern {
	struct slice text;
	bool name;		/* not `*`, `<>` or `any` */
	bool quoted;		/* one that means something else without quotes */
	char buffer[FOLD_DOMAIN_MAX + 2];
};
void listing_pattern(const struct listing *listing, const struct row *row, int selector,
    uint32_t n, struct pattern *pattern);

/* The same for who shows nothing: `quoted` is not set. */
void listing_name(const struct listing *listing, const struct row *row, int selector,
    uint32_t n, struct pattern *pattern);

/* As listings show it: in its quotes if it has any, which are put on in scratch. */
struct slice pattern_shown(const struct pattern *pattern, struct text *scratch);

#endif
