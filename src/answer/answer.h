/*
 * answer.h - what lookup says of one mail.  The answer is put together in
 * answer->line, without a line end behind it.
 */
#ifndef ANSWER_ANSWER_H
#define ANSWER_ANSWER_H

#include <stdbool.h>

#include "answer/attempts.h"
#include "answer/question.h"

/* Set the first group; zero the rest.  One serves many queries. */
struct answer {
	const struct tmail_routes *routes;
	bool plan, explain, secrets;
	bool batch;			/* one line for each query */
	unsigned columns;	/* of a window that the lines are to fit; 0: none */
	bool colour;
	struct tmail_random random;

	struct text line;
	size_t begun;		/* where its last item begins */
	unsigned tried;		/* rungs of the ladder */
	struct text rungs;	/* of JSON, where they stand last */
	struct attempts attempts;
};

/*
 * Both return what the lookup did: TMAIL_OK, TMAIL_NO_ROUTE or an error, after
 * which the line says so too.  The question must be without fault.
 */
enum tmail_status answer_text(struct answer *answer, const struct question *question);
enum tmail_status answer_json(struct answer *answer, const struct question *question);

/* The line says why there is no answer. */
void answer_text_error(struct answer *answer, const char *why);
void answer_json_error(struct answer *answer, const struct question *question, const char *why);

/*
 * What a match gives, apart from any mail; one of no routes: the MX.  JSON: all behind the
 * echo of the query, added to the line.  Text: an item for each route, with all that has a
 * value of its own, added to the line.  TMAIL_OK or TMAIL_E_DAMAGED.
 */
enum tmail_status answer_json_outcome(struct answer *answer, const struct tmail_match *match);
enum tmail_status answer_text_outcome(struct answer *answer, const struct tmail_match *match);

void answer_release(struct answer *answer);

#endif
