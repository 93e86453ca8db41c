/* diff_markdown.c - a diff for a comment on a merge request (GitHub Flavored Markdown). */
#include "review/diff.h"

#include "answer/answer.h"
#include "answer/show.h"

/*
 * Bytes that mean something in Markdown stand for themselves; a line end is a break in a
 * cell, and what indents a line goes.
 */
static void
add_escaped(struct text *text, const char *ptr, size_t len)
{
	bool begins = true;

	for (const char *p = ptr; p < ptr + len; p++) {
		if (*p == '\n')
			text_str(text, "<br>");
		begins = *p == '\n' || (begins && *p == ' ');
		if (begins)
			continue;
		if (strchr("\\`*_{}[]<>#|~&!$", *p) != NULL)
			text_str(text, "\\");
		text_add(text, p, 1);
	}
}

static void
add_safe(struct text *text, struct tmail_slice s)
{
	struct text safe = {0};

	text_safe(&safe, s.ptr, s.len);
	add_escaped(text, safe.ptr, safe.len);
	text_release(&safe);
}

static void
print_line(struct diff *diff, const char *line)
{
	text_str(&diff->text, line);
	text_line(&diff->text, diff->out->file);
}

static void
print_ids(struct diff *diff, enum route_change change, const char *word)
{
	const struct changed_list *of = &diff->routes.of[change];

	for (size_t i = 0; i < of->count; i++) {
		const char *before = ": ";

		text_str(&diff->text, "| ");
		text_number(&diff->text, of->list[i].id);
		text_str(&diff->text, " | ");
		text_str(&diff->text, word);
		for (int field = 0; field < FIELDS; field++) {
			if ((of->list[i].fields >> field & 1) == 0)
				continue;
			text_str(&diff->text, before);
			add_escaped(&diff->text, field_names[field], strlen(field_names[field]));
			if (field == FIELD_PASSWORD)
				text_str(&diff->text, " changed");
			before = ", ";
		}
		print_line(diff, " |");
	}
}

static void
print_routes(struct diff *diff)
{
	const struct changed_list *of = diff->routes.of;

	if (of[ROUTE_ADDED].count + of[ROUTE_REMOVED].count + of[ROUTE_CHANGED].count == 0)
		return;
	print_line(diff, "| route | |");
	print_line(diff, "| ---: | --- |");
	print_ids(diff, ROUTE_ADDED, "added");
	print_ids(diff, ROUTE_REMOVED, "removed");
	print_ids(diff, ROUTE_CHANGED, "changed");
	print_line(diff, "");
}

static void
add_outcome(struct diff *diff, const struct decision *decision, int side,
    const struct tmail_match *match)
{
	struct answer answer = {.routes = diff->outcomes.routes[side], .secrets = diff->secrets};

	if (decision->alone && side != decision->side && match->count != 0) {
		text_str(&answer.line, "as ");
		show_rung(&answer.line, answer.routes, match->user, match->from, match->to);
		text_str(&answer.line, ":");
	}
	if (answer_text_outcome(&answer, match) != TMAIL_OK)
		diff->outcomes.status = TMAIL_E_DAMAGED;
	text_str(&diff->text, " | ");
	add_escaped(&diff->text, answer.line.ptr, answer.line.len);
	answer_release(&answer);
}

static void
print_decisions(struct diff *diff)
{
	if (diff->decisions.count == 0)
		return;
	print_line(diff, "| mail | old | new |");
	print_line(diff, "| --- | --- | --- |");
	for (size_t i = 0; i < diff->decisions.count; i++) {
		const struct decision *decision = &diff->decisions.list[i];
		const struct tmail_match *group = &decision->group;
		struct tmail_match matches[SIDES];
		struct text rung = {0};

		decision_matches(decision, &diff->outcomes, matches);
		show_rung(&rung, diff->outcomes.routes[decision->side], group->user, group->from,
		    group->to);
		text_str(&diff->text, "| ");
		add_escaped(&diff->text, rung.ptr, rung.len);
		text_release(&rung);
		add_outcome(diff, decision, OLD, &matches[OLD]);
		add_outcome(diff, decision, NEW, &matches[NEW]);
		print_line(diff, " |");
	}
	print_line(diff, "");
}

static void
add_mail(struct text *text, const struct tmail_query *given)
{
	add_safe(text, given->recipient);
	if (given->login.ptr != NULL) {
		text_str(text, ", user ");
		add_safe(text, given->login);
	}
	if (given->sender.ptr != NULL) {
		text_str(text, ", from ");
		add_safe(text, given->sender);
	}
}

static void
print_samples(struct diff *diff)
{
	static const char *const words[SAMPLES] = {[SAMPLE_RELAY] = "another relay",
	    [SAMPLE_TLS_LOST] = "TLS lost", [SAMPLE_TLS_GAINED] = "TLS gained",
	    [SAMPLE_LOGIN_LOST] = "login lost", [SAMPLE_LOGIN_GAINED] = "login gained",
	    [SAMPLE_REJECTED] = "rejected"};

	text_str(&diff->text, "| of ");
	text_number(&diff->text, diff->samples.total);
	print_line(diff, " samples | | first |");
	print_line(diff, "| --- | ---: | --- |");
	for (int sample = 0; sample < SAMPLES; sample++) {
		const struct sampled *of = &diff->samples.of[sample];

		text_str(&diff->text, "| ");
		text_str(&diff->text, words[sample]);
		text_str(&diff->text, " | ");
		text_number(&diff->text, of->count);
		text_str(&diff->text, " | ");
		for (size_t i = 0; i < of->count && i < SAMPLES_SHOWN; i++) {
			text_str(&diff->text, i == 0 ? "" : "<br>");
			add_mail(&diff->text, &of->first[i]);
		}
		print_line(diff, " |");
	}
	print_line(diff, "");
}

void
diff_markdown(struct diff *diff)
{
	if (diff_is_empty(diff))
		return;
	print_routes(diff);
	print_decisions(diff);
	if (diff->sampled)
		print_samples(diff);
}
