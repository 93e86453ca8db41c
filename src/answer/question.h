/* question.h - one mail that somebody asks about, in options or in a line of a batch. */
#ifndef ANSWER_QUESTION_H
#define ANSWER_QUESTION_H

#include <stdbool.h>

#include "base/slice.h"
#include "tmail/routes.h"

struct question {
	struct tmail_query given;	/* as it stands there: what JSON repeats */
	struct tmail_query query;	/* without the angle brackets of SMTP */
	const char *fault;		/* why the line is no question; NULL: it is one */
};

/* Empty: no login, sender not known.  Slices stay the caller's. */
void question_of_words(struct question *question, struct slice to, struct slice login,
    struct slice sender);

/* TO <TAB> LOGIN <TAB> SENDER, of which the last two may be missing. */
void question_of_line(struct question *question, struct slice line);

/* Whether the recipient is an address or a domain: a delivery is asked for nothing else. */
bool question_has_recipient(const struct question *question);

#endif
