/*
 * index.c - any bytes as an index: an error, or a bounded answer.  The first
 * byte says whether the checksums are made to fit.
 */
#include "fuzz.h"

#include <string.h>

#include "mini_index.h"
#include "promise.h"
#include "runtime/index.h"
#include "use_index.h"

/* A map begins at a page; the allocation ends where the index does. */
static unsigned char *
copy_of(const uint8_t *bytes, size_t size)
{
	void *copy;

	promise(posix_memalign(&copy, INDEX_ALIGN, size + (size == 0)) == 0);
	if (size != 0)
		memcpy(copy, bytes, size);
	return copy;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct mini_index index;
	struct tmail_routes *routes;
	enum tmail_status status;

	if (size == 0)
		return 0;
	index = (struct mini_index){copy_of(bytes + 1, size - 1), size - 1};
	if ((bytes[0] & 1) != 0 && index.size >= HEADER_SIZE)
		mini_seal(&index);
	status = index_attach(index.bytes, index.size, &routes);
	promise((status == TMAIL_OK) == (routes != NULL));
	promise(status == TMAIL_OK || status == TMAIL_E_FORMAT || status == TMAIL_E_VERSION ||
	    status == TMAIL_E_DAMAGED);
	if (routes != NULL)
		use_index(routes);
	tmail_routes_close(routes);
	free(index.bytes);
	return 0;
}
