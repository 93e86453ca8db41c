#include "change/warnings.h"

#define GONE UINT32_MAX

/* Where a place is after the edit; GONE: in what was replaced. */
static uint32_t
moved(const struct edit *edit, uint32_t place)
{
	uint32_t pos = place;

	for (size_t i = 0; i < edit->count && edit->list[i].begin <= place; i++) {
		const struct splice *splice = &edit->list[i];

		if (place < splice->end)
			return GONE;
		pos += (uint32_t)splice->text.len - (splice->end - splice->begin);
	}
	return pos;
}

/*
 * Whether there was such a warning at this place before, or may have been: of
 * many, only the first are kept.  places: where those before are now.
 */
static bool
was_there(const struct diagnostics *before, const uint32_t *places,
    const struct diagnostic *warning)
{
	size_t kept = before->kept[SEVERITY_WARNING];
	uint32_t last = 0;

	for (size_t i = 0; i < kept; i++) {
		if (places[i] == warning->at.begin &&
		    before->list[SEVERITY_WARNING][i].slug == warning->slug)
			return true;
		last = places[i] == GONE ? last : places[i];
	}
	return before->count[SEVERITY_WARNING] > kept && warning->at.begin > last;
}

/* Of the new password, not of the first one in the file. */
static void
warn_readable(struct change *change)
{
	struct conf *next = &change->next;
	struct found *edited = &change->edited;
	struct diagnostics own = {0};

	find_statements(next, edited, 1);
	conf_warn_readable(&own, edited->source, conf_password(&edited->stmt));
	render_diagnostics(&own, &next->sources, RENDER_WARNINGS, &change->settings->err);
	diagnostics_release(&own);
}

void
warnings_of_change(struct change *change)
{
	const struct diagnostics *before = &change->conf.diagnostics;
	struct diagnostics *after = &change->next.diagnostics;
	struct diagnostic *list = after->list[SEVERITY_WARNING];
	uint32_t places[DIAGNOSTICS_SHOWN];
	size_t count = 0;

	for (size_t i = 0; i < before->kept[SEVERITY_WARNING]; i++)
		places[i] = moved(&change->edit, before->list[SEVERITY_WARNING][i].at.begin);
	for (size_t i = 0; i < after->kept[SEVERITY_WARNING]; i++)
		if (list[i].slug != SLUG_READABLE_PASSWORD && !was_there(before, places, &list[i]))
			list[count++] = list[i];
	after->kept[SEVERITY_WARNING] = after->count[SEVERITY_WARNING] = count;
	if (!change->warned)
		change_render(change->settings, &change->next, RENDER_WARNINGS);
	if (change->password && !change->settings->quiet)
		warn_readable(change);
}
