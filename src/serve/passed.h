/*
 * passed.h - what systemd hands over and wants to hear, by the variables of
 * sd_listen_fds(3) and sd_notify(3) and without its library.
 */
#ifndef SERVE_PASSED_H
#define SERVE_PASSED_H

#include <stdint.h>

/* passed_take - a listening socket of that name, each once; -1: there is none (any more). */
int passed_take(const char *name);

/* passed_notify - tells a state such as "READY=1"; nothing, if nobody wants to hear. */
void passed_notify(const char *state);

/* passed_notify_reloading - RELOADING=1 with the time, which systemd asks for. */
void passed_notify_reloading(void);

/* passed_watchdog - how often to say that all is well, in milliseconds; 0: never. */
int64_t passed_watchdog(void);

#endif
