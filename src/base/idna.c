#include "base/idna.h"

#include <errno.h>
#include <idn2.h>
#include <stdint.h>

/* No name comes from more bytes: 253 characters of four, and some for combining marks. */
#define IDNA_INPUT_MAX (4 * FOLD_DOMAIN_MAX + 64)

/* While normalizing, libidn2 reports lack of memory in errno alone. */
static enum fold_status
idna_status(int rc)
{
	if (rc == IDN2_OK)
		return FOLD_OK;
	return rc == IDN2_MALLOC || errno == ENOMEM ? FOLD_MEMORY : FOLD_BAD;
}

enum fold_status
idna_to_ascii(struct slice in, char out[IDNA_SIZE], size_t *len)
{
	char text[IDNA_INPUT_MAX + 1];
	int kept = errno;
	enum fold_status status;
	char *ascii = NULL;

	if (in.len > IDNA_INPUT_MAX || memchr(in.ptr, '\0', in.len) != NULL)
		return FOLD_BAD;
	memcpy(text, in.ptr, in.len);
	text[in.len] = '\0';
	errno = 0;
	status = idna_status(idn2_to_ascii_8z(text, &ascii,
	    IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT));
	if (status == FOLD_OK) {
		*len = strlen(ascii);
		if (*len < IDNA_SIZE)
			memcpy(out, ascii, *len);
		else
			status = FOLD_BAD;
	}
	idn2_free(ascii);
	errno = kept;
	return status;
}
