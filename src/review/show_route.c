#include "review/show_route.h"

#include "answer/json.h"
#include "answer/show.h"
#include "review/around.h"
#include "review/effective.h"
#include "review/render.h"
#include "review/row_json.h"
#include "review/suite.h"
#include "review/written.h"

/* Groups that people are shown, of each kind, and routes of each. */
enum { GROUPS_SHOWN = 20, MEMBERS_SHOWN = 20 };

/* The route that is being shown. */
struct one {
	struct showing *s;
	struct row row;
	uint32_t pos;
	const struct source *source;
	uint32_t line, column;
	struct slice lines;
	struct around around;
	struct arena arena;
	enum tmail_status status;
};

static void
begin_line(struct one *one, const char *word)
{
	text_str(&one->s->text, "      = ");
	text_str(&one->s->text, word);
}

static void
end_line(struct one *one)
{
	text_str(&one->s->text, "\n");
}

/* A line as written: of control bytes tabs stay. */
static void
add_written(struct text *text, const char *p, const char *end)
{
	const char *tab;

	for (; (tab = memchr(p, '\t', (size_t)(end - p))) != NULL; p = tab + 1) {
		text_name(text, p, (size_t)(tab - p));
		text_str(text, "\t");
	}
	text_name(text, p, (size_t)(end - p));
}

/* FILE:LINE:COLUMN, and the lines of the statement below it, as diagnostics have them. */
static void
add_statement(struct one *one)
{
	struct text *text = &one->s->text;
	const char *p = one->lines.ptr, *end = p + one->lines.len, *stop;
	char number[16];

	text_name(text, one->source->path.ptr, one->source->path.len);
	text_str(text, ":");
	text_number(text, one->line);
	text_str(text, ":");
	text_number(text, one->column);
	text_str(text, ": route ");
	text_number(text, one->row.route.id);
	text_str(text, "\n");
	for (uint32_t line = one->line; p <= end; line++, p = stop + 1) {
		stop = p < end ? memchr(p, '\n', (size_t)(end - p)) : NULL;
		if (stop == NULL)
			stop = end;
		snprintf(number, sizeof(number), "%5u | ", line);
		text_str(text, number);
		add_written(text, p, stop > p && stop[-1] == '\r' ? stop - 1 : stop);
		text_str(text, "\n");
	}
}

/* The routes of a group, but for the one that is shown. */
static void
add_members(struct one *one, const struct tmail_match *match, const char *before)
{
	struct tmail_route route;
	uint32_t shown = 0, n;

	for (n = 0; n < match->count && shown < MEMBERS_SHOWN && one->status == TMAIL_OK; n++) {
		one->status = tmail_match_route(one->s->routes, match, n, &route);
		if (one->status != TMAIL_OK || route.id == one->row.route.id)
			continue;
		text_str(&one->s->text, before);
		show_place(&one->s->text, &route);
		before = ", ";
		shown++;
	}
	if (n < match->count)
		text_str(&one->s->text, ", ...");
}

static void
add_groups(struct one *one, const struct around_groups *groups, const char *word,
    const char *before)
{
	for (size_t i = 0; i < groups->count && i < GROUPS_SHOWN; i++) {
		const struct tmail_match *match = &groups->list[i].match;

		begin_line(one, word);
		show_rung(&one->s->text, one->s->routes, match->user, match->from, match->to);
		add_members(one, match, before);
		end_line(one);
	}
	if (groups->count <= GROUPS_SHOWN)
		return;
	begin_line(one, word);
	text_number(&one->s->text, groups->count - GROUPS_SHOWN);
	text_str(&one->s->text, " more");
	end_line(one);
}

static void
add_expected(struct one *one, const struct expectation *e)
{
	struct text *text = &one->s->text;
	struct slice words = written_expectation(e, &one->arena);
	struct verdict verdict = {0};
	uint32_t line, column;

	render_place(e->source, e->pos, &line, &column);
	begin_line(one, "expected: ");
	text_safe(text, words.ptr, words.len);
	text_str(text, " (");
	text_name(text, e->source->name.ptr, e->source->name.len);
	text_str(text, ":");
	text_number(text, line);
	text_str(text, ")");
	prove(one->s->routes, e, &verdict);
	if (!verdict.passed) {
		text_str(text, ", but ");
		text_add(text, verdict.got.ptr, verdict.got.len);
		text_str(text, " it is");
	}
	verdict_release(&verdict);
	end_line(one);
}

