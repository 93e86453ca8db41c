/*
 * json.h - answers as JSON (RFC 8259), one object a line, written as they are
 * found.  Values in an array have no key, NULL; nor has the object of a line.
 */
#ifndef ANSWER_JSON_H
#define ANSWER_JSON_H

#include <stdbool.h>

#include "answer/line_text.h"
#include "tmail/routes.h"

void json_number(struct text *text, const char *key, uint64_t n);

/* true, false, null, or the bracket that begins an object or an array; text_str() ends it. */
void json_raw(struct text *text, const char *key, const char *word);

/*
 * json_text - a string; null where ptr is NULL.  Bytes that are no UTF-8
 * become U+FFFD: every input has an answer.
 */
void json_text(struct text *text, const char *key, const char *ptr, size_t len);

static inline void
json_slice(struct text *text, const char *key, struct tmail_slice s)
{
	json_text(text, key, s.ptr, s.len);
}

static inline void
json_str(struct text *text, const char *key, const char *s)
{
	json_text(text, key, s, strlen(s));
}

/*
 * json_route - what list and lookup both say of a route, from "priority" to
 * "transport"; passwords masked unless `secrets`.  TMAIL_OK, or
 * TMAIL_E_DAMAGED and nothing is added.
 */
enum tmail_status json_route(struct text *text, const struct tmail_routes *routes,
    const struct tmail_route *route, bool secrets);

/* json_relay - the same from "host" on, which is all that relays have. */
enum tmail_status json_relay(struct text *text, const struct tmail_routes *routes,
    const struct tmail_route *route, bool secrets);

/* "host", "port" and, for an MX, "mx". */
void json_hop(struct text *text, const struct tmail_route *route);

/*
 * json_addresses - the array of a route's source addresses, in the order
 * drawn where candidate is not NULL.  TMAIL_OK or TMAIL_E_DAMAGED.
 */
enum tmail_status json_addresses(struct text *text, const char *key,
    const struct tmail_routes *routes, const struct tmail_route *route,
    const struct tmail_candidate *candidate);

#endif
