/* offers.h - what a server says in answer to EHLO. */
#ifndef SMTP_OFFERS_H
#define SMTP_OFFERS_H

#include <stdbool.h>

/* Zeroed: nothing. */
struct offers {
	bool starttls, pipelining, chunking, eight_bit, smtputf8, size, auth;
	unsigned mechanisms;	/* a bit for each of sasl.h's */
};

/* offers_see - takes a line of the reply to EHLO, for reply_read; arg is a struct offers. */
void offers_see(void *arg, int code, const char *line);

#endif
