/* foreign.c - the lines of other programs' files. */
#include <errno.h>
#include <string.h>

#include "import/import.h"
#include "program/say.h"

int
foreign_read(struct foreign *file)
{
	const char *path = strcmp(file->path, "-") == 0 ? "/dev/stdin" : file->path;
	struct slice name = slice_str(path);
	struct source *source;
	enum source_status status = sources_read(&file->sources, name, name, true, &source);

	switch (status) {
	case SOURCE_OK:
		break;
	case SOURCE_UNREADABLE:
		cli_say("cannot read '%s': %s", file->path, strerror(errno));
		return EX_NOINPUT;
	case SOURCE_INDEX:
		cli_say("%s: no text, but a route index", file->path);
		return EX_DATAERR;
	case SOURCE_TOO_LARGE:
		cli_say("%s: larger than 4 GiB", file->path);
		return EX_DATAERR;
	case SOURCE_CHANGED:
		cli_say("'%s' changes while it is read", file->path);
		return EX_TEMPFAIL;
	default:
		cli_say("cannot read '%s': not a regular file", file->path);
		return EX_NOINPUT;
	}
	file->text = slice(source->text, source->size);
	if (source->size > 0 && memchr(source->text, '\0', source->size) != NULL) {
		cli_say("%s: no text: 'postmap -s' and the like print what a table holds", file->path);
		return EX_DATAERR;
	}
	return 0;
}

struct slice
trim(struct slice text)
{
	while (text.len > 0 && is_blank(text.ptr[0]))
		text = slice(text.ptr + 1, text.len - 1);
	while (text.len > 0 && is_blank(text.ptr[text.len - 1]))
		text.len--;
	return text;
}

struct slice
cut(struct slice *text, const char *at)
{
	struct slice before = *text;

	for (size_t i = 0; i < text->len; i++)
		if (strchr(at, text->ptr[i]) != NULL) {
			before.len = i;
			*text = slice(text->ptr + i + 1, text->len - i - 1);
			return before;
		}
	*text = slice(NULL, 0);
	return before;
}

struct slice
cut_word(struct slice *text, const char *quotes)
{
	if (text->ptr != NULL)
		*text = trim(*text);
	if (text->ptr == NULL || text->len == 0)
		return slice(NULL, 0);
	if (text->ptr[0] != quotes[0])
		return cut(text, " \t");
	*text = slice(text->ptr + 1, text->len - 1);
	return cut(text, quotes + 1);
}

struct slice
host_shown(struct slice host)
{
	const char *at = host.ptr == NULL ? NULL : memrchr(host.ptr, '@', host.len);

	return at == NULL ? host : slice(at, (size_t)(host.ptr + host.len - at));
}

static struct slice
join(struct arena *arena, struct slice a, struct slice b)
{
	char *out;

	/* The bytes before are still the last of the arena's, and grow. */
	if (a.ptr + a.len == arena->free && arena->left >= b.len) {
		out = arena_bytes(arena, b.len);
		memcpy(out, b.ptr, b.len);
		return slice(a.ptr, a.len + b.len);
	}
	out = arena_bytes(arena, a.len + b.len);
	memcpy(out, a.ptr, a.len);
	memcpy(out + a.len, b.ptr, b.len);
	return slice(out, a.len + b.len);
}

void
foreign_cut(struct import *import, struct foreign *file, bool joined)
{
	struct slice rest = file->text;
	size_t capacity = 0;

	for (uint32_t number = 1; rest.ptr != NULL; number++) {
		struct slice line = cut(&rest, "\n"), text;

		if (line.len > 0 && line.ptr[line.len - 1] == '\r')
			line.len--;
		text = trim(line);
		if (text.len == 0 || text.ptr[0] == '#')
			continue;
		if (joined && is_blank(line.ptr[0]) && file->count > 0) {
			struct foreign_line *last = &file->lines[file->count - 1];

			last->text = join(&import->arena, last->text, line);
			continue;
		}
		file->lines = mem_grow(file->lines, file->count, &capacity, sizeof(*file->lines));
		file->lines[file->count++] =
		    (struct foreign_line){.file = file, .text = line, .number = number};
	}
}
