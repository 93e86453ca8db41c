#include "text/diagnostic.h"

#include <stdarg.h>
#include <stdlib.h>

#include "text/allow.h"
#include "text/secret.h"
#include "text/suspect.h"
#include "base/utf8.h"

/* The message, but for the password of each "u:s3cret@h.example" in it, which has no blank. */
static struct slice
keep(struct arena *arena, const char *text, size_t n)
{
	const char *end = text + n, *p = text;
	size_t ats = 0, used = 0;
	char *out;

	for (size_t i = 0; i < n; i++)
		ats += text[i] == '@';
	out = arena_bytes(arena, n + ats * (sizeof(SECRET_MASK) - 1) + 1);
	while (p < end) {
		const char *blank = memchr(p, ' ', (size_t)(end - p));
		const char *stop = blank == NULL ? end : blank + 1;
		const char *secret = suspect_user_info(slice(p, (size_t)(stop - p)));

		if (secret != NULL) {
			memcpy(out + used, p, (size_t)(secret - p));
			used += (size_t)(secret - p);
			memcpy(out + used, SECRET_MASK, sizeof(SECRET_MASK) - 1);
			used += sizeof(SECRET_MASK) - 1;
			/* A password may have an '@', too: the last one is the host's. */
			p = memrchr(secret, '@', (size_t)(stop - secret));
		}
		memcpy(out + used, p, (size_t)(stop - p));
		used += (size_t)(stop - p);
		p = stop;
	}
	return slice(out, used);
}

static struct slice __attribute__((format(printf, 2, 0)))
print(struct diagnostics *diagnostics, const char *format, va_list ap)
{
	char text[1024];
	int n = vsnprintf(text, sizeof(text), format, ap);

	if (n < 0)
		n = 0;
	if ((size_t)n >= sizeof(text))
		n = sizeof(text) - 1;
	return keep(&diagnostics->arena, text, utf8_disarm(text, (size_t)n));
}

/* How many of the kept ones begin at `pos` or before. */
static size_t
up_to(const struct diagnostics *diagnostics, enum severity severity, uint32_t pos)
{
	size_t low = 0, high = diagnostics->kept[severity];

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (diagnostics->list[severity][middle].at.begin <= pos)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Room for a diagnostic behind the first i, in order of place; NULL if it is too far back. */
static struct diagnostic *
insert(struct diagnostics *diagnostics, enum severity severity, size_t i)
{
	size_t most = diagnostics->every ? DIAGNOSTICS_EVERY : DIAGNOSTICS_SHOWN;
	size_t *kept = &diagnostics->kept[severity];
	struct diagnostic *list;

	if (i == most)
		return NULL;
	*kept -= *kept == most;
	list = diagnostics->list[severity] = mem_grow(diagnostics->list[severity], *kept,
	    &diagnostics->capacity[severity], sizeof(*list));
	memmove(list + i + 1, list + i, (*kept - i) * sizeof(*list));
	(*kept)++;
	return &list[i];
}

/* A list's value is judged for each list and selector: told once is enough. */
static bool
is_told(const struct diagnostic *list, size_t i, struct span at, enum slug slug)
{
	while (i-- > 0 && list[i].at.begin == at.begin)
		if (list[i].at.end == at.end && list[i].slug == slug)
			return true;
	return false;
}

struct diagnostic *
diagnose(struct diagnostics *diagnostics, struct span at, enum slug slug, const char *format, ...)
{
	enum severity severity = slugs[slug].severity;
	struct diagnostic *diagnostic;
	size_t place;
	va_list ap;

	diagnostics->last = &diagnostics->unseen;
	if (severity == SEVERITY_WARNING && diagnostics->allowed != NULL &&
	    allow_use(diagnostics->allowed, slug, at.begin))
		return diagnostics->last;
	place = up_to(diagnostics, severity, at.begin);
	if (is_told(diagnostics->list[severity], place, at, slug))
		return diagnostics->last;
	diagnostic = insert(diagnostics, severity, place);
	diagnostics->count[severity]++;
	if (diagnostic == NULL)
		return diagnostics->last;
	diagnostics->last = diagnostic;
	*diagnostic = (struct diagnostic){.at = at, .slug = slug};
	va_start(ap, format);
	diagnostic->message = print(diagnostics, format, ap);
	va_end(ap);
	return diagnostic;
}

void
diagnostic_note(struct diagnostics *diagnostics, struct diagnostic *diagnostic, struct span at,
    const char *format, ...)
{
	va_list ap;

	if (diagnostic == &diagnostics->unseen)
		return;
	va_start(ap, format);
	diagnostic->note = print(diagnostics, format, ap);
	va_end(ap);
	diagnostic->note_at = at;
	diagnostic->has_note = true;
}

void
diagnostic_remark(struct diagnostics *diagnostics, struct diagnostic *diagnostic,
    const char *format, ...)
{
	va_list ap;

	if (diagnostic == &diagnostics->unseen)
		return;
	va_start(ap, format);
	diagnostic->note = print(diagnostics, format, ap);
	va_end(ap);
	diagnostic->has_note = diagnostic->note_unplaced = true;
}

void
diagnostic_help(struct diagnostics *diagnostics, struct diagnostic *diagnostic,
    const char *format, ...)
{
	va_list ap;

	if (diagnostic == &diagnostics->unseen)
		return;
	va_start(ap, format);
	diagnostic->help = print(diagnostics, format, ap);
	va_end(ap);
}

const struct diagnostic *
diagnostics_next(const struct diagnostics *diagnostics, struct diagnostics_cursor *cursor)
{
	const struct diagnostic *next = NULL;

	for (int i = 0; i < SEVERITY_COUNT; i++) {
		const struct diagnostic *d;

		if (cursor->at[i] == diagnostics->kept[i])
			continue;
		d = &diagnostics->list[i][cursor->at[i]];
		if (next != NULL && next->at.begin <= d->at.begin)
			continue;
		next = d;
	}
	if (next != NULL)
		cursor->at[slugs[next->slug].severity]++;
	return next;
}

void
diagnostics_release(struct diagnostics *diagnostics)
{
	for (int i = 0; i < SEVERITY_COUNT; i++)
		free(diagnostics->list[i]);
	arena_release(&diagnostics->arena);
	*diagnostics = (struct diagnostics){0};
}
