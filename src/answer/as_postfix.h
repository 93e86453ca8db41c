/* as_postfix.h - decisions in Postfix's words: access(5) and transport(5). */
#ifndef ANSWER_AS_POSTFIX_H
#define ANSWER_AS_POSTFIX_H

#include "answer/as_plan.h"

/* Postfix cuts an action behind this. */
#define AS_ACTION_MAX 2048

/* What only a group for every destination matches. */
#define AS_EVERY_RECIPIENT {"\001", 1}

/* as_postfix_action - the action of a policy service for the decision on this query. */
void as_postfix_action(const struct as_plan *plan, const struct tmail_query *query,
    struct as_text *out);

/*
 * as_postfix_transport - what a transport map answers, in the words of socketmap:
 * "OK ...", "NOTFOUND " or "TEMP ...".
 */
void as_postfix_transport(const struct as_plan *plan, struct tmail_slice recipient,
    struct as_text *out);

#endif
