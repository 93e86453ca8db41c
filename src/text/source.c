#include "text/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/hash.h"
#include "store/file_stat.h"
#include "runtime/format.h"

/* The offsets of every LINE_STEP-th line, the first left out. */
struct line_marks {
	uint32_t *starts;
	size_t count, capacity;
};

enum { LINE_STEP = 64 };

static struct source *
attach(struct sources *sources, struct slice path, struct slice name)
{
	struct source *source = arena_alloc(&sources->arena, sizeof(*source));

	*source = (struct source){.path = arena_copy(&sources->arena, path),
	    .name = arena_copy(&sources->arena, name),
	    .marks = arena_alloc(&sources->arena, sizeof(*source->marks))};
	*source->marks = (struct line_marks){0};
	sources->list =
	    mem_grow(sources->list, sources->count, &sources->capacity, sizeof(*sources->list));
	sources->list[sources->count++] = source;
	source->begin = sources->end;
	return source;
}

/* Notes who read this file first, as statements or as a list's values. */
static void
note_file(struct sources *sources, struct source *source)
{
	struct inodes *read = &sources->read[source->values];
	uint32_t number = inodes_find(read, &source->status);

	if (number == INODE_NONE)
		inodes_add(read, &source->status, (uint32_t)sources->count - 1);
	else
		source->before = sources->list[number];
}

/* The bytes that are to be read in place of a file's; NULL: the file's own. */
static const struct overlay *
find_overlay(const struct sources *sources, const struct stat *status)
{
	uint32_t number;

	if (sources->overlay_count == 0)
		return NULL;
	if (status == NULL)
		return sources->overlays[0].status == NULL ? &sources->overlays[0] : NULL;
	number = inodes_find(&sources->overlaid, status);
	return number == INODE_NONE ? NULL : &sources->overlays[number];
}

void
sources_overlay(struct sources *sources, const struct overlay *overlays, size_t count)
{
	sources->overlays = overlays;
	sources->overlay_count = count;
	for (size_t i = 0; i < count; i++)
		if (overlays[i].status != NULL)
			inodes_add(&sources->overlaid, overlays[i].status, (uint32_t)i);
}

static enum source_status
read_descriptor(const struct sources *sources, int fd, struct stat *status,
    struct file_text *text)
{
	const struct overlay *overlay;

	if (fstat(fd, status) != 0)
		return SOURCE_UNREADABLE;
	overlay = find_overlay(sources, status);
	if (overlay != NULL) {
		*text = file_text_copy(overlay->bytes.ptr, overlay->bytes.len);
		return SOURCE_OK;
	}
	/* Nothing that is included may make us wait. */
	if (S_ISFIFO(status->st_mode) && sources->count == 0)
		return file_text_read_pipe(fd, status, text);
	return S_ISREG(status->st_mode) ? file_text_read(fd, status, text) : SOURCE_NO_FILE;
}

static enum source_status
read_once(const struct sources *sources, const char *path, struct stat *status,
    struct file_text *text)
{
	const struct overlay *overlay = sources->count == 0 ? find_overlay(sources, NULL) : NULL;
	enum source_status result;
	int fd, saved;

	if (overlay != NULL) {
		*status = (struct stat){0};
		*text = file_text_copy(overlay->bytes.ptr, overlay->bytes.len);
		return SOURCE_OK;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return SOURCE_UNREADABLE;
	result = read_descriptor(sources, fd, status, text);
	saved = errno;
	close(fd);
	errno = saved;
	return result;
}

/* What has been read becomes a source, or is freed. */
static enum source_status
take_text(struct sources *sources, struct slice path, struct slice name, struct file_text text,
    struct source **source)
{
	enum source_status result = SOURCE_OK;
	struct source *s;

	if (text.size > UINT32_MAX - SOURCE_SLACK - sources->end)
		result = SOURCE_TOO_LARGE;
	else if (text.size >= INDEX_MAGIC_SIZE &&
	    memcmp(text.ptr, INDEX_MAGIC, INDEX_MAGIC_SIZE) == 0)
		result = SOURCE_INDEX;
	if (result != SOURCE_OK) {
		file_text_release(&text);
		return result;
	}
	*source = s = attach(sources, path, name);
	s->mapped = text.mapped;
	s->bom = text.size >= 3 && memcmp(text.ptr, "\xEF\xBB\xBF", 3) == 0;
	s->text = text.ptr + (s->bom ? 3 : 0);
	s->size = (uint32_t)text.size - (s->bom ? 3 : 0);
	sources->end += s->size + 1;
	return SOURCE_OK;
}

enum source_status
sources_read(struct sources *sources, struct slice path, struct slice name, bool values,
    struct source **source)
{
	struct file_text text = {0};
	struct stat status;
	enum source_status result = read_once(sources, path.ptr, &status, &text);

