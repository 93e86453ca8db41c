/* route.h - one route statement: its patterns, action and options. */
#ifndef CONF_ROUTE_H
#define CONF_ROUTE_H

#include "conf/judging.h"

/* Adds the next route to the model, or says what is wrong with it. */
void check_route(struct check *check, const struct stmt *stmt);

/* Sets the target of the routes without options through a relay. */
bool via_target(struct check *check, struct item via);

#endif
