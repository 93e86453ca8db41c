#include "review/suite.h"

#include <stdlib.h>

#include "answer/json.h"
#include "review/listing.h"
#include "review/render.h"

const char *const suite_formats[SUITE_FORMATS] = {"human", "tap", "junit", "json"};

/* What cannot stand as it is, and what stands for it. */
struct escape {
	const char *special;
	const char *const *instead;
};

static void
add_escaped(struct text *text, const struct text *from, const struct escape *escape)
{
	for (size_t i = 0; i < from->len; i++) {
		char c = from->ptr[i];
		const char *found = c == '\0' ? NULL : strchr(escape->special, c);

		if (found != NULL)
			text_str(text, escape->instead[found - escape->special]);
		else
			text_add(text, &c, 1);
	}
}

/* In a description a '#' begins a directive: "# TODO" would make a failure none. */
static const struct escape tap_escape = {"#\\", (const char *const[]){"\\#", "\\\\"}};
static const struct escape xml_escape = {"<>&\"", (const char *const[]){"&lt;", "&gt;", "&amp;", "&quot;"}};

static uint32_t
line_of(const struct expectation *e)
{
	uint32_t line, column;

	render_place(e->source, e->pos, &line, &column);
	return line;
}

/* FILE:LINE; names of files are anybody's. */
static void
add_place(struct text *text, const struct expectation *e)
{
	text_name(text, e->source->path.ptr, e->source->path.len);
	text_str(text, ":");
	text_number(text, line_of(e));
}

static void
add_word(struct text *text, const char *word, struct slice value)
{
	if (value.ptr == NULL)
		return;
	text_str(text, word);
	text_safe(text, value.ptr, value.len);
}

static void
add_mail(struct text *text, const struct expectation *e)
{
	add_word(text, "to ", e->to);
	add_word(text, " user ", e->user);
	add_word(text, " from ", e->from);
}

static void
add_difference(struct text *text, const struct verdict *v)
{
	text_add(text, v->expected.ptr, v->expected.len);
	text_str(text, " is expected, ");
	text_add(text, v->got.ptr, v->got.len);
	text_str(text, " it is");
}

static void
print_failures(struct suite *s)
{
	render_diagnostics(&s->failures, &s->conf->sources, RENDER_NO_WARNINGS, s->screen);
	diagnostics_release(&s->failures);
}

/* Many at once, since each time secrets are looked for in all the file; those of an include
 * stand where it does, which is not the order of places. */
static void
tell_human(struct suite *s)
{
	size_t kept = s->failures.kept[SEVERITY_ERROR];

	if (s->verdict.passed)
		return;
	if (kept == DIAGNOSTICS_EVERY || (kept > 0 && s->verdict.at.begin <=
	    s->failures.list[SEVERITY_ERROR][kept - 1].at.begin))
		print_failures(s);
	s->failures.every = true;
	verdict_diagnose(s->routes, &s->verdict, s->own_routes ? &s->conf->model : NULL,
	    &s->failures);
}

/* A string of JSON is one of YAML. */
static void
add_yaml(struct text *text, const char *key, const struct text *value)
{
	struct text line = {0};

	json_text(&line, NULL, value->ptr, value->len);
	text_str(text, key);
	text_add(text, line.ptr, line.len);
	text_str(text, "\n");
	text_release(&line);
}

static void
tell_tap(struct suite *s, const struct expectation *e)
{
	struct text name = {0};

	add_place(&name, e);
	text_str(&name, " ");
	add_mail(&name, e);
	text_str(&s->text, s->verdict.passed ? "ok " : "not ok ");
	text_number(&s->text, s->passed + s->failed);
	text_str(&s->text, " - ");
	add_escaped(&s->text, &name, &tap_escape);
	text_str(&s->text, "\n");
	text_release(&name);
	if (s->verdict.passed)
		return;
	text_str(&s->text, "  ---\n");
	add_yaml(&s->text, "  expected: ", &s->verdict.expected);
	add_yaml(&s->text, "  got: ", &s->verdict.got);
	text_str(&s->text, "  ...\n");
}

