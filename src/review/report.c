#include "review/report.h"

#include <stdio.h>

#include "answer/json.h"
#include "review/render.h"

static void
add_slice(struct text *lines, const char *key, struct slice s)
{
	json_text(lines, key, s.ptr, s.len);
}

static void
add_place(struct text *lines, const struct sources *sources, struct span at, bool end)
{
	const struct source *source = sources_at(sources, at.begin);
	uint32_t line, column;

	render_place(source, at.begin, &line, &column);
	add_slice(lines, "file", source->path);
	json_number(lines, "line", line);
	json_number(lines, "column", column);
	if (!end)
		return;
	render_place(source, at.end, &line, &column);
	json_number(lines, "end_line", line);
	json_number(lines, "end_column", column);
}

static void
add_note(struct text *lines, const struct diagnostic *d, const struct sources *sources)
{
	if (!d->has_note) {
		json_raw(lines, "note", "null");
		return;
	}
	json_raw(lines, "note", "{");
	add_place(lines, sources, d->note_at, false);
	add_slice(lines, "message", d->note);
	text_str(lines, "}");
}

static void
add_line(struct text *lines, const struct diagnostic *d, const struct sources *sources)
{
	json_raw(lines, NULL, "{");
	add_place(lines, sources, d->at, true);
	json_str(lines, "severity",
	    slugs[d->slug].severity == SEVERITY_ERROR ? "error" : "warning");
	json_str(lines, "slug", slugs[d->slug].name);
	add_slice(lines, "message", d->message);
	add_slice(lines, "help", d->help);
	add_note(lines, d, sources);
	text_str(lines, "}\n");
}

void
report_json(const struct diagnostics *diagnostics, const struct sources *sources, bool warnings)
{
	struct diagnostics_cursor cursor = {0};
	const struct diagnostic *d;
	struct text lines = {0};

	while ((d = diagnostics_next(diagnostics, &cursor)) != NULL)
		if (slugs[d->slug].severity == SEVERITY_ERROR || warnings)
			add_line(&lines, d, sources);
	if (lines.len > 0)
		fwrite(lines.ptr, 1, lines.len, stdout);
	text_release(&lines);
}
