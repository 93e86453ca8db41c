#include "review/row_json.h"

#include "answer/json.h"
#include "answer/show.h"
#include "store/names.h"
#include "text/secret.h"
#include "text/suspect.h"

static void
add_patterns(struct text *text, const char *key, const struct listing *listing,
    const struct row *row, int selector)
{
	struct text quoted = {0};

	json_raw(text, key, "[");
	for (uint32_t i = 0; i < row->count[selector]; i++) {
		struct pattern pattern;
		struct slice shown;

		listing_pattern(listing, row, selector, i, &pattern);
		shown = pattern_shown(&pattern, &quoted);
		json_text(text, NULL, shown.ptr, shown.len);
	}
	text_str(text, "]");
	text_release(&quoted);
}

/* The lists that the patterns were written with, each once; null: not known. */
static void
add_lists(struct text *text, const struct listing *listing, const struct row *row)
{
	uint32_t count = 0;
	struct names told;

	if (row->lists == NULL) {
		json_raw(text, "lists", "null");
		return;
	}
	for (int i = 0; i < ROW_SELECTORS; i++)
		count += row->list_count[i];
	json_raw(text, "lists", "[");
	names_init(&told, listing->conf->seed, count);
	for (uint32_t i = 0; i < count; i++) {
		size_t before = told.count;

		names_intern(&told, row->lists[i], true);
		if (told.count > before)
			json_text(text, NULL, row->lists[i].ptr, row->lists[i].len);
	}
	names_release(&told);
	text_str(text, "]");
}

/* A comment may be what was a statement once, password and all. */
static void
add_comment(struct text *text, struct slice comment, bool secrets)
{
	const char *secret = NULL;
	bool carried = false;

	if (comment.ptr != NULL && !secrets)
		secret = suspect_line(comment.ptr, comment.ptr + comment.len, &carried);
	if (secret != NULL)
		comment.len = (size_t)(secret - comment.ptr);
	json_text(text, "comment", comment.ptr, comment.len);
	if (secret != NULL) {
		text->len--;	/* the quote */
		text_str(text, SECRET_MASK "\"");
	}
}

static void
add_place(struct text *text, const struct row *row, bool secrets)
{
	json_slice(text, "file", row->route.file);
	json_number(text, "line", row->route.line);
	add_comment(text, row->comment, secrets);
}

void
row_json_route(struct text *text, struct listing *listing, const struct row *row, bool secrets)
{
	const struct tmail_route *route = &row->route;

	json_raw(text, NULL, "{");
	json_number(text, "id", route->id);
	add_patterns(text, "to", listing, row, ROW_TO);
	add_patterns(text, "user", listing, row, ROW_USER);
	add_patterns(text, "from", listing, row, ROW_FROM);
	json_str(text, "action", show_action(row->match.action));
	if (route->hop == TMAIL_HOP_NONE) {
		json_slice(text, "text", row->match.text);
		json_number(text, "priority", route->priority);
	} else {
		listing->status = json_route(text, listing->routes, route, secrets);
	}
	json_slice(text, "relay", route->relay);
	add_lists(text, listing, row);
	add_place(text, row, secrets);
	text_str(text, "}");
}

void
row_json_relay(struct text *text, struct listing *listing, const struct row *row, bool secrets)
{
	json_raw(text, NULL, "{");
	json_slice(text, "name", row->route.relay);
	listing->status = json_relay(text, listing->routes, &row->route, secrets);
	add_place(text, row, secrets);
	text_str(text, "}");
}
