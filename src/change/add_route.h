/* add_route.h - one more route or relay. */
#ifndef CHANGE_ADD_ROUTE_H
#define CHANGE_ADD_ROUTE_H

#include "change/change.h"
#include "change/compose.h"

/*
 * add_route - adds the composed route behind the last one of its group, else at
 * the end of the main file; change->edited is its ID.  With a name in
 * change->edited it is a relay, and stands behind the last one of the main file.
 * 0, or an exit code after a message.
 */
int add_route(struct change *change, struct composer *composer);

#endif
