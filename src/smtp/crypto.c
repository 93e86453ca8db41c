#include "smtp/crypto.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool
find_file(const char *name, char *path, size_t size)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	int len;

	if (n < 0)
		return false;
	self[n] = '\0';
	*strrchr(self, '/') = '\0';
	len = snprintf(path, size, "%s/%s", self, name);
	return len > 0 && (size_t)len < size;
}

static const void *
load(const char *name, const char *symbol, const char **why)
{
	const void *found = NULL;
	char path[PATH_MAX];
	void *object;

	if (!find_file(name, path, sizeof(path))) {
		*why = strerror(errno);
		return NULL;
	}
	object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (object != NULL)
		found = dlsym(object, symbol);
	*why = found == NULL ? dlerror() : NULL;
	return found;
}

const struct crypto_tls *
crypto_tls(const char **why)
{
	static const struct crypto_tls *loaded;

	if (loaded == NULL)
		loaded = load("tmail-tls.so", CRYPTO_TLS, why);
	return loaded;
}

const struct crypto_sasl *
crypto_sasl(const char **why)
{
	static const struct crypto_sasl *loaded;

	if (loaded == NULL)
		loaded = load("tmail-sasl.so", CRYPTO_SASL, why);
	return loaded;
}
