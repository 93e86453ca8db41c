#include "smtp/message.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "program/clock.h"

/* What one input byte adds at most: CRLF and a blank, where it is folded, and itself. */
#define GROWTH 4
#define INPUT_SIZE 65536
#define BUFFER_SIZE (MESSAGE_MEMORY_MAX + GROWTH * INPUT_SIZE)
#define LINE_LIMIT 998

/* Where in a line the input stands. */
struct position {
	bool cr;		/* after a CR that may be half of a CRLF */
	unsigned column;	/* bytes since the line began */
};

static int
write_all(int fd, const char *p, size_t len)
{
	ssize_t n;

	while (len > 0) {
		n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* /var/tmp rather than /tmp, which may itself be memory. */
static int
spool_open(void)
{
	const char *dir = getenv("TMPDIR");
	char path[4096];
	int fd;

	if (dir == NULL || *dir == '\0')
		dir = "/var/tmp";
	fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0)
		return fd;
	if ((size_t)snprintf(path, sizeof(path), "%s/tmail.XXXXXX", dir) >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	return fd;
}

/* Makes room in the buffer for the output of a whole input block. */
static int
spool(struct message *message)
{
	int error;

	if (message->fd < 0)
		message->fd = spool_open();
	if (message->fd < 0)
		return errno;
	error = write_all(message->fd, message->buffer, message->used);
	message->used = 0;
	return error;
}

static void
put(struct message *message, char c)
{
	message->buffer[message->used++] = c;
	message->size++;
}

static void
put_end(struct message *message, struct position *at)
{
	put(message, '\r');
	put(message, '\n');
	at->cr = false;
	at->column = 0;
}

/* How many bytes have to stay together from c on. */
static unsigned
together(char c)
{
	unsigned char byte = (unsigned char)c;

	return byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
}

static void
fold_line(struct message *message, struct position *at)
{
	put_end(message, at);
	put(message, ' ');
	message->folded = true;
	at->column = 1;
}

static void
put_byte(struct message *message, struct position *at, char c)
{
	if (c == '\n') {
		put_end(message, at);
		return;
	}
	if (at->cr)
		put_end(message, at);
	if (c == '\r') {
		at->cr = true;
		return;
	}
	if (at->column + together(c) > LINE_LIMIT)
		fold_line(message, at);
	put(message, c);
	message->eight_bit |= (unsigned char)c >= 0x80;
	at->column++;
}

/* How many bytes from there on are kept as they are, where a line has so much room. */
static size_t
plain(const char *p, size_t len, size_t room)
{
	size_t n = 0;

	if (len > room)
		len = room;
	while (n < len && p[n] != '\n' && p[n] != '\r' && (unsigned char)p[n] < 0x80)
		n++;
	return n;
}

static void
put_block(struct message *message, struct position *at, const char *p, const char *end)
{
	size_t n;

	while (p < end) {
		n = at->cr ? 0 : plain(p, (size_t)(end - p), LINE_LIMIT - at->column);
		memcpy(message->buffer + message->used, p, n);
		message->used += n;
		message->size += n;
		at->column += (unsigned)n;
		p += n;
		if (p < end)
			put_byte(message, at, *p++);
	}
}

ssize_t
message_read_some(int fd, char *input, size_t size, int64_t deadline)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	int n;

	do
		n = poll(&ready, 1, clock_left(deadline));
	while (n < 0 && errno == EINTR);
	/* There may be more at any time, as of /dev/zero. */
	if (n == 0 || (n > 0 && clock_left(deadline) == 0)) {
		errno = ETIMEDOUT;
		return -1;
	}
	return n < 0 ? -1 : read(fd, input, size);
}

static int
read_all(struct message *message, int fd, char *input, int64_t deadline)
{
	struct position at = {false, 0};
	ssize_t n;
	int error;

	for (;;) {
		n = message_read_some(fd, input, INPUT_SIZE, deadline);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		if (n == 0)
			break;
		if (message->used > MESSAGE_MEMORY_MAX && (error = spool(message)) != 0)
			return error;
		put_block(message, &at, input, input + n);
	}
	if (at.cr || at.column > 0)
		put_end(message, &at);
	/* Once there is a spool it holds everything. */
	return message->fd < 0 ? 0 : spool(message);
}

int
message_read(struct message *message, int fd, int64_t deadline)
{
	memset(message, 0, sizeof(*message));
	message->fd = -1;
	message->buffer = malloc(BUFFER_SIZE + INPUT_SIZE);
	if (message->buffer == NULL)
		return ENOMEM;
	return read_all(message, fd, message->buffer + BUFFER_SIZE, deadline);
}

const char *
message_view(const struct message *message, uint64_t offset, size_t *len)
{
	uint64_t left = message->size - offset;
	ssize_t n;

	if (*len > left)
		*len = (size_t)left;
	if (message->fd < 0)
		return message->buffer + offset;
	if (*len > MESSAGE_MEMORY_MAX)
		*len = MESSAGE_MEMORY_MAX;
	do
		n = pread(message->fd, message->buffer, *len, (off_t)offset);
	while (n < 0 && errno == EINTR);
	if (n == 0)
		errno = EIO;
	*len = n <= 0 ? 0 : (size_t)n;
	return n <= 0 ? NULL : message->buffer;
}

void
message_release(struct message *message)
{
	if (message->fd >= 0)
		close(message->fd);
	free(message->buffer);
}
