/*
 * secrets.h - what no log and no verdict may show: the password or token, and
 * each line that AUTH has sent.
 */
#ifndef SMTP_SECRETS_H
#define SMTP_SECRETS_H

#include <stdbool.h>
#include <stddef.h>

#define SECRETS_MAX 40

/* Zeroed: none. */
struct secrets {
	char *list[SECRETS_MAX];
	size_t count;
	bool blind;	/* one could not be kept: every text is hidden */
};

/* secrets_add - a password or token; itself, and in base64. */
void secrets_add(struct secrets *secrets, const char *secret);

/* secrets_sent - one word of AUTH, in base64. */
void secrets_sent(struct secrets *secrets, const char *word);

/*
 * secrets_show - copies a text to out (of size bytes) as far as it fits; one that
 * quotes a secret, or eight bytes of one in a row, perhaps with blanks between,
 * there or where it is cut, is hidden.
 */
void secrets_show(const struct secrets *secrets, const char *text, char *out, size_t size);

void secrets_forget(struct secrets *secrets);

#endif
