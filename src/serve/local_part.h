/* local_part.h - addresses as mail servers hand them over: their local parts without quotes. */
#ifndef SERVE_LOCAL_PART_H
#define SERVE_LOCAL_PART_H

#include "base/slice.h"
#include "tmail/routes.h"

/* Room for the longest address of which anything but `*` is asked. */
struct local_part {
	char buf[4096];
};

/*
 * local_part_quote - the address with its local part quoted where it holds what no atom has
 * (RFC 5321, 4.1.2), in buf, or else as it stands: a dot too many is taken without quotes,
 * as routes.conf takes it.  Absent stays absent.
 */
struct tmail_slice local_part_quote(struct local_part *part, struct slice address);

/* local_part_is_quoted - whether its local part has quotes around it already. */
bool local_part_is_quoted(struct slice address);

#endif
