/*
 * plain.h - the plain routes, nearly all of a long configuration: no more to
 * do than to look up a name and a relay that was judged before.
 */
#ifndef CONF_PLAIN_H
#define CONF_PLAIN_H

#include "conf/judging.h"

/*
 * Adds the plain routes to the model, but those whose relay is at fault, or
 * none of them if their patterns are to be kept: check_route adds what is left.
 */
void check_plain(struct check *check);

#endif
