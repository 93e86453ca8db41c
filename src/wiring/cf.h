/* cf.h - the lines of main.cf and the services of master.cf that the routes want. */
#ifndef WIRING_CF_H
#define WIRING_CF_H

#include "answer/line_text.h"
#include "wiring/sockets.h"
#include "wiring/transports.h"

/* A parameter and its value, as they are, for the length of the call. */
typedef void cf_visit(void *arg, const char *name, struct slice value);

/* cf_main - the wiring, which holds for all transports. */
void cf_main(const struct transports *transports, const struct sockets *sockets,
    cf_visit *visit, void *arg);

/* cf_limits - what main.cf has for one transport. */
void cf_limits(const struct transport *transport, cf_visit *visit, void *arg);

/* cf_options - the options of a clone of smtp in master.cf. */
void cf_options(const struct transport *transport, const struct sockets *sockets,
    cf_visit *visit, void *arg);

/* cf_map - adds Postfix's words for a map of the daemon; of one transport where it is not NULL. */
void cf_map(struct text *text, const struct sockets *sockets, const char *map,
    const struct slice *transport);

/* cf_value - adds a value as main.cf has it; cf_option: the option of master.cf, behind -o. */
void cf_value(struct text *text, struct slice value);
void cf_option(struct text *text, const char *name, struct slice value);

#endif
