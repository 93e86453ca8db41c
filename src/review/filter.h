/* filter.h - which rows list is to show: -d, -u, -f and -rh. */
#ifndef REVIEW_FILTER_H
#define REVIEW_FILTER_H

#include "base/fold.h"
#include "base/ip.h"
#include "review/listing.h"

/* The values as given; NULL or empty: not asked for. */
struct filter_options {
	const char *to, *user, *from, *host;
};

/* A value folded as its selector folds it, or as it stands if it cannot be. */
struct wanted {
	struct slice text;
	struct slice list;	/* this one, as a whole; absent: none */
	bool wild;		/* "*." stands in front of text */
	bool quoted;		/* a name, whatever it would be without quotes */
	char unquoted[FOLD_SIZE];
	struct folded folded;
};

/* All patterns of a value, as add takes them. */
struct wanted_set {
	struct wanted *list;
	size_t count;
};

struct filter {
	struct wanted_set selectors[ROW_SELECTORS];
	bool any_hop;
	enum tmail_next_hop hop;
	struct slice relay;	/* its name; absent: any */
	struct slice host;
	struct folded folded_host;
	char ip[IP_TEXT_SIZE];
	uint32_t port;		/* 0: any */
};

/* Slices point into options and into the filter, which must not be copied. */
void filter_init(struct filter *filter, const struct filter_options *options);
void filter_release(struct filter *filter);

/* Whether it asks for lists, which an index does not know. */
bool filter_has_list(const struct filter *filter);

/* Whether all patterns asked for are among those of each selector, and the host is that one. */
bool filter_takes(const struct filter *filter, const struct listing *listing,
    const struct row *row);

#endif
