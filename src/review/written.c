#include "review/written.h"

#include "text/secret.h"

/* On the line where its comment stands, or the last one it was continued to. */
static uint32_t
last_line(const struct source *source, uint32_t end)
{
	const char *p = source_text(source, end), *line_end;

	for (;;) {
		p += strspn(p, " \t");
		line_end = *p == '\\' ? p + 1 + strspn(p + 1, "\r") : NULL;
		if (line_end == NULL || *line_end != '\n')
			return source_pos(source, p);
		p = line_end + 1;
	}
}

struct slice
written_lines(const struct source *source, uint32_t begin, uint32_t end, bool secrets,
    struct arena *arena)
{
	struct source_line last = source_line_at(source, last_line(source, end));
	const char *first = source_line_at(source, begin).text.ptr;
	struct secrets found = {0};
	struct slice lines;

	end = source_pos(source, last.text.ptr + last.text.len);
	if (!secrets)
		secrets_find_until(source, end, &found);
	lines = secrets_mask(&found, source, source_pos(source, first), end, arena);
	secrets_release(&found);
	return lines;
}

uint32_t
written_end(const struct conf *conf, uint32_t pos)
{
	struct conf_cursor cursor = {0};
	struct stmt stmt;

	while (conf_next(conf, &cursor, &stmt))
		if (stmt.pos == pos)
			return stmt_end(&stmt);
	return pos;
}

/* Behind what stands last of it: an option's value, or the outcome. */
static uint32_t
expectation_end(const struct expectation *e)
{
	uint32_t end = e->at.end;

	for (unsigned i = 0; i < e->expected_count; i++)
		if (e->expected[i].at.end > end)
			end = e->expected[i].at.end;
	return end;
}

struct slice
written_expectation(const struct expectation *e, struct arena *arena)
{
	const char *p = source_text(e->source, e->pos) + strlen("expect");
	const char *end = source_text(e->source, expectation_end(e));
	char *out = arena_bytes(arena, (size_t)(end - p));
	bool quoted = false, blank = false;
	size_t len = 0;

	for (; p < end; p++) {
		/* Outside of quotes a backslash stands at the end of a line only. */
		if (!quoted && strchr(" \t\r\n\\", *p) != NULL) {
			blank = true;
			continue;
		}
		if (blank && len > 0)
			out[len++] = ' ';
		blank = false;
		if (*p == '"')
			quoted = !quoted;
		out[len++] = *p;
		if (quoted && *p == '\\' && p + 1 < end)
			out[len++] = *++p;
	}
	return slice(out, len);
}
