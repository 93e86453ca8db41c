/*
 * message.h - the message, read once and kept as it is to arrive: in memory
 * while small, else in an unlinked temporary file.
 *
 * CRLF, bare CR and bare LF all end a line and become CRLF, which the last line
 * has, too.  A line of more than 998 bytes, which some servers refuse for good (RFC 5321,
 * 4.5.3.1.6), is folded: a line end and a blank are put into it.
 */
#ifndef SMTP_MESSAGE_H
#define SMTP_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* As much as stays in memory. */
#define MESSAGE_MEMORY_MAX (1024 * 1024)

struct message {
	int fd;			/* the spool, -1 while all is in memory */
	char *buffer;		/* of use to message_view where all is in the spool */
	size_t used;		/* bytes in buffer, not yet in the spool */
	uint64_t size;		/* as RFC 1870 counts it */
	bool eight_bit;		/* holds bytes above 0x7F */
	bool folded;		/* has lines that were too long */
};

/*
 * message_read - reads fd to its end into *message, released by
 * message_release also on failure.  Returns 0 or an errno: ETIMEDOUT if the
 * end did not come before the deadline (clock.h).
 */
int message_read(struct message *message, int fd, int64_t deadline);

/* message_read_some - read(2) that waits no longer than the deadline: ETIMEDOUT. */
ssize_t message_read_some(int fd, char *input, size_t size, int64_t deadline);

/*
 * message_view - up to *len bytes from offset (< size) on; *len becomes how many, at least one.
 * They are there until the next call.  NULL with errno set: the spool fails.
 */
const char *message_view(const struct message *message, uint64_t offset, size_t *len);

void message_release(struct message *message);

#endif