	if (result == SOURCE_CHANGED)
		result = read_once(sources, path.ptr, &status, &text);
	if (result == SOURCE_UNREADABLE && errno == ENOMEM)
		mem_exhausted();
	if (result == SOURCE_OK)
		result = take_text(sources, path, name, text, source);
	if (result != SOURCE_OK)
		return result;
	(*source)->file = true;
	(*source)->values = values;
	(*source)->status = status;
	note_file(sources, *source);
	return SOURCE_OK;
}

enum source_status
sources_read_stream(struct sources *sources, int fd, struct slice name, struct source **source)
{
	struct file_text text;
	enum source_status result = file_text_read_stream(fd, &text);

	return result == SOURCE_OK ? take_text(sources, name, name, text, source) : result;
}

const struct source *
sources_changed(const struct sources *sources)
{
	struct stat now;

	for (size_t i = 0; i < sources->count; i++) {
		const struct source *s = sources->list[i];

		if (s->file && S_ISREG(s->status.st_mode) &&
		    (stat(s->path.ptr, &now) != 0 || !stat_same(&now, &s->status)))
			return s;
	}
	return NULL;
}

struct source *
sources_add(struct sources *sources, struct slice name, char *text, size_t size)
{
	struct source *s = attach(sources, name, name);

	s->text = text;
	s->size = (uint32_t)size;
	sources->end += s->size + 1;
	return s;
}

void
sources_release(struct sources *sources)
{
	for (size_t i = 0; i < sources->count; i++) {
		struct source *s = sources->list[i];

		if (s->mapped != 0)
			mem_pages_free(s->text - (s->bom ? 3 : 0), s->mapped);
		free(s->marks->starts);
	}
	free(sources->list);
	inodes_release(&sources->overlaid);
	inodes_release(&sources->read[false]);
	inodes_release(&sources->read[true]);
	arena_release(&sources->arena);
	*sources = (struct sources){0};
}

void
sources_digest(const struct sources *sources, unsigned char digest[16])
{
	/* Chained, so that bytes which move from one file to the next show. */
	memset(digest, 0, 16);
	for (size_t i = 0; i < sources->count; i++) {
		const struct source *s = sources->list[i];
		unsigned char link[32];

		if (!s->file)
			continue;
		memcpy(link, digest, 16);
		hash128(s->text - (s->bom ? 3 : 0), s->size + (s->bom ? 3u : 0u), 0, link + 16);
		hash128(link, sizeof(link), 0, digest);
	}
}

size_t
sources_number(const struct sources *sources, uint32_t pos)
{
	size_t low = 0, high = sources->count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (sources->list[middle]->begin <= pos)
			low = middle;
		else
			high = middle;
	}
	return low;
}

const struct source *
sources_at(const struct sources *sources, uint32_t pos)
{
	return sources->list[sources_number(sources, pos)];
}

/* So that ten thousand places in a file are not counted from its beginning each. */
static void
mark_lines(const struct source *source, const char *at)
{
	struct line_marks *m = source->marks;
	const char *p = source->text + (m->count == 0 ? 0 : m->starts[m->count - 1]);
	size_t lines = 0;

	while (p < at && (p = memchr(p, '\n', (size_t)(at - p))) != NULL) {
		p++;
		if (++lines % LINE_STEP != 0)
			continue;
		m->starts = mem_grow(m->starts, m->count, &m->capacity, sizeof(*m->starts));
		m->starts[m->count++] = (uint32_t)(p - source->text);
	}
}

/* How many marks stand at an offset or before. */
static size_t
marks_up_to(const struct line_marks *m, uint32_t offset)
{
	size_t low = 0, high = m->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (m->starts[middle] <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct source_line
source_line_at(const struct source *source, uint32_t pos)
{
	const char *at = source_text(source, pos), *end = source->text + source->size;
	const char *start = source->text, *stop;
	struct source_line line = {.number = 1};
	size_t marks;

	mark_lines(source, at);
	marks = marks_up_to(source->marks, pos - source->begin);
	if (marks > 0)
		start += source->marks->starts[marks - 1];
	line.number += (uint32_t)marks * LINE_STEP;
	for (const char *p; (p = memchr(start, '\n', (size_t)(at - start))) != NULL; start = p + 1)
		line.number++;
	stop = memchr(start, '\n', (size_t)(end - start));
	if (stop == NULL)
		stop = end;
	else if (stop > start && stop[-1] == '\r')
		stop--;
	line.text = slice(start, (size_t)(stop - start));
	return line;
}
