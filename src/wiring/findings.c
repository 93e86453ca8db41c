#include "wiring/findings.h"

#include <stdarg.h>
#include <stdio.h>

/* Room for what quotes names of 255 bytes. */
enum { TEXT_MAX = 2048 };

void
findings_add(struct findings *findings, enum finding_kind kind, const struct tmail_route *route,
    const char *format, ...)
{
	size_t at = findings->count[kind]++;
	char text[TEXT_MAX];
	va_list ap;

	if (at >= FINDINGS_KEPT)
		return;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	findings->list[kind][at] = (struct finding){.id = route->id, .line = route->line,
	    .file = route->file, .text = arena_printf(&findings->arena, "%s", text).ptr};
}

size_t
findings_kept(const struct findings *findings, enum finding_kind kind)
{
	return findings->count[kind] < FINDINGS_KEPT ? findings->count[kind] : FINDINGS_KEPT;
}

void
findings_release(struct findings *findings)
{
	arena_release(&findings->arena);
}
