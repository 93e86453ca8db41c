/* diff_human.c - a diff for people. */
#include "review/diff.h"

#include "answer/answer.h"
#include "answer/show.h"

static const char red[] = "\033[31m", green[] = "\033[32m", bold[] = "\033[1m", plain[] = "\033[0m";

static void
end_line(struct diff *diff)
{
	text_line(&diff->text, diff->out->file);
}

static void
add_number(struct text *text, uint64_t n, const char *word)
{
	text_number(text, n);
	text_str(text, word);
}

/* "routes 3, 7-9": runs of numbers as people write them. */
static void
print_ids(struct diff *diff, enum route_change change, const char *word)
{
	const struct changed_list *of = &diff->routes.of[change];

	if (of->count == 0)
		return;
	text_str(&diff->text, of->count == 1 ? "route " : "routes ");
	for (size_t i = 0, end; i < of->count; i = end) {
		for (end = i + 1; end < of->count && of->list[end].id == of->list[end - 1].id + 1;)
			end++;
		if (i > 0)
			text_str(&diff->text, ", ");
		text_number(&diff->text, of->list[i].id);
		if (end - i > 1) {
			text_str(&diff->text, end - i > 2 ? "-" : ", ");
			text_number(&diff->text, of->list[end - 1].id);
		}
	}
	text_str(&diff->text, word);
	end_line(diff);
}

static void
print_changed(struct diff *diff)
{
	const struct changed_list *of = &diff->routes.of[ROUTE_CHANGED];

	for (size_t i = 0; i < of->count; i++) {
		const char *before = " changed: ";

		text_str(&diff->text, "route ");
		text_number(&diff->text, of->list[i].id);
		for (int field = 0; field < FIELDS; field++) {
			if ((of->list[i].fields >> field & 1) == 0)
				continue;
			text_str(&diff->text, before);
			text_str(&diff->text, field_names[field]);
			if (field == FIELD_PASSWORD)
				text_str(&diff->text, " changed");
			before = ", ";
		}
		end_line(diff);
	}
}

/* The items of an outcome, each on a line of its own behind a sign. */
static void
print_items(struct diff *diff, const char *sign, const char *colour, struct text *items,
    const char *head)
{
	const char *line = items->ptr, *end = line + items->len;

	while (line < end) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));

		stop = stop == NULL ? end : stop;
		while (line < stop && *line == ' ')
			line++;
		if (line < stop) {
			text_str(&diff->text, diff->out->colour ? colour : "");
			text_str(&diff->text, sign);
			text_str(&diff->text, head);
			text_add(&diff->text, line, (size_t)(stop - line));
			text_str(&diff->text, diff->out->colour ? plain : "");
			end_line(diff);
		}
		line = stop + 1;
	}
}

/* What a side does with the mail of a group, and as what if not as that group. */
static void
print_outcome(struct diff *diff, const struct decision *decision, int side,
    const struct tmail_match *match)
{
	struct answer answer = {.routes = diff->outcomes.routes[side], .secrets = diff->secrets};
	struct text head = {0};

	if (decision->alone && side != decision->side && match->count != 0) {
		text_str(&head, "as ");
		show_rung(&head, answer.routes, match->user, match->from, match->to);
		text_str(&head, ": ");
	}
	text_add(&head, "", 1);
	if (answer_text_outcome(&answer, match) != TMAIL_OK)
		diff->outcomes.status = TMAIL_E_DAMAGED;
	print_items(diff, side == OLD ? "  - " : "  + ", side == OLD ? red : green, &answer.line,
	    head.ptr);
	answer_release(&answer);
	text_release(&head);
}

static void
print_decisions(struct diff *diff)
{
	for (size_t i = 0; i < diff->decisions.count; i++) {
		const struct decision *decision = &diff->decisions.list[i];
		const struct tmail_match *group = &decision->group;
		struct tmail_match matches[SIDES];
		struct text rung = {0};

		decision_matches(decision, &diff->outcomes, matches);
		show_rung(&rung, diff->outcomes.routes[decision->side], group->user, group->from,
		    group->to);
		text_str(&diff->text, diff->out->colour ? bold : "");
		text_add(&diff->text, rung.ptr, rung.len);
		text_str(&diff->text, diff->out->colour ? plain : "");
		end_line(diff);
		text_release(&rung);
		print_outcome(diff, decision, OLD, &matches[OLD]);
		print_outcome(diff, decision, NEW, &matches[NEW]);
	}
}

/* How many decisions there are of each kind. */
static void
print_count(struct diff *diff)
{
	const struct decisions *decisions = &diff->decisions;
	size_t alone[SIDES] = {0};

	for (size_t i = 0; i < decisions->count; i++)
		if (decisions->list[i].alone)
			alone[decisions->list[i].side]++;
	if (decisions->count == 0)
		return;
	add_number(&diff->text, decisions->count,
	    decisions->count == 1 ? " decision: " : " decisions: ");
	add_number(&diff->text, decisions->count - alone[OLD] - alone[NEW], " changed, ");
	add_number(&diff->text, alone[NEW], " new, ");
	add_number(&diff->text, alone[OLD], " gone");
	end_line(diff);
}

static void
add_given(struct text *text, const char *word, struct tmail_slice given)
{
	if (given.ptr == NULL)
		return;
	text_str(text, word);
	text_safe(text, given.ptr, given.len);
}

static void
print_samples(struct diff *diff)
{
	static const char *const words[SAMPLES] = {[SAMPLE_RELAY] = " get another relay",
	    [SAMPLE_TLS_LOST] = " lose TLS", [SAMPLE_TLS_GAINED] = " gain TLS",
	    [SAMPLE_LOGIN_LOST] = " lose the login", [SAMPLE_LOGIN_GAINED] = " gain a login",
	    [SAMPLE_REJECTED] = " become rejected"};

	for (int sample = 0; sample < SAMPLES; sample++) {
		const struct sampled *of = &diff->samples.of[sample];

		if (of->count == 0)
			continue;
		add_number(&diff->text, of->count, " of ");
		add_number(&diff->text, diff->samples.total, " samples");
		text_str(&diff->text, words[sample]);
		end_line(diff);
		for (size_t i = 0; i < of->count && i < SAMPLES_SHOWN; i++) {
			add_given(&diff->text, "  ", of->first[i].recipient);
			add_given(&diff->text, ", user ", of->first[i].login);
			add_given(&diff->text, ", from ", of->first[i].sender);
			end_line(diff);
		}
	}
}

void
diff_human(struct diff *diff)
{
	if (diff_is_empty(diff))
		return;
	print_ids(diff, ROUTE_ADDED, " added");
	print_ids(diff, ROUTE_REMOVED, " removed");
	print_changed(diff);
	print_decisions(diff);
	print_count(diff);
	if (diff->sampled)
		print_samples(diff);
}
