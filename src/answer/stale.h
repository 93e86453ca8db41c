/* stale.h - whether an index was made of the configuration as it is now. */
#ifndef ANSWER_STALE_H
#define ANSWER_STALE_H

#include "program/settings.h"
#include "text/source.h"
#include "tmail/routes.h"

/* Whether the digest in the index is not that of the files read. */
bool stale_is(const struct tmail_routes *routes, const struct sources *sources);

/*
 * stale_warning - warns on stderr, unless settings are quiet, if the index at
 * settings->index is stale or no index; not if it is missing.
 */
void stale_warning(const struct settings *settings, const struct sources *sources);

/*
 * stale_warn_newer - the same for an open index, if a file of the configuration of the
 * settings is newer.  A large one is read only if a file that the index names is newer
 * or missing; one that cannot be read is no matter.
 */
void stale_warn_newer(const struct settings *settings, const struct tmail_routes *routes);

#endif
