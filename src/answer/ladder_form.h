/* ladder_form.h - the ladder of one mail as a table, for a window. */
#ifndef ANSWER_LADDER_FORM_H
#define ANSWER_LADDER_FORM_H

#include "answer/answer.h"

/* Whether the answer is for a window that the table fits into. */
bool ladder_fits(const struct answer *answer);

/*
 * ladder_draw - adds the table to the line; won: the rung that took the mail, counted from
 * 1, or 0.  Rungs that no route stands on are dim, or without colours dots.  TMAIL_OK or
 * TMAIL_E_MEMORY.
 */
enum tmail_status ladder_draw(struct answer *answer, const struct tmail_query *query,
    unsigned won);

#endif
