#include "compiler/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/hash.h"
#include "compiler/parallel.h"

static struct source *
attach(struct sources *sources, struct slice path, struct slice name)
{
	struct source *source = arena_alloc(&sources->arena, sizeof(*source));

	*source = (struct source){.path = arena_copy(&sources->arena, path),
	    .name = arena_copy(&sources->arena, name)};
	sources->list =
	    mem_grow(sources->list, sources->count, &sources->capacity, sizeof(*sources->list));
	sources->list[sources->count++] = source;
	source->begin = sources->end;
	return source;
}

/* What two threads read of a file, block by block. */
struct reading {
	int fd;
	char *to;
	atomic_size_t good;	/* where the first block that could not be read goes on */
};

/* Stops where the file ends and at an error, which the next read will meet. */
static void
read_block(void *arg, size_t begin, size_t end)
{
	struct reading *reading = arg;
	size_t at = begin, good;
	ssize_t n = 1;

	while (at < end && n > 0) {
		n = pread(reading->fd, reading->to + at, end - at, (off_t)at);
		at += n > 0 ? (size_t)n : 0;
	}
	good = reading->good;
	while (at < end && at < good && !atomic_compare_exchange_weak(&reading->good, &good, at))
		continue;
}

/* Reads what a file is expected to hold; how much it was. */
static size_t
read_expected(int fd, char *to, size_t expected)
{
	enum { BLOCK = 2 * 1024 * 1024 };
	struct reading reading = {.fd = fd, .to = to, .good = expected};

	parallel_blocks(expected, BLOCK, read_block, &reading);
	return reading.good;
}

/* Reads fd to its end into memory with slack; a file may grow while we read. */
static bool
read_all(int fd, off_t expected, char **text, size_t *size, size_t *mapped)
{
	size_t room = (size_t)expected + SOURCE_SLACK + 1, used;
	char *p = mem_pages(room);

	used = read_expected(fd, p, (size_t)expected);
	for (;;) {
		ssize_t n;

		if (room - used <= SOURCE_SLACK) {
			char *more = mem_pages(room * 2);

			memcpy(more, p, used);
			mem_pages_free(p, room);
			p = more;
			room *= 2;
		}
		n = pread(fd, p + used, room - used - SOURCE_SLACK, (off_t)used);
		if (n == 0)
			break;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || used + (size_t)n > UINT32_MAX) {
			mem_pages_free(p, room);
			if (n >= 0)
				errno = EFBIG;
			return false;
		}
		used += (size_t)n;
	}
	/* Of a file that shrank meanwhile, blocks may stand behind its end. */
	memset(p + used, 0, SOURCE_SLACK);
	*text = p;
	*size = used;
	*mapped = room;
	return true;
}

/* The bytes that are to be read in place of a file's; NULL: the file's own. */
static const struct overlay *
find_overlay(const struct sources *sources, const struct stat *status)
{
	for (size_t i = 0; i < sources->overlay_count; i++) {
		const struct stat *other = sources->overlays[i].status;

		if (other == NULL ? status == NULL
				  : status != NULL && other->st_dev == status->st_dev &&
				other->st_ino == status->st_ino)
			return &sources->overlays[i];
	}
	return NULL;
}

static void
read_overlay(const struct overlay *overlay, char **text, size_t *size, size_t *mapped)
{
	*size = overlay->bytes.len;
	*mapped = *size + SOURCE_SLACK;
	*text = mem_pages(*mapped);
	if (*size != 0)
		memcpy(*text, overlay->bytes.ptr, *size);
}

static enum source_status
read_descriptor(const struct sources *sources, int fd, struct stat *status, char **text,
    size_t *size, size_t *mapped)
{
	const struct overlay *overlay;

	if (fstat(fd, status) != 0)
		return SOURCE_UNREADABLE;
	if (!S_ISREG(status->st_mode))
		return SOURCE_NO_FILE;
	overlay = find_overlay(sources, status);
	if (overlay != NULL) {
		read_overlay(overlay, text, size, mapped);
		return SOURCE_OK;
	}
	if (status->st_size >= UINT32_MAX)
		return SOURCE_TOO_LARGE;
	if (read_all(fd, status->st_size, text, size, mapped))
		return SOURCE_OK;
	return errno == EFBIG ? SOURCE_TOO_LARGE : SOURCE_UNREADABLE;
}

static enum source_status
read_file(const struct sources *sources, struct slice path, struct stat *status, char **text,
    size_t *size, size_t *mapped)
{
	int fd = open(path.ptr, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), saved;
	const struct overlay *overlay;
	enum source_status result;

	if (fd < 0) {
		overlay = errno == ENOENT ? find_overlay(sources, NULL) : NULL;
		if (overlay == NULL)
			return SOURCE_UNREADABLE;
		*status = (struct stat){0};
		read_overlay(overlay, text, size, mapped);
		return SOURCE_OK;
	}
	result = read_descriptor(sources, fd, status, text, size, mapped);
	saved = errno;
	close(fd);
	errno = saved;
	return result;
}

enum source_status
sources_read(struct sources *sources, struct slice path, struct slice name,
    struct source **source)
{
	struct stat status;
	char *text;
	size_t size, mapped;
	enum source_status result = read_file(sources, path, &status, &text, &size, &mapped);
	struct source *s;

	if (result != SOURCE_OK)
		return result;
	if (size > UINT32_MAX - SOURCE_SLACK - sources->end) {
		mem_pages_free(text, mapped);
		return SOURCE_TOO_LARGE;
	}
	s = attach(sources, path, name);
	s->file = true;
	s->status = status;
	s->mapped = mapped;
	s->bom = size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0;
	s->text = text + (s->bom ? 3 : 0);
	s->size = (uint32_t)size - (s->bom ? 3 : 0);
	sources->end += s->size + 1;
	*source = s;
	return SOURCE_OK;
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
	}
	free(sources->list);
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

const struct source *
sources_at(const struct sources *sources, uint32_t pos)
{
	size_t low = 0, high = sources->count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (sources->list[middle]->begin <= pos)
			low = middle;
		else
			high = middle;
	}
	return sources->list[low];
}

struct source_line
source_line_at(const struct source *source, uint32_t pos)
{
	const char *at = source_text(source, pos), *end = source->text + source->size;
	const char *start = source->text, *stop;
	struct source_line line = {.number = 1};

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
