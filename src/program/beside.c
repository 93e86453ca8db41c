#include "program/beside.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

/* Joins them.  Not by printf(3), of which a delivery would have to load pages of code. */
static bool
put(char *path, size_t size, const char *directory, const char *place, const char *name)
{
	if (strlen(directory) + 1 + strlen(place) + strlen(name) >= size)
		return false;
	stpcpy(stpcpy(stpcpy(stpcpy(path, directory), "/"), place), name);
	return true;
}

bool
beside_find(const char *name, char *path, size_t size)
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
		if (put(path, size, self, places[i], name) && access(path, F_OK) == 0)
			return true;
	errno = ENOENT;
	return false;
}
