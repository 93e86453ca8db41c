/* set_route.h - changes a route in place. */
#ifndef CHANGE_SET_ROUTE_H
#define CHANGE_SET_ROUTE_H

#include "change/change.h"
#include "change/compose.h"

/*
 * set_route - changes what fields name of the route with this ID; an empty value
 * takes a field away.  0, or an exit code after a message.
 */
int set_route(struct change *change, const char *id, const struct fields *fields);

#endif
