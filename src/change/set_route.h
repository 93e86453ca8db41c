/* set_route.h - changes a route or a relay in place. */
#ifndef CHANGE_SET_ROUTE_H
#define CHANGE_SET_ROUTE_H

#include "change/change.h"
#include "change/compose.h"

/*
 * set_route - changes what fields name of change->edited, a route's ID or a relay's
 * name; an empty value takes a field away.  0, or an exit code after a message.
 */
int set_route(struct change *change, const struct fields *fields);

#endif
