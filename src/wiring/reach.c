/* reach.c - sockets, tried as the services that ask there. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "wiring/doctor.h"

#define POLICY_REQUEST "request=tmail_doctor\n\n"
#define POLICY_ANSWER "action=DUNNO\n\n"
#define NO_MAP_ANSWER "16:PERM no such map,"

struct slice
doctor_map_request(struct doctor *doctor, const char *map, const char *key)
{
	return arena_printf(&doctor->arena, "%zu:%s %s,", strlen(map) + 1 + strlen(key), map, key);
}

/* The option of the daemon, and where Postfix's path is for all others. */
static const char *
listener(struct doctor *doctor, const char *socket, enum asked asked)
{
	const char *option = asked == ASK_POLICY ? "--policy" : "--socketmap";

	if (strncmp(socket, "unix:", 5) != 0 || socket[5] == '/')
		return arena_printf(&doctor->arena, "%s %s", option, socket).ptr;
	return arena_printf(&doctor->arena, "%s unix:%s/%s", option, doctor->queue, socket + 5).ptr;
}

/* Of a unix socket, for all others but those in a chroot. */
static const char *
directory_of(struct doctor *doctor, const char *socket)
{
	const char *path = socket + strcspn(socket, ":") + 1, *slash = strrchr(path, '/');
	int len = slash == NULL ? 0 : (int)(slash - path);

	return arena_printf(&doctor->arena, "%s%s%.*s", path[0] == '/' ? "" : doctor->queue,
	    path[0] == '/' ? "" : "/", len, path).ptr;
}

static const char *
mend(struct doctor *doctor, bool chrooted, const char *socket, enum asked asked, int error)
{
	struct arena *arena = &doctor->arena;

	if (error == ENOENT && chrooted && strncmp(socket, "unix:/", 6) == 0)
		return arena_printf(arena, "let tmail routes serve listen below %s, and name the socket from there on, as unix:tmail/%s",
		    doctor->queue, asked == ASK_POLICY ? "policy" : "socketmap").ptr;
	if (error == EACCES)
		return arena_printf(arena, "give its directory and the socket the group of %s: install -d -o tmail -g %s -m 2750 %s",
		    doctor->owner.user, doctor->owner.user, directory_of(doctor, socket)).ptr;
	if (error == 0)
		return arena_printf(arena, "let tmail routes serve listen there: %s",
		    listener(doctor, socket, asked)).ptr;
	return arena_printf(arena, "start tmail routes serve %s", listener(doctor, socket, asked)).ptr;
}

/* Where a chroot cannot be entered, its paths are found below it. */
static const char *
seen_from_here(struct doctor *doctor, bool chrooted, const char *socket)
{
	if (!chrooted || geteuid() == 0 || strncmp(socket, "unix:/", 6) != 0)
		return socket;
	return arena_printf(&doctor->arena, "unix:%s%s", doctor->queue, socket + 5).ptr;
}

static bool
is_ours(const struct probed *probed, enum asked asked)
{
	const struct slice expected = slice_str(asked == ASK_POLICY ? POLICY_ANSWER : NO_MAP_ANSWER);

	return slice_eq(slice(probed->answer, probed->len), expected);
}

static void
say(struct doctor *doctor, const struct service *service, const char *socket, enum asked asked,
    const struct probed *probed)
{
	const char *where = service->chrooted ? ", chrooted," : "";
	const char *user = doctor->owner.user;
	bool root = geteuid() == 0;

	if (probed->error == EACCES && !root)
		report_say(&doctor->report, LEVEL_WARNING, "socket", "run it as root",
		    "whether %s reaches %s cannot be tried", service->id, socket);
	else if (probed->error != 0)
		report_say(&doctor->report, LEVEL_ERROR, "socket",
		    mend(doctor, service->chrooted, socket, asked, probed->error),
		    "%s%s cannot reach the socket %s as %s: %s", service->id, where, socket, user,
		    strerror(probed->error));
	else if (!is_ours(probed, asked))
		report_say(&doctor->report, LEVEL_ERROR, "socket",
		    mend(doctor, service->chrooted, socket, asked, 0),
		    "who answers %s at the socket %s is not tmail routes serve", service->id, socket);
	else
		report_say(&doctor->report, LEVEL_OK, "socket", NULL, "%s%s reaches the socket %s%s%s",
		    service->id, where, socket, root ? " as " : "", root ? user : "");
}

bool
doctor_reach(struct doctor *doctor, const struct service *service, const char *socket,
    enum asked asked)
{
	const struct slice request = asked == ASK_POLICY ? slice_str(POLICY_REQUEST)
	    : doctor_map_request(doctor, "tmail.doctor", "x");
	struct prober prober = doctor->owner;
	struct probed probed;
	bool good;

	for (size_t i = 0; i < doctor->tried_count; i++)
		if (doctor->tried[i].chrooted == service->chrooted && doctor->tried[i].asked == asked &&
		    strcmp(doctor->tried[i].socket, socket) == 0)
			return doctor->tried[i].good;
	prober.directory = doctor->queue;
	prober.chrooted = service->chrooted;
	probe_socket(&prober, seen_from_here(doctor, service->chrooted, socket), request,
	    asked == ASK_MAPS, &probed);
	say(doctor, service, socket, asked, &probed);
	good = probed.error == 0 && is_ours(&probed, asked);
	if (good && !doctor->answered) {
		doctor->daemon = probed;
		doctor->answered = true;
	}
	if (doctor->tried_count < TRIED_MAX) {
		struct tried *tried = &doctor->tried[doctor->tried_count++];

		snprintf(tried->socket, sizeof(tried->socket), "%s", socket);
		tried->asked = asked;
		tried->chrooted = service->chrooted;
		tried->good = good;
	}
	return good;
}
