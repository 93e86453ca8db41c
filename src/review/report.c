#include "review/report.h"

#include <stdio.h>

#include "answer/json.h"
#include "text/render.h"

static json_t *
text(struct slice s)
{
	return json_of_text(s.ptr, s.len);
}

static void
set_place(json_t *object, const struct sources *sources, struct span at, bool end)
{
	const struct source *source = sources_at(sources, at.begin);
	uint32_t line, column;

	render_place(source, at.begin, &line, &column);
	json_object_set_new(object, "file", text(source->path));
	json_object_set_new(object, "line", json_integer(line));
	json_object_set_new(object, "column", json_integer(column));
	if (!end)
		return;
	render_place(source, at.end, &line, &column);
	json_object_set_new(object, "end_line", json_integer(line));
	json_object_set_new(object, "end_column", json_integer(column));
}

static json_t *
note(const struct diagnostic *d, const struct sources *sources)
{
	json_t *object;

	if (!d->has_note)
		return json_null();
	object = json_object();
	set_place(object, sources, d->note_at, false);
	json_object_set_new(object, "message", text(d->note));
	return object;
}

static void
add_line(struct text *lines, const struct diagnostic *d, enum severity severity,
    const struct sources *sources)
{
	json_t *object = json_object();

	set_place(object, sources, d->at, true);
	json_object_set_new(object, "severity",
	    json_string(severity == SEVERITY_ERROR ? "error" : "warning"));
	json_object_set_new(object, "slug", json_string(d->slug));
	json_object_set_new(object, "message", text(d->message));
	json_object_set_new(object, "help", text(d->help));
	json_object_set_new(object, "note", note(d, sources));
	json_finish(object, lines);
	text_str(lines, "\n");
}

void
report_json(const struct diagnostics *diagnostics, const struct sources *sources, bool warnings)
{
	struct diagnostics_cursor cursor = {0};
	const struct diagnostic *d;
	enum severity severity;
	struct text lines = {0};

	json_setup();
	while ((d = diagnostics_next(diagnostics, &cursor, &severity)) != NULL)
		if (severity == SEVERITY_ERROR || warnings)
			add_line(&lines, d, severity, sources);
	if (lines.len > 0)
		fwrite(lines.ptr, 1, lines.len, stdout);
	text_release(&lines);
}
