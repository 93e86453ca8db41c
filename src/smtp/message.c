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

/* read(2) that waits no longer than the deadline. */
static ssize_t
read_some(int fd, char *input, int64_t deadline)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	int n;

	do
		n = poll(&ready, 1, clock_left(deadline));
	while (n < 0 && errno == EINTR);
	if (n == 0)
		errno = ETIMEDOUT;
	return n <= 0 ? -1 : read(fd, input, INPUT_SIZE);
}

static int
read_all(struct message *message, int fd, char *input, int64_t deadline)
{
	struct position at = {false, 0};
	ssize_t n, i;
	int error;

	for (;;) {
		n = read_some(fd, input, deadline);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		if (n == 0)
			break;
		if (message->used > MESSAGE_MEMORY_MAX && (error = spool(message)) != 0)
			return error;
		for (i = 0; i < n; i++)
			put_byte(message, &at, input[i]);
	}
	if (at.cr || at.column > 0)
		put_end(message, &at);
	/* Once there is a spool it holds everything. */
	return message->fd < 0 ? 0 : spool(message);
}

int
message_read(struct message *message, int fd, int64_t deadline)
{
	char *input = malloc(INPUT_SIZE);
	int error;

	memset(message, 0, sizeof(*message));
	message->fd = -1;
	message->buffer = malloc(MESSAGE_MEMORY_MAX + GROWTH * INPUT_SIZE);
	if (input == NULL || message->buffer == NULL)
		error = ENOMEM;
	else
		error = read_all(message, fd, input, deadline);
	free(input);
	return error;
}

ssize_t
message_get(const struct message *message, uint64_t offset, char *out, size_t len)
{
	ssize_t n;

	if (len > message->size - offset)
		len = (size_t)(message->size - offset);
	if (message->fd < 0) {
		memcpy(out, message->buffer + offset, len);
		return (ssize_t)len;
	}
	do
		n = pread(message->fd, out, len, (off_t)offset);
	while (n < 0 && errno == EINTR);
	if (n == 0 && len > 0) {
		errno = EIO;
		return -1;
	}
	return n;
}

void
message_release(struct message *message)
{
	if (message->fd >= 0)
		close(message->fd);
	free(message->buffer);
}
