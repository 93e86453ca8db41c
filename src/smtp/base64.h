/* base64.h - RFC 4648, 4. */
#ifndef SMTP_BASE64_H
#define SMTP_BASE64_H

#include <stddef.h>

/* base64_encode - NUL-terminated, freed by the caller; NULL: out of memory. */
char *base64_encode(const char *data, size_t len);

/*
 * base64_decode - a whole string; *len is the length of what is returned, which has
 * a NUL behind it and is freed by the caller.  NULL: it is none, or out of memory.
 */
char *base64_decode(const char *text, size_t *len);

#endif
