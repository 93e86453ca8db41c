/* secret.c - files with one password each, for their owner alone. */
#include "import/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "program/say.h"

/* The name with nothing in it that a path or a shell would take for something else. */
static struct slice
plain_name(struct import *import, struct slice name)
{
	char *out = arena_bytes(&import->arena, name.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < name.len && len < 100; i++) {
		char c = name.ptr[i], l = (char)(c | 0x20);

		if ((l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') ||
		    (len > 0 && strchr("._+@-", c) != NULL))
			out[len++] = c;
		else if (len > 0 && c != ']' && out[len - 1] != '-')
			out[len++] = '-';
	}
	return len == 0 ? slice_str("password") : slice(out, len);
}

static struct slice
path_of(struct import *import, struct slice name)
{
	return arena_printf(&import->arena, "%s/%.*s", import->secrets, (int)name.len, name.ptr);
}

struct slice
secret_path(struct import *import, struct slice wanted, struct slice password)
{
	struct slice plain = plain_name(import, wanted), name = plain;
	size_t count = import->secret_names.count;

	for (uint32_t again = 2;; again++) {
		uint32_t number = names_intern(&import->secret_names, name, false);

		if (number == count)
			break;
		if (slice_eq(import->passwords[number], password))
			return path_of(import, name);
		name = arena_printf(&import->arena, "%.*s-%u", (int)plain.len, plain.ptr, again);
	}
	import->passwords = mem_grow(import->passwords, count, &import->secret_capacity,
	    sizeof(*import->passwords));
	import->passwords[count] = password;
	return path_of(import, name);
}

static bool
write_all(int fd, struct slice text)
{
	while (text.len > 0) {
		ssize_t n = write(fd, text.ptr, text.len);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0)
			text = slice(text.ptr + n, text.len - (size_t)n);
	}
	return true;
}

/* Whether the file that is there holds this and nothing more. */
static bool
holds(int fd, struct slice text)
{
	char buffer[4096];
	ssize_t n;

	while ((n = read(fd, buffer, sizeof(buffer))) > 0) {
		if ((size_t)n > text.len || memcmp(buffer, text.ptr, (size_t)n) != 0)
			return false;
		text = slice(text.ptr + n, text.len - (size_t)n);
	}
	return n == 0 && text.len == 0;
}

/* A file of that name is there: good if a run before has written the same. */
static int
keep(const char *path, struct slice text)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat status;
	bool same = fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
	    holds(fd, text) && fchmod(fd, 0600) == 0;

	if (fd >= 0)
		close(fd);
	if (same)
		return 0;
	if (fd < 0 && errno == EACCES) {
		cli_say("cannot read '%s', which is there: %s", path, strerror(EACCES));
		return EX_CANTCREAT;
	}
	cli_say("cannot create '%s': a file with another content is there", path);
	return EX_CANTCREAT;
}

static int
write_secret(const char *path, struct slice text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), error;
	bool good;

	if (fd < 0 && errno == EEXIST)
		return keep(path, text);
	if (fd < 0) {
		cli_say("cannot create '%s': %s", path, strerror(errno));
		return EX_CANTCREAT;
	}
	good = fchmod(fd, 0600) == 0 && write_all(fd, text) && fsync(fd) == 0;
	error = errno;
	if (close(fd) == 0 && good)
		return 0;
	unlink(path);
	cli_say("cannot write '%s': %s", path, strerror(error));
	return EX_IOERR;
}

int
secrets_write(struct import *import)
{
	int code = 0;

	for (size_t i = 0; i < import->secret_names.count && code == 0; i++) {
		const struct name *name = &import->secret_names.list[i];
		struct slice path = path_of(import, slice(name->ptr, name->len)), text = arena_printf(
		    &import->arena, "%.*s\n", (int)import->passwords[i].len, import->passwords[i].ptr);

		code = write_secret(path.ptr, text);
	}
	return code;
}
