/* as_form.h - what lookup prints of one mail in the words of a mail server. */
#ifndef ANSWER_AS_FORM_H
#define ANSWER_AS_FORM_H

#include "answer/answer.h"
#include "answer/as_plan.h"

enum as_form { AS_FORM_NONE, AS_FORM_POSTFIX, AS_FORM_EXIM };

/* as_form_read - "postfix" or "exim"; AS_FORM_NONE: another word. */
enum as_form as_form_read(const char *word);

/*
 * answer_as - puts into answer->line the very string that a listener would give: of
 * Postfix the action of the policy service; of Exim the data of the router that takes
 * the mail, the one that refuses standing in front.  Returns as answer_text().
 */
enum tmail_status answer_as(struct answer *answer, struct as_plan *plan,
    const struct question *question, enum as_form form);

#endif
