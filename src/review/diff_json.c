/* diff_json.c - a diff for programs. */
#include "review/diff.h"

#include "answer/answer.h"
#include "answer/json.h"

/* Writes all but the last byte, by which JSON knows whether a comma is due. */
static void
spill(struct diff *diff)
{
	enum { SPILL = 65536 };
	struct text *text = &diff->text;

	if (text->len < SPILL)
		return;
	fwrite(text->ptr, 1, text->len - 1, diff->out->file);
	text->ptr[0] = text->ptr[text->len - 1];
	text->len = 1;
}

static void
add_ids(struct diff *diff, const char *key, enum route_change change)
{
	const struct changed_list *of = &diff->routes.of[change];

	json_raw(&diff->text, key, "[");
	for (size_t i = 0; i < of->count; i++) {
		json_number(&diff->text, NULL, of->list[i].id);
		spill(diff);
	}
	text_str(&diff->text, "]");
}

static void
add_routes(struct diff *diff)
{
	const struct changed_list *of = &diff->routes.of[ROUTE_CHANGED];
	struct text *text = &diff->text;

	json_raw(text, "routes", "{");
	add_ids(diff, "added", ROUTE_ADDED);
	add_ids(diff, "removed", ROUTE_REMOVED);
	json_raw(text, "changed", "[");
	for (size_t i = 0; i < of->count; i++) {
		json_raw(text, NULL, "{");
		json_number(text, "id", of->list[i].id);
		json_raw(text, "fields", "[");
		for (int field = 0; field < FIELDS; field++)
			if ((of->list[i].fields >> field & 1) != 0)
				json_str(text, NULL, field_names[field]);
		text_str(text, "]}");
		spill(diff);
	}
	text_str(text, "]}");
}

static void
add_outcome(struct diff *diff, const char *key, int side, const struct tmail_match *match)
{
	struct answer answer = {.routes = diff->outcomes.routes[side], .secrets = diff->secrets,
	    .line = diff->text};

	json_raw(&answer.line, key, "{");
	if (answer_json_outcome(&answer, match) != TMAIL_OK)
		diff->outcomes.status = TMAIL_E_DAMAGED;
	text_str(&answer.line, "}");
	diff->text = answer.line;
}

static void
add_decisions(struct diff *diff)
{
	struct text *text = &diff->text;

	json_raw(text, "decisions", "[");
	for (size_t i = 0; i < diff->decisions.count; i++) {
		const struct decision *decision = &diff->decisions.list[i];
		struct tmail_match matches[SIDES];

		decision_matches(decision, &diff->outcomes, matches);
		json_raw(text, NULL, "{");
		json_slice(text, "user", decision->group.user);
		json_slice(text, "to", decision->group.to);
		json_slice(text, "from", decision->group.from);
		add_outcome(diff, "old", OLD, &matches[OLD]);
		add_outcome(diff, "new", NEW, &matches[NEW]);
		text_str(text, "}");
		spill(diff);
	}
	text_str(text, "]");
}

static void
add_sampled(struct text *text, const char *key, const struct sampled *sampled)
{
	json_raw(text, key, "{");
	json_number(text, "count", sampled->count);
	json_raw(text, "first", "[");
	for (size_t i = 0; i < sampled->count && i < SAMPLES_SHOWN; i++) {
		json_raw(text, NULL, "{");
		json_slice(text, "to", sampled->first[i].recipient);
		json_slice(text, "user", sampled->first[i].login);
		json_slice(text, "from", sampled->first[i].sender);
		text_str(text, "}");
	}
	text_str(text, "]}");
}

static void
add_samples(struct diff *diff)
{
	static const char *const keys[SAMPLES] = {[SAMPLE_RELAY] = "relay",
	    [SAMPLE_TLS_LOST] = "tls_lost", [SAMPLE_TLS_GAINED] = "tls_gained",
	    [SAMPLE_LOGIN_LOST] = "login_lost", [SAMPLE_LOGIN_GAINED] = "login_gained",
	    [SAMPLE_REJECTED] = "rejected"};

	json_raw(&diff->text, "samples", "{");
	json_number(&diff->text, "total", diff->samples.total);
	for (int sample = 0; sample < SAMPLES; sample++)
		add_sampled(&diff->text, keys[sample], &diff->samples.of[sample]);
	text_str(&diff->text, "}");
}

void
diff_json(struct diff *diff)
{
	json_raw(&diff->text, NULL, "{");
	add_routes(diff);
	add_decisions(diff);
	if (diff->sampled)
		add_samples(diff);
	else
		json_raw(&diff->text, "samples", "null");
	text_str(&diff->text, "}");
	text_line(&diff->text, diff->out->file);
}
