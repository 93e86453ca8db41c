/*
 * json.h - answers as JSON, through jansson.  One object a line, its keys in
 * the order in which they were set.
 */
#ifndef ANSWER_JSON_H
#define ANSWER_JSON_H

#include <stdbool.h>

#include <jansson.h>

#include "answer/line_text.h"
#include "tmail/routes.h"

/* To be called before any other: running out of memory ends the program (memory.h). */
void json_setup(void);

/*
 * json_of_text - a string; null where ptr is NULL.  Bytes that are no UTF-8
 * become U+FFFD: every input has an answer.
 */
json_t *json_of_text(const char *ptr, size_t len);

static inline json_t *
json_of_slice(struct tmail_slice s)
{
	return json_of_text(s.ptr, s.len);
}

/*
 * json_add_route - sets what list and lookup both say of a route, from
 * "priority" to "transport"; passwords masked unless `secrets`.
 * TMAIL_OK or TMAIL_E_DAMAGED.
 */
enum tmail_status json_add_route(json_t *object, const struct tmail_routes *routes,
    const struct tmail_route *route, bool secrets);

/* Sets "host", "port" and, for an MX, "mx". */
void json_add_hop(json_t *object, const struct tmail_route *route);

/*
 * json_of_addresses - an array of a route's source addresses, in the order
 * drawn where candidate is not NULL.  NULL: damaged.
 */
json_t *json_of_addresses(const struct tmail_routes *routes, const struct tmail_route *route,
    const struct tmail_candidate *candidate);

/* Adds an object's text to a line, and lets go of the object. */
void json_finish(json_t *object, struct text *line);

#endif
