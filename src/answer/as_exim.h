/* as_exim.h - decisions in Exim's words: route_data of manualroute, data of redirect. */
#ifndef ANSWER_AS_EXIM_H
#define ANSWER_AS_EXIM_H

#include "answer/as_plan.h"

/* Nothing matched: a word, since an empty answer is what a dead daemon gives. */
#define AS_EXIM_NONE "none"

/* as_exim_route - the hosts and the transport, "none", or what makes Exim defer. */
void as_exim_route(const struct as_plan *plan, struct tmail_slice recipient,
    struct as_text *out);

/* as_exim_refuse - ":fail: TEXT", ":defer: TEXT", ":blackhole:" or "none". */
void as_exim_refuse(const struct as_plan *plan, struct as_text *out);

#endif
