#include "program/receipt.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/mman.h>

/* What no text that lands there by mistake looks like. */
#define SIGNED UINT64_C(0xA70D3D1E5E9B8F21)

bool
receipt_open(struct receipt *receipt, int verdict)
{
	char *file;

	errno = posix_fallocate(verdict, 0, RECEIPT_FILE);
	if (errno != 0)
		return false;
	file = mmap(NULL, RECEIPT_FILE, PROT_READ | PROT_WRITE, MAP_SHARED, verdict, 0);
	if (file == MAP_FAILED)
		return false;
	receipt->mark = (void *)(file + RECEIPT_AT);
	return true;
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
