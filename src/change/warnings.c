#include "change/warnings.h"

/* Where a place is after the edit; false: it is in what was replaced. */
static bool
move(const struct edit *edit, uint32_t *pos)
{
	uint32_t before = *pos;

	for (size_t i = 0; i < edit->count && edit->list[i].begin <= before; i++) {
		const struct splice *splice = &edit->list[i];

		if (before < splice->end)
			return false;
		*pos += (uint32_t)splice->text.len - (splice->end - splice->begin);
	}
	return true;
}

/*
 * Whether there was such a warning at this place before, or may have been: of
 * many, only the first are kept.
 */
static bool
was_there(const struct change *change, const struct diagnostic *warning)
{
	const struct diagnostics *before = &change->conf.diagnostics;
	const struct diagnostic *list = before->list[SEVERITY_WARNING];
	size_t kept = before->kept[SEVERITY_WARNING];
	uint32_t pos = 0;

	for (size_t i = 0; i < kept; i++) {
		pos = list[i].at.begin;
		if (move(&change->edit, &pos) && pos == warning->at.begin &&
		    list[i].slug == warning->slug)
			return true;
	}
	return before->count[SEVERITY_WARNING] > kept && warning->at.begin > pos;
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
	struct diagnostics *after = &change->next.diagnostics;
	struct diagnostic *list = after->list[SEVERITY_WARNING];
	size_t count = 0;

	for (size_t i = 0; i < after->kept[SEVERITY_WARNING]; i++)
		if (list[i].slug != SLUG_READABLE_PASSWORD && !was_there(change, &list[i]))
			list[count++] = list[i];
	after->kept[SEVERITY_WARNING] = after->count[SEVERITY_WARNING] = count;
	if (!change->warned)
		change_render(change->settings, &change->next, RENDER_WARNINGS);
	if (change->password && !change->settings->quiet)
		warn_readable(change);
}
