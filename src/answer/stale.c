#include "answer/stale.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "conf/conf.h"
#include "program/say.h"
#include "runtime/scan.h"

bool
stale_is(const struct tmail_routes *routes, const struct sources *sources)
{
	unsigned char digest[16];
	struct tmail_info info;

	sources_digest(sources, digest);
	tmail_routes_info(routes, &info);
	return memcmp(digest, info.source, sizeof(digest)) != 0;
}

static void
say_stale(const struct settings *settings)
{
	cli_say("warning: %s is stale: run tmail routes compile", settings->index);
}

void
stale_warning(const struct settings *settings, const struct sources *sources)
{
	struct tmail_routes *routes;
	enum tmail_status status;

	if (settings->quiet)
		return;
	status = tmail_routes_open(settings->index, 0, &routes);
	if (status == TMAIL_E_MEMORY)
		mem_exhausted();
	if (status == TMAIL_OK && stale_is(routes, sources))
		say_stale(settings);
	else if (status != TMAIL_OK && status != TMAIL_E_MISSING)
		cli_say("warning: %s: %s%s", settings->index, tmail_status_text(status),
		    status == TMAIL_E_VERSION ? ": run tmail routes compile" : "");
	tmail_routes_close(routes);
}

enum { SMALL = 1 << 16 };	/* the size of an index whose configuration takes no time to read */

static bool
is_newer(const struct stat *file, const struct tmail_routes *routes)
{
	const struct timespec *made = &routes->identity.mtime, *written = &file->st_mtim;

	return written->tv_sec > made->tv_sec ||
	    (written->tv_sec == made->tv_sec && written->tv_nsec > made->tv_nsec);
}

/* Whether the index was made before a file that it names was last written, or went away. */
static bool
has_newer_file(const struct tmail_routes *routes, const char *conf)
{
	const char *slash = strrchr(conf, '/');
	int dir = slash == NULL ? 0 : (int)(slash + 1 - conf);
	struct tmail_slice name;
	char path[PATH_MAX];
	struct stat st;

	for (uint32_t n = 0; scan_file(routes, n, &name); n++) {
		bool absolute = name.len > 0 && name.ptr[0] == '/';

		if (n == 0)
			snprintf(path, sizeof(path), "%s", conf);
		else
			snprintf(path, sizeof(path), "%.*s%.*s", absolute ? 0 : dir, conf,
			    (int)name.len, name.ptr);
		if (stat(path, &st) == 0 ? is_newer(&st, routes) : errno == ENOENT)
			return true;
	}
	return false;
}

/* The same of those that it does not name: lists' files, and files that are new. */
static bool
has_newer_source(const struct tmail_routes *routes, const struct sources *sources)
{
	for (size_t i = 0; i < sources->count; i++)
		if (is_newer(&sources->list[i]->status, routes))
			return true;
	return false;
}

void
stale_warn_newer(const struct settings *settings, const struct tmail_routes *routes)
{
	struct conf conf = {0};
	bool older;

	if (settings->quiet || (settings->index_given && !settings->conf_given))
		return;
	older = has_newer_file(routes, settings->conf);
	if ((older || routes->size <= SMALL) && conf_open(&conf, settings->conf) == SOURCE_OK &&
	    (older || has_newer_source(routes, &conf.sources)) && stale_is(routes, &conf.sources))
		say_stale(settings);
	conf_close(&conf);
}
