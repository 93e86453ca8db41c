#include "program/receipt.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* The verdict is shorter than what lies before the mark. */
#define MARK_AT 4096
#define FILE_SIZE 8192

/* What no text that lands there by mistake looks like. */
#define SIGNED UINT64_C(0xA70D3D1E5E9B8F21)

static bool
share(struct receipt *receipt, int fd)
{
	char *file = mmap(NULL, FILE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (file == MAP_FAILED)
		return false;
	receipt->mark = (void *)(file + MARK_AT);
	return true;
}

bool
receipt_open(struct receipt *receipt, int verdict)
{
	errno = posix_fallocate(verdict, 0, FILE_SIZE);
	return errno == 0 && share(receipt, verdict);
}

void
receipt_find(struct receipt *receipt, int verdict)
{
	struct stat st;

	if (fstat(verdict, &st) != 0 || st.st_size != FILE_SIZE || !share(receipt, verdict))
		receipt->mark = NULL;
}

void
receipt_sign(const struct receipt *receipt)
{
	if (receipt->mark != NULL)
		*receipt->mark = SIGNED;
}

bool
receipt_signed(const struct receipt *receipt)
{
	return receipt->mark != NULL && *receipt->mark == SIGNED;
}
