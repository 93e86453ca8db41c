/* number_routes.h - writes the IDs that are not written yet. */
#ifndef CONF_NUMBER_ROUTES_H
#define CONF_NUMBER_ROUTES_H

#include "conf/conf.h"
#include "text/edit.h"

/* Inserts the IDs that routes without one have been showing all along. */
void number_routes(struct edit *edit, const struct conf *conf);

#endif
