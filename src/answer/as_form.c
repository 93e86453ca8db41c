#include "answer/as_form.h"

#include "answer/as_exim.h"
#include "answer/as_postfix.h"

enum as_form
as_form_read(const char *word)
{
	if (strcmp(word, "postfix") == 0)
		return AS_FORM_POSTFIX;
	return strcmp(word, "exim") == 0 ? AS_FORM_EXIM : AS_FORM_NONE;
}

enum tmail_status
answer_as(struct answer *answer, struct as_plan *plan, const struct question *question,
    enum as_form form)
{
	const struct tmail_slice recipient = question->query.recipient;
	char buf[AS_TEXT_SIZE];
	struct as_text text = {buf, 0, sizeof(buf), false};

	as_plan_draw(plan, answer->routes, &question->query, &answer->random);
	if (form == AS_FORM_POSTFIX)
		as_postfix_action(plan, &question->query, &text);
	else if (plan->outcome == AS_NONE || plan->outcome == AS_RELAYS)
		as_exim_route(plan, recipient, &text);
	else
		as_exim_refuse(plan, &text);
	text_add(&answer->line, text.ptr, text.len);
	return plan->status;
}
