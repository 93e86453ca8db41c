/* compare.h - the routes of two indexes by ID: added, removed, and what is changed of them. */
#ifndef REVIEW_COMPARE_H
#define REVIEW_COMPARE_H

#include "review/listing.h"
#include "review/outcome.h"

/* What may be changed of a route, as `lookup --json` calls it, in that order. */
enum field {
	FIELD_TO, FIELD_USER, FIELD_FROM, FIELD_ACTION, FIELD_TEXT, FIELD_PRIORITY, FIELD_WEIGHT,
	FIELD_HOST, FIELD_PORT, FIELD_MX, FIELD_FAMILY, FIELD_LOCAL, FIELD_LOGIN, FIELD_PASSWORD,
	FIELD_PASSWORD_FILE, FIELD_TOKEN_FILE, FIELD_AUTH, FIELD_TLS, FIELD_TLS_NAME,
	FIELD_TLS_CERT, FIELD_TLS_CA, FIELD_MAIL_FROM, FIELD_CONNECTIONS, FIELD_RATE, FIELD_HELO,
	FIELD_TRANSPORT, FIELDS
};
extern const char *const field_names[FIELDS];

enum route_change { ROUTE_ADDED, ROUTE_REMOVED, ROUTE_CHANGED, ROUTE_CHANGES };

struct changed_route {
	uint32_t id;
	uint32_t fields;	/* bits by enum field, of ROUTE_CHANGED */
};

/* Zero the struct to start. */
struct comparison {
	struct changed_list {
		struct changed_route *list;
		size_t count, capacity;
	} of[ROUTE_CHANGES];	/* each by ID */
};

/* compare_routes - by effective values.  TMAIL_OK or TMAIL_E_DAMAGED. */
enum tmail_status compare_routes(struct comparison *comparison, struct listing *old,
    struct listing *new);
void comparison_release(struct comparison *comparison);

#endif
