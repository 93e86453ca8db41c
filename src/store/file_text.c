#include "store/file_text.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "store/file_stat.h"
#include "store/memory.h"
#include "store/parallel.h"

void
file_text_release(struct file_text *text)
{
	mem_pages_free(text->ptr, text->mapped);
	*text = (struct file_text){0};
}

static struct file_text
file_text_new(size_t room)
{
	return (struct file_text){.ptr = mem_pages(room + SOURCE_SLACK), .mapped = room + SOURCE_SLACK};
}

struct file_text
file_text_copy(const char *ptr, size_t size)
{
	struct file_text text = file_text_new(size);

	if (size != 0)
		memcpy(text.ptr, ptr, size);
	text.size = size;
	return text;
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

static void
make_room(struct file_text *text)
{
	struct file_text more;

	if (text->mapped - text->size > SOURCE_SLACK)
		return;
	more = file_text_new(text->mapped * 2);
	memcpy(more.ptr, text->ptr, text->size);
	more.size = text->size;
	file_text_release(text);
	*text = more;
}

/*
 * Reads on to the end.  A file has no more bytes than `expected` unless somebody
 * writes to it, perhaps for ever; 0: nobody knows how many.
 */
static enum source_status
read_rest(int fd, bool pipe, size_t expected, struct file_text *text)
{
	struct pollfd readable = {.fd = fd, .events = POLLIN};
	ssize_t n;

	for (;;) {
		size_t room;

		make_room(text);
		room = text->mapped - text->size - SOURCE_SLACK;
		n = pipe ? read(fd, text->ptr + text->size, room)
			 : pread(fd, text->ptr + text->size, room, (off_t)text->size);
		if (n == 0)
			break;
		if (n < 0 && errno == EAGAIN && pipe && poll(&readable, 1, -1) > 0)
			continue;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return SOURCE_UNREADABLE;
		if (text->size + (size_t)n > UINT32_MAX)
			return SOURCE_TOO_LARGE;
		text->size += (size_t)n;
		if (expected != 0 && text->size > expected)
			return SOURCE_CHANGED;
	}
	/* Of a file that shrank meanwhile, blocks may stand behind its end. */
	memset(text->ptr + text->size, 0, SOURCE_SLACK);
	return SOURCE_OK;
}

static enum source_status
done(enum source_status result, struct file_text *text)
{
	int saved = errno;

	if (result != SOURCE_OK)
		file_text_release(text);
	errno = saved;
	return result;
}

enum source_status
file_text_read(int fd, const struct stat *status, struct file_text *text)
{
	enum source_status result;
	struct stat after;

	if (status->st_size >= UINT32_MAX)
		return SOURCE_TOO_LARGE;
	*text = file_text_new((size_t)status->st_size + 1);
	text->size = read_expected(fd, text->ptr, (size_t)status->st_size);
	result = read_rest(fd, false, (size_t)status->st_size, text);
	if (result == SOURCE_OK && fstat(fd, &after) != 0)
		result = SOURCE_UNREADABLE;
	else if (result == SOURCE_OK && !stat_same(status, &after))
		result = SOURCE_CHANGED;
	return done(result, text);
}

/* The first room for what nobody knows the length of. */
enum { FIRST = 65536 };

/* Our own descriptor of a pipe: one opened anew would not see the end of it. */
static int
own_descriptor(const struct stat *pipe, int opened)
{
	enum { LOOKED_AT = 1024 };
	struct stat st;

	for (int fd = 0; fd < LOOKED_AT; fd++)
		if (fd != opened && fstat(fd, &st) == 0 && stat_same_file(&st, pipe) &&
		    (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY)
			return fd;
	return -1;
}

enum source_status
file_text_read_stream(int fd, struct file_text *text)
{
	*text = file_text_new(FIRST);
	return done(read_rest(fd, true, 0, text), text);
}

enum source_status
file_text_read_pipe(int fd, const struct stat *status, struct file_text *text)
{
	int own = own_descriptor(status, fd);
	ssize_t n;

	if (own >= 0)
		return file_text_read_stream(own, text);
	*text = file_text_new(FIRST);
	n = read(fd, text->ptr, FIRST);
	if (n == 0)
		return done(SOURCE_NO_FILE, text);
	text->size = n > 0 ? (size_t)n : 0;
	return done(read_rest(fd, true, 0, text), text);
}
