#include "wiring/export.h"

/* The kinds of findings up to `end`, under a heading if there are any. */
static void
add_findings(struct text *text, const struct findings *findings, int begin, int end,
    const char *heading)
{
	for (int kind = begin; kind < end; kind++) {
		size_t kept = findings_kept(findings, (enum finding_kind)kind);

		if (kept > 0) {
			text_str(text, heading);
			heading = "";
		}
		for (size_t i = 0; i < kept; i++) {
			const struct finding *finding = &findings->list[kind][i];

			text_str(text, "#   route ");
			text_number(text, finding->id);
			text_str(text, " (");
			text_name(text, finding->file.ptr, finding->file.len);
			text_str(text, ":");
			text_number(text, finding->line);
			text_str(text, "): ");
			text_safe(text, finding->text, strlen(finding->text));
			text_str(text, "\n");
		}
		if (findings->count[kind] > kept) {
			text_str(text, "#   and ");
			text_number(text, findings->count[kind] - kept);
			text_str(text, " more routes for the same reason\n");
		}
	}
}

static void
add_main_line(void *arg, const char *name, struct slice value)
{
	struct text *text = arg;

	text_str(text, name);
	text_str(text, " = ");
	cf_value(text, value);
	text_str(text, "\n");
}

static void
add_master_option(void *arg, const char *name, struct slice value)
{
	struct text *text = arg;

	text_str(text, "  -o ");
	cf_option(text, name, value);
	text_str(text, "\n");
}

static void
add_main(const struct exporting *e, struct text *text)
{
	text_str(text, "# main.cf, in the place of the lines of these names:\n");
	cf_main(e->transports, e->sockets, add_main_line, text);
	for (size_t i = 0; i < e->transports->count; i++)
		cf_limits(&e->transports->list[i], add_main_line, text);
}

static void
add_service(const struct exporting *e, const struct transport *transport, struct text *text)
{
	text_add(text, transport->name.ptr, transport->name.len);
	text_str(text, " unix - - ");
	text_str(text, e->chroot);
	text_str(text, " - - smtp\n");
	cf_options(transport, e->sockets, add_master_option, text);
}

static void
add_master(const struct exporting *e, struct text *text)
{
	bool any = false;

	for (size_t i = 0; i < e->transports->count; i++) {
		if (e->transports->list[i].kind != TRANSPORT_CLONE)
			continue;
		if (!any)
			text_str(text, "# master.cf, in the place of services of these names:\n");
		any = true;
		add_service(e, &e->transports->list[i], text);
	}
	if (!any)
		text_str(text, "# master.cf: no route names a transport that is to be made there.\n");
}

void
export_text(const struct exporting *e, struct text *text)
{
	const struct findings *findings = &e->transports->findings;

	text_str(text, "# What Postfix needs to ask tmail routes serve, as tmail routes export wrote it.\n");
	add_findings(text, findings, 0, FINDINGS_OWN_END,
	    "# These routes need a transport of their own, transport NAME:\n");
	add_findings(text, findings, FINDINGS_OWN_END, FINDING_KINDS,
	    "# This Postfix cannot say:\n");
	if (e->main)
		add_main(e, text);
	if (e->master)
		add_master(e, text);
}
