/*
 * address.h - what may stand in an SMTP command.  An address or name with a
 * control byte, or with a blank, '<' or '>' outside a quoted local part, could
 * end the command early or add to it, and is refused.
 */
#ifndef SMTP_ADDRESS_H
#define SMTP_ADDRESS_H

#include <stdbool.h>

#include "base/fold.h"

/* RFC 5321 ends at 256; some room for those who do not keep to it. */
#define ADDRESS_MAX 1000

struct address {
	char text[ADDRESS_MAX + FOLD_SIZE + 2]; /* for the wire; "": null sender */
	char domain[FOLD_SIZE];	/* folded, or as given where it cannot be; "": none */
	bool utf8;		/* the local part is not ASCII: wants SMTPUTF8 (RFC 6531) */
};

/*
 * address_parse - checks an address without angle brackets and fills *address.
 * A domain with non-ASCII letters goes out as A-labels.
 * Returns NULL, or why it is refused (static).
 */
const char *address_parse(struct address *address, const char *in);

/* Of a host or EHLO name (RFC 5321, 4.5.3.1.2). */
#define NAME_MAX_LENGTH 255

/* name_ok - whether a host or EHLO name or literal is fit for the wire: printable ASCII, no
 * blanks, '<' or '>', not empty, not too long. */
bool name_ok(const char *name);

/* login_ok - whether a login, which goes nowhere but into the lookup, holds no control bytes. */
bool login_ok(const char *login);

#endif
