/* pipe.c - transports that are pipes, and of them those that run tmail deliver. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "wiring/doctor.h"
#include "wiring/words.h"

/* What tmail deliver does without --timeout and --index. */
enum { TIMEOUT = 900 };
#define INDEX "/etc/tmail/routes.idx"

/* The words of the service's command line. */
struct piping {
	const char *flags, *user, *null_sender;
	const char *index, *timeout, *login, *sender;
};

bool
doctor_is_deliver(const struct service *service)
{
	const char *rest = service->command;
	struct slice word, next;

	if (!service_runs(service, "pipe"))
		return false;
	while (cf_word(&rest, &word)) {
		const char *after = rest;

		if (word.len >= 5 && memcmp(word.ptr + word.len - 5, "tmail", 5) == 0 &&
		    cf_word(&after, &next) && slice_is(next, "deliver"))
			return true;
	}
	return false;
}

/* NAME=VALUE or --NAME VALUE or --NAME=VALUE: the value, in the arena. */
static bool
read_word(struct arena *arena, const char *name, const char *word, const char **rest,
    const char **value)
{
	size_t len = strlen(name);
	struct slice next;

	if (strncmp(word, name, len) != 0)
		return false;
	if (word[len] == '=')
		*value = word + len + 1;
	else if (word[len] == '\0' && name[0] == '-' && cf_word(rest, &next))
		*value = arena_copy(arena, next).ptr;
	else
		return false;
	return true;
}

static void
read_command(struct piping *piping, struct arena *arena, const char *rest)
{
	const struct {
		const char *name;
		const char **value;
	} known[] = {{"flags", &piping->flags}, {"user", &piping->user},
	    {"null_sender", &piping->null_sender}, {"--index", &piping->index},
	    {"--timeout", &piping->timeout}, {"--user", &piping->login}, {"--sender", &piping->sender}};
	struct slice word;

	*piping = (struct piping){.flags = ""};
	while (cf_word(&rest, &word)) {
		const char *text = arena_copy(arena, word).ptr;

		for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
			if (read_word(arena, known[i].name, text, &rest, known[i].value))
				break;
	}
}

static const char *
limit_of(struct doctor *doctor, const struct service *service, const char *limit)
{
	return postconf_main(&doctor->postconf,
	    arena_printf(&doctor->arena, "%s%s", service->name, limit).ptr);
}

/* A time as main.cf has it, in seconds. */
static unsigned long
seconds_of(const char *text)
{
	static const char units[] = "smhdw";
	static const unsigned long lengths[] = {1, 60, 3600, 86400, 604800};
	char *end;
	unsigned long n = strtoul(text, &end, 10);
	const char *unit = *end == '\0' ? NULL : strchr(units, *end);

	return unit == NULL ? n : n * lengths[unit - units];
}

static bool
is_same_file(const char *a, const char *b)
{
	struct stat x, y;

	return strcmp(a, b) == 0 || (stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
	    x.st_ino == y.st_ino);
}

static void
check_words(struct doctor *doctor, const struct service *service, const struct piping *piping)
{
	struct report *report = &doctor->report;

	if (piping->login == NULL || strstr(piping->login, "sasl_username") == NULL)
		report_say(report, LEVEL_ERROR, "pipe", "write --user ${sasl_username} behind deliver",
		    "%s does not hand the login over: no route by login holds", service->id);
	if (piping->sender == NULL || strstr(piping->sender, "sender") == NULL)
		report_say(report, LEVEL_ERROR, "pipe", "write --sender ${sender} behind deliver",
		    "%s does not hand the sender over", service->id);
	if (piping->null_sender == NULL || piping->null_sender[0] != '\0')
		report_say(report, LEVEL_ERROR, "pipe", "write null_sender= before argv",
		    "%s gives bounces the sender %s", service->id,
		    piping->null_sender == NULL ? "MAILER-DAEMON" : piping->null_sender);
	if (strchr(piping->flags, 'q') == NULL)
		report_say(report, LEVEL_WARNING, "pipe", "write flags=q before user",
		    "%s does not quote local parts", service->id);
	if (!is_same_file(piping->index, doctor->index))
		report_say(report, LEVEL_WARNING, "pipe", "name the same one, or ask doctor for it with -i",
		    "%s delivers by the index %s, and this is about %s", service->id, piping->index,
		    doctor->index);
}

