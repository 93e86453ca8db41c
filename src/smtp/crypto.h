/*
 * crypto.h - TLS, and what of SASL takes cryptography.  Each is in a shared object
 * of its own, tmail-tls.so and tmail-sasl.so, that is loaded when first needed: to
 * load OpenSSL costs more than all the rest of a delivery in clear, and GNU SASL
 * has more libraries behind it than OpenSSL.
 */
#ifndef SMTP_CRYPTO_H
#define SMTP_CRYPTO_H

#include "smtp/tls.h"

/* What tmail-tls.so exports: tls.h. */
struct crypto_tls {
	enum wire_io (*start)(struct wire *wire, const struct tls_wish *wish, int64_t deadline,
	    char why[TLS_WHY_MAX]);
};

/* One exchange of SCRAM or CRAM-MD5. */
struct exchange;

/* What tmail-sasl.so exports. */
struct crypto_sasl {
	/* begin - mechanism: its name.  NULL: out of memory. */
	struct exchange *(*begin)(const char *mechanism, const char *login, const char *password);
	/* step - see sasl_step; *done: nothing is left to say.  Returns NULL, or why the
	 * exchange must end (static); *unfit: for the login or the password itself. */
	const char *(*step)(struct exchange *exchange, const char *challenge, char **answer,
	    bool *done, bool *unfit);
	/* end - NULL is fine. */
	void (*end)(struct exchange *exchange);
};

/* The name of the one symbol of each. */
#define CRYPTO_TLS "tmail_tls"
#define CRYPTO_SASL "tmail_sasl"

/*
 * crypto_tls, crypto_sasl - load it from the directory of this program.  NULL: *why, valid
 * until the end, says why not.
 */
const struct crypto_tls *crypto_tls(const char **why);
const struct crypto_sasl *crypto_sasl(const char **why);

#endif
