#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mini_buffer.h"
#include "mini_index.h"
#include "runtime/format.h"

void
mini_seal(struct mini_index *index)
{
	unsigned char *h = index->bytes;

	index_checksum(h, index->size, h + HEADER_CHECKSUM);
	le64_put(h + HEADER_OWN_CHECKSUM, index_own_checksum(h));
}

static void
write_all(int fd, const struct mini_index *index)
{
	must(fd != -1);
	must(write(fd, index->bytes, index->size) == (ssize_t)index->size);
}

void
mini_write(const struct mini_index *index, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	write_all(fd, index);
	must(close(fd) == 0);
}

enum tmail_status
mini_open(const struct mini_index *index, unsigned flags,
    struct tmail_routes **routes)
{
	int fd = memfd_create("mini", MFD_CLOEXEC);
	enum tmail_status status;
	char path[32];

	write_all(fd, index);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	status = tmail_routes_open(path, flags, routes);
	close(fd);
	return status;
}
