/* SCRAM and CRAM-MD5, by GNU SASL: tmail-sasl.so. */
#include <gsasl.h>
#include <stdlib.h>
#include <string.h>

#include "smtp/base64.h"
#include "smtp/crypto.h"

/* A server could have us compute for days. */
#define ITERATIONS_MAX 1000000

struct exchange {
	Gsasl *library;
	Gsasl_session *session;
	bool scram;
	unsigned step;
};

static void
exchange_end(struct exchange *exchange)
{
	if (exchange == NULL)
		return;
	if (exchange->session != NULL)
		gsasl_finish(exchange->session);
	if (exchange->library != NULL)
		gsasl_done(exchange->library);
	free(exchange);
}

static struct exchange *
exchange_begin(const char *mechanism, const char *login, const char *password)
{
	struct exchange *exchange = calloc(1, sizeof(*exchange));

	if (exchange == NULL)
		return NULL;
	exchange->scram = strncmp(mechanism, "SCRAM-", 6) == 0;
	if (gsasl_init(&exchange->library) == GSASL_OK &&
	    gsasl_client_start(exchange->library, mechanism, &exchange->session) == GSASL_OK &&
	    gsasl_property_set(exchange->session, GSASL_AUTHID, login) == GSASL_OK &&
	    gsasl_property_set(exchange->session, GSASL_PASSWORD, password) == GSASL_OK)
		return exchange;
	exchange_end(exchange);
	return NULL;
}

/* "r=...,s=...,i=4096" in base64; what is none, the library refuses. */
static bool
too_many_iterations(const char *challenge)
{
	size_t len;
	char *text = base64_decode(challenge, &len);
	const char *count;
	bool many;

	if (text == NULL)
		return false;
	count = memmem(text, len, ",i=", 3);
	many = count != NULL && strtoull(count + 3, NULL, 10) > ITERATIONS_MAX;
	free(text);
	return many;
}

static const char *
exchange_step(struct exchange *exchange, const char *challenge, char **answer, bool *done,
    bool *unfit)
{
	int rc;

	exchange->step++;
	if (exchange->scram && exchange->step == 2 && too_many_iterations(challenge))
		return "the server asks for too many iterations";
	/* To an empty one of CRAM-MD5 the library has nothing to say, as often as it comes. */
	if (!exchange->scram && *challenge == '\0')
		return "the server's challenge is no good";
	rc = gsasl_step64(exchange->session, challenge, answer);
	*done = rc == GSASL_OK;
	if (rc == GSASL_OK || rc == GSASL_NEEDS_MORE)
		return NULL;
	if (rc == GSASL_MALLOC_ERROR)
		return "out of memory";
	*unfit = rc == GSASL_SASLPREP_ERROR;
	if (*unfit)
		return "it is for text alone, which this login or password is not";
	return exchange->step > 2 ? "the server does not know the password"
				  : "the server's challenge is no good";
}

__attribute__((visibility("default"))) extern const struct crypto_sasl tmail_sasl;

const struct crypto_sasl tmail_sasl = {exchange_begin, exchange_step, exchange_end};
