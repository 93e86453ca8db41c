/*
 * crypto.h - TLS, and what of SASL takes cryptography.  They are in a shared
 * object, tmail-crypto.so, that is loaded when first needed: to load OpenSSL costs
 * more than all the rest of a delivery in clear.
 */
#ifndef SMTP_CRYPTO_H
#define SMTP_CRYPTO_H

#include "smtp/tls.h"

/* One exchange of SCRAM or CRAM-MD5. */
struct exchange;

struct crypto {
	/* tls_start - see tls.h. */
	enum wire_io (*tls_start)(struct wire *wire, const struct tls_wish *wish,
	    int64_t deadline, char why[TLS_WHY_MAX]);
	/* exchange_begin - mechanism: its name.  NULL: out of memory. */
	struct exchange *(*exchange_begin)(const char *mechanism, const char *login,
	    const char *password);
	/* exchange_step - see sasl_step; *done: nothing is left to say.  Returns NULL, or why
	 * the exchange must end (static). */
	const char *(*exchange_step)(struct exchange *exchange, const char *challenge,
	    char **answer, bool *done);
	/* exchange_end - NULL is fine. */
	void (*exchange_end)(struct exchange *exchange);
};

/* The name of the one object that tmail-crypto.so exports. */
#define CRYPTO_SYMBOL "tmail_crypto"

/*
 * crypto_load - loads it from the directory of this program.  NULL: *why, valid
 * until the end, says why not.
 */
const struct crypto *crypto_load(const char **why);

#endif
