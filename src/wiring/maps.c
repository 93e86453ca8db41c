/* maps.c - the maps of the daemon in main.cf: transport, sender; and relayhost beside them. */
#include <stdio.h>

#include "wiring/doctor.h"
#include "wiring/words.h"

/* The socket of a map in a list: socketmap:SOCKET:NAME, also behind proxy:. */
static bool
find_map(const char *list, const char *name, char socket[SOCKET_MAX])
{
	static const char prefix[] = "socketmap:";
	struct slice word;

	while (cf_word(&list, &word)) {
		const char *colon;

		if (word.len > 6 && memcmp(word.ptr, "proxy:", 6) == 0)
			word = slice(word.ptr + 6, word.len - 6);
		colon = word.len == 0 ? NULL : memrchr(word.ptr, ':', word.len);
		if (word.len <= strlen(prefix) || memcmp(word.ptr, prefix, strlen(prefix)) != 0 ||
		    !slice_is(slice(colon + 1, (size_t)(word.ptr + word.len - colon) - 1), name))
			continue;
		snprintf(socket, SOCKET_MAX, "%.*s", (int)(colon - word.ptr - (long)strlen(prefix)),
		    word.ptr + strlen(prefix));
		return true;
	}
	return false;
}

static void
say_unwired(struct doctor *doctor, enum level level, const char *parameter, const char *map,
    const char *what)
{
	report_say(&doctor->report, level, "maps",
	    arena_printf(&doctor->arena, "set %s = socketmap:%s:%s in main.cf", parameter,
		doctor->sockets.socketmap, map).ptr,
	    "%s does not ask the map %s: %s", parameter, map, what);
}

static void
check_map(struct doctor *doctor, const char *parameter, const char *map, const char *what)
{
	const struct service *rewrite = postconf_service(&doctor->postconf, "rewrite", "unix");
	char socket[SOCKET_MAX];

	if (!find_map(postconf_main(&doctor->postconf, parameter), map, socket)) {
		say_unwired(doctor, LEVEL_WARNING, parameter, map, what);
		return;
	}
	if (!doctor->socketmap_given)
		snprintf(doctor->sockets.socketmap, SOCKET_MAX, "%s", socket);
	if (rewrite != NULL)
		doctor_reach(doctor, rewrite, socket, ASK_MAPS);
}

void
doctor_maps(struct doctor *doctor)
{
	const char *relayhost = postconf_main(&doctor->postconf, "relayhost");

	check_map(doctor, "transport_maps", "transport",
	    "mail that does not come by SMTP, and what Postfix writes itself, goes without the routes");
	if (doctor->groups.senders)
		check_map(doctor, "sender_dependent_default_transport_maps", "sender",
		    "mail that does not come by SMTP goes without the routes by sender");
	if (relayhost[0] != '\0')
		report_say(&doctor->report, LEVEL_WARNING, "relayhost",
		    "write a route to * and set relayhost = in main.cf",
		    "relayhost is %s, and takes what no route does: not its MX", relayhost);
}
