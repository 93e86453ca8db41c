/* bare_name.h - the name of a relay or list without its @ or $. */
#ifndef CONF_BARE_NAME_H
#define CONF_BARE_NAME_H

#include "conf/judging.h"

/* Warns of hosts and patterns that are spelt as relays and lists; when all is judged. */
void warn_bare_names(struct check *check);

#endif
