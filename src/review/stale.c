#include "review/stale.h"
#include "program/say.h"

bool
stale_is(const struct tmail_routes *routes, const struct sources *sources)
{
	unsigned char digest[16];
	struct tmail_info info;

	sources_digest(sources, digest);
	tmail_routes_info(routes, &info);
	return memcmp(digest, info.source, sizeof(digest)) != 0;
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
		cli_say("warning: %s is stale: run tmail routes compile", settings->index);
	else if (status != TMAIL_OK && status != TMAIL_E_MISSING)
		cli_say("warning: %s: %s", settings->index, tmail_status_text(status));
	tmail_routes_close(routes);
}
