#include "smtp/crypto.h"

#include <stddef.h>

#include "program/module.h"

const struct crypto_tls *
crypto_tls(const char **why)
{
	static const struct crypto_tls *loaded;

	if (loaded == NULL)
		loaded = module_load("tmail-tls.so", CRYPTO_TLS, why);
	return loaded;
}

const struct crypto_sasl *
crypto_sasl(const char **why)
{
	static const struct crypto_sasl *loaded;

	if (loaded == NULL)
		loaded = module_load("tmail-sasl.so", CRYPTO_SASL, why);
	return loaded;
}
