#include "cli/beside.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool
beside_find(const char *program, char *path, size_t size)
{
	static const char *const places[] = {"", "../libexec/tmail/"};
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	size_t i;

	if (n < 0)
		return false;
	self[n] = '\0';
	*strrchr(self, '/') = '\0';
	for (i = 0; i < sizeof(places) / sizeof(*places); i++)
		if ((size_t)snprintf(path, size, "%s/%s%s", self, places[i], program) < size &&
		    access(path, X_OK) == 0)
			return true;
	errno = ENOENT;
	return false;
}
