/* local.h - source addresses: which of them fit, and how they greet. */
#ifndef CONF_LOCAL_H
#define CONF_LOCAL_H

#include "conf/judging.h"

/* `source IP helo NAME`: each address at most once. */
void check_source(struct check *check, const struct stmt *stmt);

/* Of what a next hop can be reached by. */
struct reach {
	const struct host *host;
	const struct options *family;	/* whose option `family` counts; NULL: nobody's */
	const struct options *local;	/* the same of `local` */
	const struct options *own;	/* of the statement being judged */
};

/* 4 or 6 if nothing else can be reached, else 0. */
int reach_family(const struct reach *reach);

/* Whether the families go together; names source addresses that do not. */
bool check_reach(struct check *check, const struct reach *reach);

/* Puts source addresses into a hop; greet: by the names that `source` gives them. */
void put_local(struct check *check, const struct reach *reach, bool greet, unsigned char *hop);

#endif