static void
tell_junit(struct suite *s, const struct expectation *e)
{
	struct text name = {0}, why = {0};

	add_place(&name, e);
	text_str(&s->text, "    <testcase classname=\"expect\" name=\"");
	add_escaped(&s->text, &name, &xml_escape);
	text_str(&s->text, s->verdict.passed ? "\"/>\n" : "\">\n      <failure message=\"");
	if (!s->verdict.passed) {
		add_difference(&why, &s->verdict);
		add_escaped(&s->text, &why, &xml_escape);
		text_str(&s->text, "\">");
		name.len = 0;
		add_mail(&name, e);
		add_escaped(&s->text, &name, &xml_escape);
		text_str(&s->text, "</failure>\n    </testcase>\n");
	}
	text_release(&name);
	text_release(&why);
}

void
verdict_json(struct text *text, const struct expectation *e, const struct verdict *verdict)
{
	json_raw(text, NULL, "{");
	json_text(text, "file", e->source->path.ptr, e->source->path.len);
	json_number(text, "line", line_of(e));
	json_text(text, "to", e->to.ptr, e->to.len);
	json_text(text, "user", e->user.ptr, e->user.len);
	json_text(text, "from", e->from.ptr, e->from.len);
	json_text(text, "expected", verdict->expected.ptr, verdict->expected.len);
	json_text(text, "got", verdict->got.ptr, verdict->got.len);
	json_raw(text, "passed", verdict->passed ? "true" : "false");
	text_str(text, "}");
}

static void
tell(struct suite *s, const struct expectation *e)
{
	switch (s->format) {
	case SUITE_TAP:
		tell_tap(s, e);
		return;
	case SUITE_JUNIT:
		tell_junit(s, e);
		return;
	case SUITE_JSON:
		verdict_json(&s->text, e, &s->verdict);
		text_str(&s->text, "\n");
		return;
	default:
		tell_human(s);
	}
}

/* The routes of the group that the expectation looked at. */
static void
reach(struct suite *s)
{
	struct tmail_route route;

	for (uint32_t n = 0; s->verdict.matched && n < s->verdict.match.count; n++) {
		if (tmail_match_route(s->routes, &s->verdict.match, n, &route) != TMAIL_OK)
			return;
		s->reached = mem_grow(s->reached, s->reached_total, &s->reached_capacity,
		    sizeof(*s->reached));
		s->reached[s->reached_total++] = route.id;
	}
}

