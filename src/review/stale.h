/* stale.h - whether an index was made of the configuration as it is now. */
#ifndef REVIEW_STALE_H
#define REVIEW_STALE_H

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
 * stale_warn_newer - the same for an open index.  Its configuration is read only if
 * it is the one of the settings and a file of it is newer than the index; one that
 * cannot be read is no matter.
 */
void stale_warn_newer(const struct settings *settings, const struct tmail_routes *routes);

#endif
