#include "wiring/doctor.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "answer/show.h"

const char *
doctor_place(struct doctor *doctor, const struct tmail_route *route)
{
	struct text text = {0};
	const char *place;

	show_place(&text, route);
	place = arena_copy(&doctor->arena, slice(text.ptr, text.len)).ptr;
	text_release(&text);
	return place;
}

static void
check_index(struct doctor *doctor)
{
	if (doctor->status != TMAIL_OK)
		report_say(&doctor->report, LEVEL_ERROR, "index", "run tmail routes compile", "%s: %s",
		    doctor->index, tmail_status_text(doctor->status));
	else if (doctor->stale)
		report_say(&doctor->report, LEVEL_ERROR, "index", "run tmail routes compile",
		    "%s is stale: the configuration was changed since", doctor->index);
	else
		report_say(&doctor->report, LEVEL_OK, "index", NULL, "%s is whole%s", doctor->index,
		    doctor->stale_known ? ", and that of the configuration" : "");
}

/* Routes that Postfix's words for them do not do justice to. */
static void
check_findings(struct doctor *doctor)
{
	const struct findings *findings = &doctor->transports.findings;

	for (int kind = 0; kind < FINDING_KINDS; kind++) {
		enum level level = kind < FINDINGS_WAIT_END ? LEVEL_ERROR : LEVEL_WARNING;
		const char *mend = kind < FINDINGS_OWN_END ? "give it a transport of its own" : NULL;
		size_t kept = findings_kept(findings, (enum finding_kind)kind);

		for (size_t i = 0; i < kept; i++) {
			const struct finding *finding = &findings->list[kind][i];
			const struct tmail_route route = {.id = finding->id, .line = finding->line,
			    .file = finding->file};

			report_say(&doctor->report, level, kind < FINDINGS_OWN_END ? "own-transport" : "cannot",
			    mend, "%s: %s", doctor_place(doctor, &route), finding->text);
		}
		if (findings->count[kind] > kept)
			report_say(&doctor->report, level, kind < FINDINGS_OWN_END ? "own-transport" : "cannot",
			    mend, "%zu more routes for the same reason", findings->count[kind] - kept);
	}
}

/* By name; the user of an unpacked Postfix may be known to it alone, and owns its data. */
static void
find_owner(struct doctor *doctor)
{
	const char *name = postconf_main(&doctor->postconf, "mail_owner");
	struct stat status;

	if (prober_user(&doctor->owner, name, true))
		return;
	if (stat(postconf_main(&doctor->postconf, "data_directory"), &status) == 0)
		prober_uid(&doctor->owner, status.st_uid, status.st_gid);
	else
		report_say(&doctor->report, LEVEL_ERROR, "user", "set mail_owner in main.cf, or make it",
		    "there is no user %s, as whom Postfix's services run", name);
	doctor->owner.user = name;
}

/* The pipe to which default_transport hands all mail; NULL: it is another transport. */
static const struct service *
find_pipe(struct doctor *doctor)
{
	const char *transport = postconf_main(&doctor->postconf, "default_transport");
	const char *name = arena_copy(&doctor->arena, slice(transport, strcspn(transport, ":"))).ptr;
	const struct service *service = postconf_service(&doctor->postconf, name, "unix");

	return service != NULL && doctor_is_deliver(service) ? service : NULL;
}

static void
check_serve(struct doctor *doctor)
{
	doctor_policy(doctor);
	doctor_maps(doctor);
	doctor_clients(doctor);
	doctor_daemon(doctor);
	check_findings(doctor);
}

void
doctor_run(struct doctor *doctor)
{
	const struct service *pipe;

	doctor->queue = postconf_main(&doctor->postconf, "queue_directory");
	check_index(doctor);
	if (geteuid() != 0)
		report_say(&doctor->report, LEVEL_WARNING, "root", "run it as root",
		    "sockets are tried as yourself, and files not at all");
	find_owner(doctor);
	if (doctor->routes != NULL)
		doctor->status = transports_open(&doctor->transports, doctor->routes);
	if (doctor->routes != NULL && doctor->status == TMAIL_OK)
		doctor->status = groups_find(&doctor->groups, doctor->routes);
	if (doctor->status == TMAIL_E_MEMORY)
		mem_exhausted();
	pipe = find_pipe(doctor);
	if (pipe == NULL)
		check_serve(doctor);
	else
		report_say(&doctor->report, LEVEL_OK, "pipe", NULL, "all mail goes to tmail deliver, by %s",
		    pipe->id);
	for (size_t i = 0; i < doctor->postconf.service_count; i++)
		if (doctor_is_deliver(&doctor->postconf.services[i]))
			doctor_pipe(doctor, &doctor->postconf.services[i], pipe == &doctor->postconf.services[i]);
}

void
doctor_release(struct doctor *doctor)
{
	if (doctor->routes != NULL) {
		transports_close(&doctor->transports);
		groups_release(&doctor->groups);
	}
	postconf_release(&doctor->postconf);
	text_release(&doctor->report.text);
	arena_release(&doctor->arena);
}
