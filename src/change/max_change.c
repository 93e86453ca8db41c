#include "change/max_change.h"

#include <string.h>

#include "answer/answer.h"
#include "answer/show.h"
#include "base/number.h"
#include "program/say.h"
#include "review/decisions.h"
#include "runtime/index.h"

enum { SHOWN = 10, WHOLE = 100 };

/* A number of groups, or a share of them. */
struct limit {
	uint32_t n;
	bool percent;
};

static bool
read_limit(const char *max, struct limit *limit)
{
	struct slice digits = slice_str(max);

	limit->percent = digits.len > 1 && digits.ptr[digits.len - 1] == '%';
	digits.len -= limit->percent;
	return number_read(digits, limit->percent ? WHOLE : UINT32_MAX, &limit->n);
}

int
max_change_usage(const struct settings *settings)
{
	const char *max = settings->max_change;
	struct limit limit;

	if (max == NULL || strcmp(max, "any") == 0 || read_limit(max, &limit))
		return 0;
	return cli_usage("--max-change is a number of groups, a share like 5%% or any, not '%s'",
	    max);
}

/* "to a.example: HOST... -> HOST..." */
static void
say_decision(struct outcomes *o, const struct decision *decision)
{
	const struct tmail_match *group = &decision->group;
	struct tmail_match matches[SIDES];
	struct text line = {0};

	decision_matches(decision, o, matches);
	show_rung(&line, o->routes[OLD], group->user, group->from, group->to);
	text_str(&line, decision->stranger ? ", by a login: " : ": ");
	for (int side = 0; side < SIDES; side++) {
		struct answer part = {.routes = o->routes[side], .batch = true};

		if (answer_text_outcome(&part, &matches[side]) != TMAIL_OK)
			text_str(&part.line, tmail_status_text(TMAIL_E_DAMAGED));
		text_str(&line, side == OLD ? "" : " -> ");
		text_add(&line, part.line.ptr, part.line.len);
		answer_release(&part);
	}
	cli_say("  %.*s", (int)line.len, line.ptr);
	text_release(&line);
}

static int
refuse(const struct settings *settings, struct outcomes *o, const struct decisions *decisions)
{
	size_t gone = 0;

	for (size_t i = 0; i < decisions->count; i++)
		gone += decisions->list[i].alone;
	cli_say("%zu of the %u groups in %s would change, more than --max-change %s: %zu decide "
	    "otherwise, %zu go away", decisions->count, decisions->groups[OLD], settings->index,
	    settings->max_change, decisions->count - gone, gone);
	for (size_t i = 0; i < decisions->count && i < SHOWN; i++)
		say_decision(o, &decisions->list[i]);
	if (decisions->count > SHOWN)
		cli_say("  and %zu more", decisions->count - SHOWN);
	cli_say("help: --max-change any, if that is meant");
	return EXIT_NO;
}

static bool
is_within(const struct limit *limit, const struct decisions *decisions)
{
	if (limit->percent)
		return decisions->count * WHOLE <= (uint64_t)limit->n * decisions->groups[OLD];
	return decisions->count <= limit->n;
}

static int
compare(const struct settings *settings, const struct tmail_routes *old,
    const struct tmail_routes *new)
{
	struct decisions decisions = {0};
	struct outcomes outcomes;
	struct limit limit;
	int code = 0;

	outcomes_init(&outcomes, old, new);
	decisions_at_risk(&decisions, &outcomes);
	if (outcomes.status != TMAIL_OK)
		code = cli_index_failed(settings->index, outcomes.status);
	else if (read_limit(settings->max_change, &limit) && !is_within(&limit, &decisions))
		code = refuse(settings, &outcomes, &decisions);
	decisions_release(&decisions);
	outcomes_release(&outcomes);
	return code;
}

/* Whatever is wrong with the index in place: it is no base. */
static int
no_base(const struct settings *settings, enum tmail_status status)
{
	if (status == TMAIL_E_MEMORY)
		mem_exhausted();
	cli_say("%s: %s: nothing to compare with; --max-change any, if that is meant",
	    settings->index, tmail_status_text(status));
	return EX_NOINPUT;
}

int
max_change_guard(const struct settings *settings, struct image *image)
{
	const char *max = settings->max_change;
	struct tmail_routes *old, *new;
	enum tmail_status status;
	int code;

	if (max == NULL || strcmp(max, "any") == 0)
		return 0;
	status = tmail_routes_open(settings->index, TMAIL_OPEN_VERIFY, &old);
	if (status != TMAIL_OK)
		return no_base(settings, status);
	image_seal(image);
	status = index_attach(image->bytes, image->size, &new);
	code = status == TMAIL_OK ? compare(settings, old, new) :
	    cli_index_failed(settings->conf, status);
	tmail_routes_close(new);
	tmail_routes_close(old);
	return code;
}
