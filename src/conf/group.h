/* group.h - what can be judged only when the routes of a group are known. */
#ifndef CONF_GROUP_H
#define CONF_GROUP_H

#include "conf/judging.h"

void check_groups(struct check *check);

#endif