static int
by_id(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* A route that no expectation reaches, in the place and the words of the format. */
struct unreached {
	struct slice file;
	uint32_t line, column, id;
};

static void
tell_unreached(struct suite *s, const struct unreached *route, struct text *missing)
{
	static const struct escape none = {"", NULL};
	struct text line = {0};

	if (s->format == SUITE_JSON) {
		text_str(missing, missing->len == 0 ? "" : ",");
		text_number(missing, route->id);
		return;
	}
	text_name(&line, route->file.ptr, route->file.len);
	text_str(&line, ":");
	text_number(&line, route->line);
	text_str(&line, ":");
	text_number(&line, route->column);
	text_str(&line, ": note: no expectation reaches route ");
	text_number(&line, route->id);
	text_str(missing, s->format == SUITE_TAP ? "# " : "");
	add_escaped(missing, &line, s->format == SUITE_JUNIT ? &xml_escape : &none);
	text_str(missing, "\n");
	text_release(&line);
}

static bool
is_reached(struct suite *s, uint32_t id)
{
	s->route_count++;
	if (s->reached_total == 0 ||
	    bsearch(&id, s->reached, s->reached_total, sizeof(*s->reached), by_id) == NULL)
		return false;
	s->reached_count++;
	return true;
}

static void
cover_conf(struct suite *s, struct text *missing)
{
	const struct model *model = &s->conf->model;

	for (size_t i = 0; i < model->route_count; i++) {
		const struct model_route *route = &model->routes[i];
		const struct source *source = sources_at(&s->conf->sources, route->pos);
		struct unreached unreached = {.file = source->path, .id = route->id};

		if (is_reached(s, route->id))
			continue;
		render_place(source, route->pos, &unreached.line, &unreached.column);
		tell_unreached(s, &unreached, missing);
	}
}

static enum tmail_status
cover_index(struct suite *s, struct text *missing)
{
	struct listing listing;
	struct row row;
	enum tmail_status status = listing_of_open(&listing, s->routes);

	while (status == TMAIL_OK && listing_next(&listing, &row)) {
		const struct tmail_route *route = &row.route;
		struct unreached unreached = {slice(route->file.ptr, route->file.len),
		    route->line, 1, route->id};

		if (!is_reached(s, route->id))
			tell_unreached(s, &unreached, missing);
	}
	if (status == TMAIL_OK)
		status = listing.status;
	listing_release(&listing);
	return status;
}

/* "coverage: 7 of 9 routes (77.7 %)": never more than it is. */
static void
tell_coverage(struct suite *s, const struct text *missing)
{
	size_t all = s->route_count, permille = all == 0 ? 1000 : s->reached_count * 1000 / all;

	if (s->format == SUITE_JSON) {
		json_raw(&s->text, NULL, "{");
		json_raw(&s->text, "coverage", "{");
		json_number(&s->text, "routes", all);
		json_number(&s->text, "reached", s->reached_count);
		json_raw(&s->text, "missing", "[");
		text_add(&s->text, missing->ptr, missing->len);
		text_str(&s->text, "]}}\n");
		return;
	}
	text_str(&s->text, s->format == SUITE_JUNIT ? "    <system-out>" : "");
	text_add(&s->text, missing->ptr, missing->len);
	text_str(&s->text, s->format == SUITE_TAP ? "# coverage: " : "coverage: ");
	text_number(&s->text, s->reached_count);
	text_str(&s->text, " of ");
	text_number(&s->text, all);
	text_str(&s->text, " routes (");
	text_number(&s->text, permille / 10);
	text_str(&s->text, ".");
	text_number(&s->text, permille % 10);
	text_str(&s->text, s->format == SUITE_JUNIT ? " %)</system-out>\n" : " %)\n");
}

static enum tmail_status
cover(struct suite *s)
{
	struct text missing = {0};
	enum tmail_status status = TMAIL_OK;

	if (s->reached_total > 1)
		qsort(s->reached, s->reached_total, sizeof(*s->reached), by_id);
	if (s->own_routes)
		cover_conf(s, &missing);
	else
		status = cover_index(s, &missing);
	tell_coverage(s, &missing);
	text_release(&missing);
	return status;
}

static void
print(struct suite *s)
{
	size_t count = s->passed + s->failed;
	FILE *out = s->screen->file;

	if (s->format == SUITE_TAP)
		fprintf(out, "TAP version 13\n1..%zu\n", count);
	if (s->format == SUITE_JUNIT)
		fprintf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			"<testsuites tests=\"%zu\" failures=\"%zu\">\n"
			"  <testsuite name=\"tmail routes\" tests=\"%zu\" failures=\"%zu\">\n",
		    count, s->failed, count, s->failed);
	if (s->text.len > 0)
		fwrite(s->text.ptr, 1, s->text.len, out);
	if (s->format == SUITE_JUNIT)
		fputs("  </testsuite>\n</testsuites>\n", out);
	if (s->format == SUITE_HUMAN)
		fprintf(out, "%zu passed, %zu failed\n", s->passed, s->failed);
}

enum tmail_status
suite_run(struct suite *s)
{
	enum tmail_status status = TMAIL_OK;

	s->verdict.always = s->format == SUITE_JSON;
	for (size_t i = 0; i < s->conf->expectation_count; i++) {
		const struct expectation *e = &s->conf->expectations[i];

		prove(s->routes, e, &s->verdict);
		s->passed += s->verdict.passed;
		s->failed += !s->verdict.passed;
		if (s->coverage)
			reach(s);
		tell(s, e);
	}
	print_failures(s);
	if (s->coverage)
		status = cover(s);
	print(s);
	verdict_release(&s->verdict);
	text_release(&s->text);
	free(s->reached);
	return status;
}