/* pipe(8) gives up all groups of its user but one. */
static bool
find_user(struct prober *prober, const char *user)
{
	struct arena arena = {0};
	size_t len = strcspn(user, ":");
	bool known = prober_user(prober, arena_copy(&arena, slice(user, len)).ptr, false) &&
	    (user[len] == '\0' || prober_group(prober, user + len + 1));

	prober->user = NULL;
	arena_release(&arena);
	return known;
}

static void
check_files(struct doctor *doctor, const struct service *service, const struct piping *piping)
{
	struct prober prober = {0};

	if (piping->user == NULL || !find_user(&prober, piping->user)) {
		report_say(&doctor->report, LEVEL_ERROR, "pipe", "make it: useradd --system",
		    "%s: there is no user %s", service->id, piping->user == NULL ? "=" : piping->user);
		return;
	}
	doctor_reads(doctor, &prober, piping->index,
	    arena_printf(&doctor->arena, "%s, the user of %s,", piping->user, service->id).ptr);
	doctor_secrets(doctor, &prober, piping->user);
}

static void
check_deliver(struct doctor *doctor, const struct service *service)
{
	struct piping piping;
	const char *limit = limit_of(doctor, service, "_time_limit");
	unsigned long timeout;

	read_command(&piping, &doctor->arena, service->command);
	if (piping.index == NULL)
		piping.index = INDEX;
	timeout = piping.timeout == NULL ? TIMEOUT : strtoul(piping.timeout, NULL, 10);
	check_words(doctor, service, &piping);
	check_files(doctor, service, &piping);
	if (seconds_of(limit) <= timeout)
		report_say(&doctor->report, LEVEL_WARNING, "time-limit",
		    arena_printf(&doctor->arena, "set %s_time_limit = %lus in main.cf", service->name, timeout + 100).ptr,
		    "%s_time_limit is %s, and tmail deliver may take %lu s: Postfix kills it, and repeats the delivery",
		    service->name, limit, timeout);
}

void
doctor_pipe(struct doctor *doctor, const struct service *service, bool wired)
{
	const char *limit = limit_of(doctor, service, "_destination_recipient_limit");
	bool deliver = doctor_is_deliver(service);
	static const char *const winners[] = {"transport_maps", "relayhost",
	    "sender_dependent_default_transport_maps", "sender_dependent_relayhost_maps"};

	if (strcmp(limit, "1") == 0)
		report_say(&doctor->report, LEVEL_OK, "recipient-limit", NULL,
		    "%s is a pipe, and %s_destination_recipient_limit is 1", service->id, service->name);
	else
		report_say(&doctor->report, deliver ? LEVEL_ERROR : LEVEL_WARNING, "recipient-limit",
		    arena_printf(&doctor->arena, "set %s_destination_recipient_limit = 1 in main.cf", service->name).ptr,
		    "%s is a pipe, and %s_destination_recipient_limit is %s: one exit code is the fate of all recipients",
		    service->id, service->name, limit);
	if (deliver)
		check_deliver(doctor, service);
	for (size_t i = 0; wired && i < sizeof(winners) / sizeof(*winners); i++) {
		const char *value = postconf_main(&doctor->postconf, winners[i]);

		if (value[0] != '\0')
			report_say(&doctor->report, LEVEL_WARNING, "winner", "take it out of main.cf",
			    "%s is %s, and wins over default_transport: mail goes past the routes", winners[i], value);
	}
}
