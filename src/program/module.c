#include "program/module.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "program/beside.h"

/*
 * OpenSSL looks up thousands of its own names when it is loaded: among itself first, rather than
 * in this program and the C library.  Not so where something is preloaded, which is to come
 * before all, as what counts or checks memory; nor can a sanitizer do with it.
 */
static int
order(void)
{
#if defined(RTLD_DEEPBIND) && !defined(__SANITIZE_ADDRESS__)
	if (getenv("LD_PRELOAD") == NULL && access("/etc/ld.so.preload", F_OK) != 0)
		return RTLD_DEEPBIND;
#endif
	return 0;
}

const void *
module_load(const char *name, const char *symbol, const char **why)
{
	const void *found = NULL;
	char path[PATH_MAX];
	void *object;

	if (!beside_find(name, path, sizeof(path))) {
		*why = strerror(errno);
		return NULL;
	}
	object = dlopen(path, RTLD_NOW | RTLD_LOCAL | order());
	if (object != NULL)
		found = dlsym(object, symbol);
	*why = found == NULL ? dlerror() : NULL;
	return found;
}
