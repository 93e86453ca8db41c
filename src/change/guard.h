/* guard.h - the index never takes the place of a file that it is made of. */
#ifndef CHANGE_GUARD_H
#define CHANGE_GUARD_H

#include "program/settings.h"
#include "conf/conf.h"
#include "publish/lock.h"

/*
 * guard_index - sees that the file at settings->index, whatever link leads to
 * it, is not one of the configuration's (read, or about to be made), nor the
 * lock that is held, nor a password file of a route.  conf must have been
 * checked without an error.  0, or EX_USAGE after a message.
 */
int guard_index(const struct conf *conf, const struct lock *lock,
    const struct settings *settings);

#endif
