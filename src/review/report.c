#include "review/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "answer/json.h"
#include "base/utf8.h"
#include "program/say.h"
#include "review/render.h"

const char *const report_formats[REPORT_FORMATS] = {
    [REPORT_HUMAN] = "human", [REPORT_JSON] = "json", [REPORT_GITHUB] = "github",
    [REPORT_SARIF] = "sarif"};

struct report {
	struct text text;
	const struct sources *sources;
};

/* Where a diagnostic stands, for people and programs: from 1, the end is behind it. */
struct place {
	const struct source *source;
	uint32_t line, column;
	uint32_t end_line, end_column;
};

static struct place
place_of(const struct report *r, struct span at)
{
	struct place place = {.source = sources_at(r->sources, at.begin)};

	render_place(place.source, at.begin, &place.line, &place.column);
	render_place(place.source, at.end, &place.end_line, &place.end_column);
	return place;
}

static const char *
severity_word(const struct diagnostic *d)
{
	return slugs[d->slug].severity == SEVERITY_ERROR ? "error" : "warning";
}

static void
add_slice(struct text *text, const char *key, struct slice s)
{
	json_text(text, key, s.ptr, s.len);
}

static void
add_json_note(struct report *r, const char *key, const struct diagnostic *d)
{
	struct place place = place_of(r, d->note_at);

	json_raw(&r->text, key, "{");
	if (d->note_unplaced) {
		json_raw(&r->text, "file", "null");
		json_raw(&r->text, "line", "null");
		json_raw(&r->text, "column", "null");
	} else {
		add_slice(&r->text, "file", place.source->path);
		json_number(&r->text, "line", place.line);
		json_number(&r->text, "column", place.column);
	}
	add_slice(&r->text, "message", d->note);
	text_str(&r->text, "}");
}

static void
add_json(struct report *r, const struct diagnostic *d)
{
	struct place place = place_of(r, d->at);

	json_raw(&r->text, NULL, "{");
	add_slice(&r->text, "file", place.source->path);
	json_number(&r->text, "line", place.line);
	json_number(&r->text, "column", place.column);
	json_number(&r->text, "end_line", place.end_line);
	json_number(&r->text, "end_column", place.end_column);
	json_str(&r->text, "severity", severity_word(d));
	json_str(&r->text, "slug", slugs[d->slug].name);
	add_slice(&r->text, "message", d->message);
	add_slice(&r->text, "help", d->help);
	if (d->has_note)
		add_json_note(r, "note", d);
	else
		json_raw(&r->text, "note", "null");
	json_raw(&r->text, "notes", "[");
	if (d->has_note)
		add_json_note(r, NULL, d);
	text_str(&r->text, "]}\n");
}

/* A value of a workflow command, as its own reader undoes it; property: it ends at ':' and ','. */
static void
add_command_text(struct report *r, struct slice s, bool property)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		char escape[4];

		if (c != '%' && c != '\r' && c != '\n' && (!property || (c != ':' && c != ','))) {
			text_add(&r->text, s.ptr + i, 1);
			continue;
		}
		snprintf(escape, sizeof(escape), "%%%02X", c);
		text_str(&r->text, escape);
	}
}

static void
add_property(struct report *r, const char *name, uint32_t n)
{
	text_str(&r->text, name);
	text_number(&r->text, n);
}

/* The name of a file, which anybody may have chosen. */
static struct text
shown_name(const struct source *source)
{
	struct text name = {0};

	text_name(&name, source->path.ptr, source->path.len);
	return name;
}

static void
add_github(struct report *r, const struct diagnostic *d)
{
	struct place place = place_of(r, d->at);
	struct text name = shown_name(place.source);

	text_str(&r->text, "::");
	text_str(&r->text, severity_word(d));
	text_str(&r->text, " file=");
	add_command_text(r, slice(name.ptr, name.len), true);
	add_property(r, ",line=", place.line);
	add_property(r, ",col=", place.column);
	add_property(r, ",endLine=", place.end_line);
	/* Columns of two lines cannot be shown there. */
	if (place.end_line == place.line)
		add_property(r, ",endColumn=", place.end_column);
	text_str(&r->text, ",title=");
	text_str(&r->text, slugs[d->slug].name);
	text_str(&r->text, "::");
	add_command_text(r, d->message, false);
	text_str(&r->text, "\n");
	text_release(&name);
}

static void
add_rules(struct report *r)
{
	json_raw(&r->text, "rules", "[");
	for (int slug = 0; slug < SLUG_COUNT; slug++) {
		const struct slug_row *row = &slugs[slug];

		json_raw(&r->text, NULL, "{");
		json_str(&r->text, "id", row->name);
		json_raw(&r->text, "shortDescription", "{");
		json_str(&r->text, "text", row->help);
		text_str(&r->text, "}");
		json_raw(&r->text, "help", "{");
		json_str(&r->text, "text", row->help);
		text_str(&r->text, "}");
		json_raw(&r->text, "defaultConfiguration", "{");
		json_str(&r->text, "level", row->severity == SEVERITY_ERROR ? "error" : "warning");
		text_str(&r->text, "}}");
	}
	text_str(&r->text, "]");
}

