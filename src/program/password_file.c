#include "program/password_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET_MAX 8192

/* The byte order mark that some editors put in front. */
static const char mark[] = {'\xef', '\xbb', '\xbf'};

/* A FIFO would hang the delivery: it is neither waited for nor read. */
static int
open_regular(const char *path, const char **why)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0) {
		*why = strerror(errno);
		return -1;
	}
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	*why = "not a regular file";
	close(fd);
	return -1;
}

bool
file_readable(const char *path, const char **why)
{
	int fd = open_regular(path, why);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* Reads up to size bytes; -1 with errno set. */
static ssize_t
fill(int fd, char *buffer, size_t size)
{
	size_t used = 0;
	ssize_t n;

	while (used < size) {
		n = read(fd, buffer + used, size - used);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		used += (size_t)n;
	}
	return (ssize_t)used;
}

static const char *
judge(const char *secret, size_t len)
{
	if (len == 0)
		return "its first line is empty";
	if (len >= SECRET_MAX)
		return "its first line is too long";
	if (memchr(secret, '\0', len) != NULL)
		return "its first line holds a NUL";
	return NULL;
}

char *
password_file_read(const char *path, const char **why)
{
	const size_t room = sizeof(mark) + SECRET_MAX;
	char *secret = NULL, *end;
	size_t len;
	ssize_t n;
	int fd = open_regular(path, why);

	if (fd < 0)
		return NULL;
	*why = "out of memory";
	secret = calloc(1, room + 1);
	if (secret == NULL)
		goto out;
	n = fill(fd, secret, room);
	*why = n < 0 ? strerror(errno) : NULL;
	if (n < 0)
		goto out;
	if (n >= (ssize_t)sizeof(mark) && memcmp(secret, mark, sizeof(mark)) == 0) {
		n -= (ssize_t)sizeof(mark);
		memmove(secret, secret + sizeof(mark), (size_t)n);
	}
	end = memchr(secret, '\n', (size_t)n);
	len = end == NULL ? (size_t)n : (size_t)(end - secret);
	if (end != NULL && len > 0 && secret[len - 1] == '\r')
		len--;
	explicit_bzero(secret + len, room + 1 - len);
	*why = judge(secret, len);
out:
	close(fd);
	if (*why != NULL) {
		password_free(secret);
		secret = NULL;
	}
	return secret;
}

void
password_free(char *secret)
{
	if (secret != NULL)
		explicit_bzero(secret, strlen(secret));
	free(secret);
}
