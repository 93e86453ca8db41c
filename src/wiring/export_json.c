#include "wiring/export.h"

#include "answer/json.h"

static void
add_pair(void *arg, const char *name, struct slice value)
{
	struct text *text = arg;

	json_raw(text, NULL, "{");
	json_str(text, "name", name);
	json_text(text, "value", value.len == 0 ? "" : value.ptr, value.len);
	text_str(text, "}");
}

static void
add_main(const struct exporting *e, struct text *text)
{
	json_raw(text, "main", "[");
	cf_main(e->transports, e->sockets, add_pair, text);
	for (size_t i = 0; i < e->transports->count; i++)
		cf_limits(&e->transports->list[i], add_pair, text);
	text_str(text, "]");
}

static void
add_master(const struct exporting *e, struct text *text)
{
	json_raw(text, "master", "[");
	for (size_t i = 0; i < e->transports->count; i++) {
		const struct transport *transport = &e->transports->list[i];

		if (transport->kind != TRANSPORT_CLONE)
			continue;
		json_raw(text, NULL, "{");
		json_text(text, "service", transport->name.ptr, transport->name.len);
		json_str(text, "type", "unix");
		json_str(text, "chroot", e->chroot);
		json_str(text, "command", "smtp");
		json_raw(text, "options", "[");
		cf_options(transport, e->sockets, add_pair, text);
		text_str(text, "]}");
	}
	text_str(text, "]");
}

static void
add_findings(struct text *text, const struct findings *findings, const char *key, int begin,
    int end)
{
	size_t more = 0;

	json_raw(text, key, "[");
	for (int kind = begin; kind < end; kind++) {
		size_t kept = findings_kept(findings, (enum finding_kind)kind);

		for (size_t i = 0; i < kept; i++) {
			const struct finding *finding = &findings->list[kind][i];

			json_raw(text, NULL, "{");
			json_number(text, "id", finding->id);
			json_slice(text, "file", finding->file);
			json_number(text, "line", finding->line);
			json_str(text, "text", finding->text);
			text_str(text, "}");
		}
		more += findings->count[kind] - kept;
	}
	text_str(text, "]");
	if (more > 0)
		json_number(text, begin == 0 ? "needs_transport_more" : "cannot_more", more);
}

void
export_json(const struct exporting *e, struct text *text)
{
	const struct findings *findings = &e->transports->findings;

	json_raw(text, NULL, "{");
	if (e->main)
		add_main(e, text);
	if (e->master)
		add_master(e, text);
	add_findings(text, findings, "needs_transport", 0, FINDINGS_OWN_END);
	add_findings(text, findings, "cannot", FINDINGS_OWN_END, FINDING_KINDS);
	text_str(text, "}\n");
}
