/* tls.h - TLS over a connection that stands, by OpenSSL; see crypto.h for how it is called. */
#ifndef SMTP_TLS_H
#define SMTP_TLS_H

#include "smtp/wire.h"

/* What is wanted of the other side.  The strings are the caller's. */
struct tls_wish {
	bool verify;		/* a certificate that is good for the name */
	const char *name;	/* of the server: a host name, or an address */
	const char *ca_file;	/* whom to trust (PEM); NULL: whom the system does */
	const char *cert_file;	/* our own certificate and its key (PEM); NULL: none */
};

#define TLS_WHY_MAX 256

/*
 * tls_start - shakes hands, until the deadline; from then on the wire is under
 * TLS.  Not WIRE_OK: why says what went wrong, and the connection is of no use;
 * WIRE_UNUSED: with what is wished.
 */
enum wire_io tls_start(struct wire *wire, const struct tls_wish *wish, int64_t deadline,
    char why[TLS_WHY_MAX]);

#endif