/* An absolute name as it is seen from `here`: what both have in front left out, "../" for the rest. */
static void
add_relative(struct text *text, struct slice path, const char *here)
{
	size_t same = 0, i = 0;

	for (; here[i] != '\0' && i < path.len && path.ptr[i] == here[i]; i++)
		if (here[i] == '/')
			same = i;
	if (here[i] == '\0' && i < path.len && path.ptr[i] == '/')
		same = i;
	for (const char *p = here + same; p[0] != '\0' && p[1] != '\0'; p++)
		if (*p == '/')
			text_str(text, "../");
	text_add(text, path.ptr + same + 1, path.len - same - 1);
}

/* The name of a file from this directory on; all but letters, digits and "-._~/" as %HH. */
static void
add_uri(struct report *r, const struct source *source)
{
	struct text name = shown_name(source), path = {0}, uri = {0};
	char *here = getcwd(NULL, 0);

	if (slice_is(slice(name.ptr, name.len), "-"))
		text_str(&path, "stdin");
	else if (name.ptr[0] == '/' && here != NULL)
		add_relative(&path, slice(name.ptr, name.len), here);
	else
		text_add(&path, name.ptr, name.len);
	if (path.ptr[0] == '/')
		text_str(&uri, "file://");
	for (size_t i = 0; i < path.len; i++) {
		char c = path.ptr[i], escape[4];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || strchr("-._~/", c) != NULL;

		snprintf(escape, sizeof(escape), plain ? "%c" : "%%%02X", (unsigned char)c);
		text_str(&uri, escape);
	}
	json_text(&r->text, "uri", uri.ptr, uri.len);
	text_release(&name);
	text_release(&path);
	text_release(&uri);
	free(here);
}

static void
add_location(struct report *r, struct span at, struct slice message)
{
	struct place place = place_of(r, at);

	json_raw(&r->text, NULL, "{");
	json_raw(&r->text, "physicalLocation", "{");
	json_raw(&r->text, "artifactLocation", "{");
	add_uri(r, place.source);
	text_str(&r->text, "}");
	json_raw(&r->text, "region", "{");
	json_number(&r->text, "startLine", place.line);
	json_number(&r->text, "startColumn", place.column);
	json_number(&r->text, "endLine", place.end_line);
	json_number(&r->text, "endColumn", place.end_column);
	text_str(&r->text, "}}");
	if (message.ptr != NULL) {
		json_raw(&r->text, "message", "{");
		add_slice(&r->text, "text", message);
		text_str(&r->text, "}");
	}
	text_str(&r->text, "}");
}

static void
add_result(struct report *r, const struct diagnostic *d)
{
	json_raw(&r->text, NULL, "{");
	json_str(&r->text, "ruleId", slugs[d->slug].name);
	json_number(&r->text, "ruleIndex", (uint64_t)d->slug);
	json_str(&r->text, "level", severity_word(d));
	json_raw(&r->text, "message", "{");
	add_slice(&r->text, "text", d->message);
	text_str(&r->text, "}");
	json_raw(&r->text, "locations", "[");
	add_location(r, d->at, slice(NULL, 0));
	text_str(&r->text, "]");
	if (d->has_note && !d->note_unplaced) {
		json_raw(&r->text, "relatedLocations", "[");
		add_location(r, d->note_at, d->note);
		text_str(&r->text, "]");
	}
	json_raw(&r->text, "properties", "{");
	if (d->help.ptr != NULL)
		add_slice(&r->text, "help", d->help);
	if (d->has_note && d->note_unplaced)
		add_slice(&r->text, "note", d->note);
	text_str(&r->text, "}");
	text_str(&r->text, "}");
}

static void
begin_sarif(struct report *r)
{
	json_raw(&r->text, NULL, "{");
	json_str(&r->text, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
	json_str(&r->text, "version", "2.1.0");
	json_raw(&r->text, "runs", "[{");
	json_raw(&r->text, "tool", "{");
	json_raw(&r->text, "driver", "{");
	json_str(&r->text, "name", "tmail");
	json_str(&r->text, "version", TMAIL_VERSION);
	add_rules(r);
	text_str(&r->text, "}}");
	json_str(&r->text, "columnKind", "unicodeCodePoints");
	json_raw(&r->text, "results", "[");
}

static void
add_all(struct report *r, enum report_format format, const struct diagnostics *diagnostics,
    bool errors, bool warnings)
{
	static void (*const add[REPORT_FORMATS])(struct report *, const struct diagnostic *) = {
	    [REPORT_JSON] = add_json, [REPORT_GITHUB] = add_github, [REPORT_SARIF] = add_result};
	struct diagnostics_cursor cursor = {0};
	const struct diagnostic *d;

	while ((d = diagnostics_next(diagnostics, &cursor)) != NULL)
		if (slugs[d->slug].severity == SEVERITY_ERROR ? errors : warnings)
			add[format](r, d);
}

void
report(enum report_format format, const struct diagnostics *diagnostics,
    const struct sources *sources, bool warnings)
{
	struct report r = {.sources = sources};

	if (format == REPORT_SARIF)
		begin_sarif(&r);
	add_all(&r, format, diagnostics, true, warnings && format != REPORT_GITHUB);
	if (format == REPORT_GITHUB)
		add_all(&r, format, diagnostics, false, warnings);
	if (format == REPORT_SARIF)
		text_str(&r.text, "]}]}\n");
	if (r.text.len > 0)
		fwrite(r.text.ptr, 1, r.text.len, stdout);
	text_release(&r.text);
	if (diagnostics_enough(diagnostics))
		cli_say("more than %zu errors", diagnostics_bearable(diagnostics));
}
