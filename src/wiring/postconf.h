/* postconf.h - the configuration of Postfix, as its postconf(1) tells it. */
#ifndef WIRING_POSTCONF_H
#define WIRING_POSTCONF_H

#include <stdbool.h>

#include "store/memory.h"

/* NAME = VALUE */
struct postconf_line {
	const char *name;
	const char *value;
};

struct postconf_lines {
	struct postconf_line *list;	/* by name */
	size_t count;
};

/* A service of master.cf. */
struct service {
	const char *id;			/* NAME/TYPE */
	const char *name;
	const char *type;
	const char *command;		/* the program with all its arguments */
	bool chrooted;
};

struct postconf {
	struct postconf_lines main;	/* with $name expanded */
	struct postconf_lines options;	/* those of -o, as NAME/TYPE/PARAMETER */
	struct service *services;	/* as they stand */
	size_t service_count;
	struct arena arena;
};

/*
 * postconf_read - runs postconf, by $PATH or from where distributions have it.  dir: of
 * main.cf and master.cf; NULL: Postfix's own.  Returns NULL, or what is wrong, which
 * lies in the arena.  postconf_release is wanted in every case.
 */
const char *postconf_read(struct postconf *postconf, const char *dir);
void postconf_release(struct postconf *postconf);

/* postconf_main - the value of a parameter; "" where it has none or is not known. */
const char *postconf_main(const struct postconf *postconf, const char *name);

/* postconf_option - what -o says for a service; NULL: nothing. */
const char *postconf_option(const struct postconf *postconf, const struct service *service,
    const char *name);

/* postconf_value - what holds for a service, by -o or main.cf. */
const char *postconf_value(const struct postconf *postconf, const struct service *service,
    const char *name);

/* postconf_service - the last one of a name and type, which is the one that counts; NULL. */
const struct service *postconf_service(const struct postconf *postconf, const char *name,
    const char *type);

/* postconf_yes - whether that is the boolean yes, in any case, as Postfix reads it. */
bool postconf_yes(const struct postconf *postconf, const struct service *service,
    const char *name);

/* Whether the service runs this program. */
bool service_runs(const struct service *service, const char *program);

#endif
