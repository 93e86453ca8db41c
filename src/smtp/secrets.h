/*
 * secrets.h - what no log and no verdict may show: the password or token, and
 * each line that AUTH has sent.
 */
#ifndef SMTP_SECRETS_H
#define SMTP_SECRETS_H

#include <stdbool.h>
#include <stddef.h>

#define SECRETS_MAX 40
/* The least size of a buffer for a text that may be hidden. */
#define SECRETS_TEXT_MIN 16

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

/* secrets_mask - hides a text that quotes a secret, or eight bytes of one in a row. */
void secrets_mask(const struct secrets *secrets, char *text);

void secrets_release(struct secrets *secrets);

#endif
