/* diff.c - needs no search for common lines: the edit's splices say which lines changed. */
#include "change/diff.h"

#include <stdio.h>
#include <stdlib.h>

#include "text/secret.h"
#include "base/utf8.h"

enum { CONTEXT = 3 };

/* Lines old_begin.. of the old file became lines new_begin.. of the new one. */
struct block {
	size_t old_begin, old_end;
	size_t new_begin, new_end;
};

/* A file's lines, secrets masked. */
struct side {
	const struct source *source;
	struct secrets secrets;
	uint32_t *starts;	/* position of each line, and of the end */
	size_t lines;
};

struct diff {
	struct arena arena;
	struct side old, new;
	struct block *blocks;
	size_t count, capacity;
	bool show_secrets;
	bool color;
};

static void
side_init(struct side *side, const struct source *source)
{
	const char *p = source->text, *end = p + source->size;
	size_t capacity = 0;

	*side = (struct side){.source = source};
	secrets_find(source, &side->secrets);
	while (p < end) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));

		side->starts =
		    mem_grow(side->starts, side->lines, &capacity, sizeof(*side->starts));
		side->starts[side->lines++] = source_pos(source, p);
		p = newline == NULL ? end : newline + 1;
	}
	side->starts = mem_grow(side->starts, side->lines, &capacity, sizeof(*side->starts));
	side->starts[side->lines] = source_pos(source, end);
}

static void
side_release(struct side *side)
{
	secrets_release(&side->secrets);
	free(side->starts);
}

