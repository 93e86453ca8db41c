/*
 * transcript.h - watches the part of the SMTP dialogue that libcurl leads
 * (banner, EHLO, STARTTLS, AUTH) and remembers what decides: how far it came,
 * the last reply, what the server offers, whether it said 235.
 */
#ifndef SMTP_TRANSCRIPT_H
#define SMTP_TRANSCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include "smtp/outcome.h"

#define TRANSCRIPT_SECRETS 4

struct transcript {
	enum stage stage;
	int code;			/* of the last whole reply at that stage, 0: none yet */
	char text[OUTCOME_TEXT_MAX];	/* its text, lines joined by a blank */
	/* A 4xx or 5xx came.  stage, code and text stay as they were then, whatever libcurl
	 * tries next (HELO after a refused EHLO, clear text after a refused STARTTLS). */
	bool refused;
	bool authenticated;		/* 235 came in answer to AUTH */
	bool offers_8bitmime, offers_smtputf8, offers_size; /* in the last EHLO reply */
	char mechanism[24];		/* of AUTH, "" if none was sent */
	bool continued;			/* within a reply of several lines */
	const char *password;		/* the caller's, or NULL */
	char *secrets[TRANSCRIPT_SECRETS]; /* what AUTH sent: a reply may quote it */
	size_t secret_count;
};

/* transcript_init - password, or NULL, must outlive the transcript. */
void transcript_init(struct transcript *transcript, const char *password);
void transcript_release(struct transcript *transcript);

/* transcript_sent, transcript_received - one line of the dialogue, with or without its CRLF. */
void transcript_sent(struct transcript *transcript, const char *line, size_t len);
void transcript_received(struct transcript *transcript, const char *line, size_t len);

/*
 * transcript_mask - hides a text that quotes the password or a line of the
 * AUTH dialogue.  Every reply passes through it before it is kept.
 */
void transcript_mask(const struct transcript *transcript, char *text);

/*
 * reply_line - takes one line of a reply: its code, the rest of it appended
 * to text (size OUTCOME_TEXT_MAX) after a blank, and whether it is the last.
 * Returns false if it is no SMTP reply.
 */
bool reply_line(const char *line, size_t len, int *code, char *text, bool *last);

#endif
