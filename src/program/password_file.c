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
	if (memchr(secret, '\r', len) != NULL)
		return "its first line holds a CR";
	return NULL;
}

/* Up to max bytes of the file, without a mark in front and with NULs behind them. */
static char *
load(const char *path, size_t max, size_t *len, const char **why)
{
	const size_t room = sizeof(mark) + max;
	char *secret = NULL;
	ssize_t n = -1;
	int fd = open_regular(path, why);

	if (fd < 0)
		return NULL;
	*why = "out of memory";
	secret = calloc(1, room + 1);
	if (secret != NULL)
		n = fill(fd, secret, room);
	if (secret != NULL && n < 0)
		*why = strerror(errno);
	close(fd);
	if (n < 0) {
		free(secret);
		return NULL;
	}
	*len = (size_t)n;
	if (*len >= sizeof(mark) && memcmp(secret, mark, sizeof(mark)) == 0) {
		*len -= sizeof(mark);
		memmove(secret, secret + sizeof(mark), *len);
		explicit_bzero(secret + *len, sizeof(mark));
	}
	return secret;
}

char *
password_file_read(const char *path, const char **why)
{
	size_t n, len;
	char *secret = load(path, SECRET_MAX, &n, why), *end;

	if (secret == NULL)
		return NULL;
	end = memchr(secret, '\n', n);
	len = end == NULL ? n : (size_t)(end - secret);
	if (len > 0 && secret[len - 1] == '\r')
		len--;
	explicit_bzero(secret + len, n - len);
	*why = judge(secret, len);
	if (*why == NULL)
		return secret;
	password_free(secret);
	return NULL;
}

char *
secret_file_read(const char *path, size_t max, const char **why)
{
	size_t len;
	char *secret = load(path, max + 1, &len, why);

	if (secret == NULL)
		return NULL;
	*why = len > max ? "it is too long"
	    : memchr(secret, '\0', len) != NULL ? "it holds a NUL" : NULL;
	if (*why == NULL)
		return secret;
	explicit_bzero(secret, len);
	free(secret);
	return NULL;
}

void
password_free(char *secret)
{
	if (secret != NULL)
		explicit_bzero(secret, strlen(secret));
	free(secret);
}
