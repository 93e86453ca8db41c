/*
 * swap.h - gives a temporary file its final name and keeps the file that had
 * it, so that it can be put back.
 */
#ifndef PUBLISH_SWAP_H
#define PUBLISH_SWAP_H

#include "publish/temporary.h"

/*
 * swap_in - the finished file takes the place of *old, or, old NULL, of none;
 * then the old one has the temporary name.  Where the file system cannot
 * exchange two names, the old one is kept under a hard link; where there are
 * none either, not at all.
 * 0 or an errno, and nothing has changed: EWOULDBLOCK: somebody takes the
 * temporary file for a leftover; EEXIST, ENOENT, ESTALE: what stands there is
 * not what was expected.
 */
int swap_in(struct temporary *t, const struct place *place, const struct stat *old);

/*
 * swap_back - undoes it: 0 or an errno; ESTALE: another file has the name by
 * now, ENODATA: the old one could not be kept.
 */
int swap_back(struct temporary *t, const struct place *place);

#endif
