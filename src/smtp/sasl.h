/*
 * sasl.h - the mechanisms of AUTH (RFC 4954), seen from the client: what to
 * send, and what to answer to each challenge.
 */
#ifndef SMTP_SASL_H
#define SMTP_SASL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "smtp/crypto.h"

enum mechanism {
	MECHANISM_EXTERNAL,
	MECHANISM_OAUTHBEARER,
	MECHANISM_XOAUTH2,
	MECHANISM_SCRAM_SHA_256,
	MECHANISM_SCRAM_SHA_1,
	MECHANISM_CRAM_MD5,
	MECHANISM_PLAIN,
	MECHANISM_LOGIN,
	MECHANISM_COUNT
};

/* Who we say we are.  The strings are the caller's. */
struct credentials {
	const char *login;	/* NULL: no AUTH, unless by certificate */
	const char *password;
	const char *token;	/* OAuth 2.0, in place of a password */
	const char *host;	/* of the relay, and its port: OAUTHBEARER names them */
	uint16_t port;
};

/* One exchange under way. */
struct sasl {
	enum mechanism mechanism;
	const struct credentials *who;
	unsigned step;
	bool done;		/* nothing is left to say: the server may say 235 */
	const char *why;	/* a call failed: what was wrong */
	bool unfit;		/* with the login or the password: another mechanism may take it */
	const struct crypto_sasl *crypto;	/* of SCRAM and CRAM-MD5 alone */
	struct exchange *exchange;
};

/* sasl_name - "SCRAM-SHA-256". */
const char *sasl_name(enum mechanism mechanism);

/* sasl_find - the mechanism of a name, in capitals or not; MECHANISM_COUNT: none of ours. */
enum mechanism sasl_find(const char *name, size_t len);

/* sasl_begin - sasl_end is due in both cases; false: sasl->why says why not. */
bool sasl_begin(struct sasl *sasl, enum mechanism mechanism, const struct credentials *who);

/* sasl_speaks_first - whether the mechanism has something to say before any challenge. */
bool sasl_speaks_first(enum mechanism mechanism);

/*
 * sasl_step - the answer to a challenge, both in base64; to "" the first word of a
 * mechanism that speaks first.  The caller frees *answer, "" for an empty one.
 * false: sasl->why says why the exchange must end.
 */
bool sasl_step(struct sasl *sasl, const char *challenge, char **answer);

void sasl_end(struct sasl *sasl);

#endif
