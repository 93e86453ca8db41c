#include "program/log_escape.h"

#include <stdbool.h>
#include <stdio.h>

static bool
is_word(const char *value)
{
	const unsigned char *p;

	for (p = (const unsigned char *)value; *p != '\0'; p++)
		if (*p <= ' ' || *p >= 0x7F || *p == '"' || *p == '\\' || *p == '=')
			return false;
	return *value != '\0';
}

void
log_escape(const char *value, char *out, unsigned size)
{
	unsigned n = 0;
	unsigned char c;

	if (is_word(value)) {
		snprintf(out, size, "%s", value);
		return;
	}
	out[n++] = '"';
	/* 4 for an escape, 2 for the end */
	for (; *value != '\0' && n + 6 < size; value++) {
		c = (unsigned char)*value;
		if (c == '"' || c == '\\') {
			out[n++] = '\\';
			out[n++] = (char)c;
		} else if (c < ' ' || c >= 0x7F) {
			n += (unsigned)snprintf(out + n, size - n, "\\x%02X", c);
		} else {
			out[n++] = (char)c;
		}
	}
	out[n++] = '"';
	out[n] = '\0';
}