static void
add_human(struct one *one)
{
	const struct around *around = &one->around;

	add_statement(one);
	begin_line(one, "in effect: ");
	effective_words(&one->s->text, one->s->listing, &one->row, one->s->secrets);
	end_line(one);
	add_groups(one, &around->own, "group: ", ", with ");
	add_groups(one, &around->above, "above: ", ": ");
	for (size_t i = 0; i < around->expected_count; i++)
		add_expected(one, &one->s->conf->expectations[around->expected[i]]);
}

static void
add_json_group(struct one *one, const struct tmail_match *match)
{
	struct text *text = &one->s->text;
	struct tmail_route route;

	json_raw(text, NULL, "{");
	json_slice(text, "user", match->user);
	json_slice(text, "to", match->to);
	json_slice(text, "from", match->from);
	json_str(text, "action", show_action(match->action));
	json_raw(text, "routes", "[");
	for (uint32_t n = 0; n < match->count && one->status == TMAIL_OK; n++) {
		one->status = tmail_match_route(one->s->routes, match, n, &route);
		if (one->status != TMAIL_OK)
			continue;
		json_raw(text, NULL, "{");
		json_number(text, "id", route.id);
		json_slice(text, "file", route.file);
		json_number(text, "line", route.line);
		text_str(text, "}");
	}
	text_str(text, "]}");
}

static void
add_json_groups(struct one *one, const char *key, const struct around_groups *groups)
{
	json_raw(&one->s->text, key, "[");
	for (size_t i = 0; i < groups->count; i++)
		add_json_group(one, &groups->list[i].match);
	text_str(&one->s->text, "]");
}

static void
add_json(struct one *one)
{
	struct text *text = &one->s->text;
	struct verdict verdict = {.always = true};

	row_json_route(text, one->s->listing, &one->row, one->s->secrets);
	text->len--;	/* the brace */
	json_number(text, "column", one->column);
	json_text(text, "statement", one->lines.ptr, one->lines.len);
	add_json_groups(one, "groups", &one->around.own);
	add_json_groups(one, "above", &one->around.above);
	json_raw(text, "expectations", "[");
	for (size_t i = 0; i < one->around.expected_count; i++) {
		const struct expectation *e =
		    &one->s->conf->expectations[one->around.expected[i]];

		prove(one->s->routes, e, &verdict);
		verdict_json(text, e, &verdict);
	}
	text_str(text, "]}\n");
	verdict_release(&verdict);
}

/* False: the row is damaged. */
static bool
read_one(struct one *one, uint32_t number)
{
	struct showing *s = one->s;

	if (!listing_next(s->listing, &one->row))
		return false;
	one->pos = s->conf->model.routes[number].pos;
	one->source = sources_at(&s->conf->sources, one->pos);
	render_place(one->source, one->pos, &one->line, &one->column);
	one->lines = written_lines(one->source, one->pos, written_end(s->conf, one->pos),
	    s->secrets, &one->arena);
	one->around = (struct around){.conf = s->conf, .routes = s->routes, .route = number};
	one->status = around_find(&one->around);
	return one->status == TMAIL_OK;
}

bool
show_route(struct showing *s, uint32_t id, enum tmail_status *status)
{
	struct one one = {.s = s};

	if (!listing_find(s->listing, id))
		return false;
	s->text.len = 0;
	if (read_one(&one, listing_number(s->listing)))
		(s->json ? add_json : add_human)(&one);
	*status = s->listing->status != TMAIL_OK ? s->listing->status : one.status;
	if (*status == TMAIL_OK)
		fwrite(s->text.ptr, 1, s->text.len, s->screen->file);
	around_release(&one.around);
	arena_release(&one.arena);
	return true;
}

void
showing_release(struct showing *s)
{
	text_release(&s->text);
}
