/* port.h - ports that speak TLS from the first byte, and those that do not. */
#ifndef CONF_PORT_H
#define CONF_PORT_H

#include "conf/judging.h"

/*
 * Warns at `at` of a port (0: that of an MX of which nothing was said) and a mode of TLS
 * that wait for each other in vain.
 */
void check_port(struct check *check, struct span at, uint16_t port, enum tmail_tls tls);

/* The same for the words behind `via` of routes without options, each once. */
void warn_ports(struct check *check);

#endif
