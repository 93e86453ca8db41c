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
		const char *begin, *colon;

		if (word.len > 6 && memcmp(word.ptr, "proxy:", 6) == 0)
			word = slice(word.ptr + 6, word.len - 6);
		if (word.len <= strlen(prefix) || memcmp(word.ptr, prefix, strlen(prefix)) != 0)
			continue;
		begin = word.ptr + strlen(prefix);
		colon = memrchr(begin, ':', word.len - strlen(prefix));
		if (colon == NULL ||
		    !slice_is(slice(colon + 1, (size_t)(word.ptr + word.len - colon) - 1), name))
			continue;
		snprintf(socket, SOCKET_MAX, "%.*s", (int)(colon - begin), begin);
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
	report_say(&doctor->report, LEVEL_OK, "maps", NULL, "%s asks the map %s", parameter, map);
	if (rewrite != NULL)
		doctor_reach(doctor, rewrite, socket, ASK_MAPS);
}

/* The socket that is named, or else that of the first map of ours in main.cf. */
static void
find_socket(struct doctor *doctor)
{
	static const char *const maps[][2] = {{"transport_maps", "transport"},
	    {"sender_dependent_default_transport_maps", "sender"},
	    {"smtp_sasl_password_maps", "sasl"}, {"smtp_sasl_password_maps", "sasl.smtp"},
	    {"smtp_tls_policy_maps", "tls"}, {"smtp_tls_policy_maps", "tls.smtp"}};

	for (size_t i = 0; !doctor->socketmap_given && i < sizeof(maps) / sizeof(*maps); i++)
		if (find_map(postconf_main(&doctor->postconf, maps[i][0]), maps[i][1],
			doctor->sockets.socketmap))
			return;
}

void
doctor_maps(struct doctor *doctor)
{
	const char *relayhost = postconf_main(&doctor->postconf, "relayhost");

	find_socket(doctor);
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
