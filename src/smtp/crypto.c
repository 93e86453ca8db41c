#include "smtp/crypto.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FILE_NAME "tmail-crypto.so"

static bool
find_file(char *path, size_t size)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	int len;

	if (n < 0)
		return false;
	self[n] = '\0';
	*strrchr(self, '/') = '\0';
	len = snprintf(path, size, "%s/" FILE_NAME, self);
	return len > 0 && (size_t)len < size;
}

const struct crypto *
crypto_load(const char **why)
{
	static const struct crypto *loaded;
	char path[PATH_MAX];
	void *object;

	if (loaded != NULL)
		return loaded;
	if (!find_file(path, sizeof(path))) {
		*why = strerror(errno);
		return NULL;
	}
	object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (object != NULL)
		loaded = dlsym(object, CRYPTO_SYMBOL);
	*why = loaded == NULL ? dlerror() : NULL;
	return loaded;
}