/* The line that holds a position; the one behind the last for the end. */
static size_t
line_of(const struct side *side, uint32_t pos)
{
	size_t low = 0, high = side->lines;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (side->starts[middle + 1] <= pos)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
ends_line(const struct side *side, uint32_t pos)
{
	return pos == side->source->begin || source_text(side->source, pos)[-1] == '\n';
}

/* Whole lines around bytes begin..end, that of the end if it is changed; a gap between lines
 * holds none. */
static void
lines_around(const struct side *side, uint32_t begin, uint32_t end, bool changed, size_t *first,
    size_t *last)
{
	*first = line_of(side, begin);
	*last = end > begin || changed ? line_of(side, end) : *first;
	if (changed && *last < side->lines)
		(*last)++;
	/* A last line without a line end belongs to what is put behind it. */
	if (begin == side->starts[side->lines] && !ends_line(side, begin)) {
		*first = side->lines - 1;
		*last = side->lines;
	}
}

static void
add_block(struct diff *diff, struct block block)
{
	struct block *last = diff->count == 0 ? NULL : &diff->blocks[diff->count - 1];

	if (last != NULL && block.old_begin <= last->old_end) {
		last->old_end = block.old_end > last->old_end ? block.old_end : last->old_end;
		last->new_end = block.new_end > last->new_end ? block.new_end : last->new_end;
		return;
	}
	diff->blocks =
	    mem_grow(diff->blocks, diff->count, &diff->capacity, sizeof(*diff->blocks));
	diff->blocks[diff->count++] = block;
}

static void
find_blocks(struct diff *diff, const struct edit *edit)
{
	int64_t shift = (int64_t)diff->new.source->begin - diff->old.source->begin;
	struct splices splices = edit_splices(edit, diff->old.source);

	for (size_t i = 0; i < splices.count; i++) {
		const struct splice *s = &splices.list[i];
		uint32_t begin = (uint32_t)((int64_t)s->begin + shift);
		uint32_t end = begin + (uint32_t)s->text.len;
		/* What is behind is the rest of a line, before or after. */
		bool changed = !ends_line(&diff->old, s->end) || !ends_line(&diff->new, end);
		struct block block;

		lines_around(&diff->old, s->begin, s->end, changed, &block.old_begin,
		    &block.old_end);
		lines_around(&diff->new, begin, end, changed, &block.new_begin, &block.new_end);
		if (block.old_begin < block.new_begin && block.old_end == block.old_begin)
			block.old_begin = block.old_end = line_of(&diff->old, s->begin);
		add_block(diff, block);
		shift += (int64_t)s->text.len - (int64_t)(s->end - s->begin);
	}
}

static void
print_line(struct diff *diff, const struct side *side, size_t line, char mark)
{
	static const struct secrets none = {0};
	uint32_t begin = side->starts[line], end = side->starts[line + 1];
	struct slice text = secrets_mask(diff->show_secrets ? &none : &side->secrets,
	    side->source, begin, end, &diff->arena);
	const char *colour = mark == '-' ? "\33[31m" : mark == '+' ? "\33[32m" : "";
	bool open = text.len == 0 || text.ptr[text.len - 1] != '\n';

	if (!open)
		text.len--;
	printf("%s%c%s%.*s%s\n", diff->color ? colour : "", mark,
	    line == 0 && side->source->bom ? "\xEF\xBB\xBF" : "", (int)text.len, text.ptr,
	    diff->color && *colour != '\0' ? "\33[0m" : "");
	if (open)
		puts("\\ No newline at end of file");
}

static size_t
less(size_t a, size_t b)
{
	return a > b ? a - b : 0;
}

/* Blocks from..to - 1 are so close that their contexts meet. */
static void
print_hunk(struct diff *diff, size_t from, size_t to)
{
	const struct block *first = &diff->blocks[from], *last = &diff->blocks[to - 1];
	size_t before = first->old_begin < CONTEXT ? first->old_begin : CONTEXT;
	size_t after = less(diff->old.lines, last->old_end);
	size_t old_first = first->old_begin - before, new_first = first->new_begin - before;
	size_t old_lines, new_lines, at = old_first;

	after = after < CONTEXT ? after : CONTEXT;
	old_lines = last->old_end + after - old_first;
	new_lines = last->new_end + after - new_first;
	printf("%s@@ -%zu,%zu +%zu,%zu @@%s\n", diff->color ? "\33[36m" : "",
	    old_first + (old_lines != 0), old_lines, new_first + (new_lines != 0), new_lines,
	    diff->color ? "\33[0m" : "");
	for (size_t i = from; i < to; i++) {
		const struct block *block = &diff->blocks[i];

		for (; at < block->old_begin; at++)
			print_line(diff, &diff->old, at, ' ');
		for (; at < block->old_end; at++)
			print_line(diff, &diff->old, at, '-');
		for (size_t line = block->new_begin; line < block->new_end; line++)
			print_line(diff, &diff->new, line, '+');
	}
	for (; after > 0; after--)
		print_line(diff, &diff->old, at++, ' ');
}

static void
print_file(struct diff *diff, bool created)
{
	struct slice path = diff->old.source->path;
	char *name = arena_bytes(&diff->arena, path.len + 1);

	memcpy(name, path.ptr, path.len);
	name[utf8_disarm(name, path.len)] = '\0';
	printf("--- %s\n+++ %s\n", created ? "/dev/null" : name, name);
	for (size_t from = 0, to; from < diff->count; from = to) {
		for (to = from + 1; to < diff->count &&
		     diff->blocks[to].old_begin - diff->blocks[to - 1].old_end <= 2 * CONTEXT;
		     to++)
			;
		print_hunk(diff, from, to);
	}
}

/* The same file after the edit: at the same place in the list, or not far behind. */
static const struct source *
same_file(const struct sources *sources, const struct source *source, size_t number)
{
	for (size_t i = number; i < sources->count; i++)
		if (slice_eq(sources->list[i]->path, source->path) &&
		    sources->list[i]->values == source->values)
			return sources->list[i];
	return NULL;
}

void
diff_file(const struct settings *settings, const struct edit *edit, const struct source *source,
    const struct source *updated, bool created)
{
	struct diff diff = {.show_secrets = settings->show_secrets, .color = settings->out.colour};

	side_init(&diff.old, source);
	side_init(&diff.new, updated);
	find_blocks(&diff, edit);
	print_file(&diff, created);
	side_release(&diff.old);
	side_release(&diff.new);
	free(diff.blocks);
	arena_release(&diff.arena);
}

void
diff_print(const struct change *change)
{
	const struct sources *sources = &change->conf.sources;

	for (size_t i = 0; i < sources->count; i++) {
		const struct source *old = sources->list[i], *new;

		if (!old->file || edit_splices(&change->edit, old).count == 0)
			continue;
		new = same_file(&change->next.sources, old, i);
		if (new != NULL)
			diff_file(change->settings, &change->edit, old, new, change->created);
	}
}
