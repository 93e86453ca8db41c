/* maps.c - the maps of the daemon in main.cf: transport, sender; and relayhosts beside them. */
#include <stdio.h>

#include "wiring/doctor.h"
#include "wiring/words.h"

/* socketmap:SOCKET:NAME, also behind proxy:. */
static bool
read_map(struct slice word, const char *name, struct asking *asking)
{
	static const char prefix[] = "socketmap:";
	const char *begin, *colon;

	asking->proxied = word.len > 6 && memcmp(word.ptr, "proxy:", 6) == 0;
	if (asking->proxied)
		word = slice(word.ptr + 6, word.len - 6);
	if (word.len <= strlen(prefix) || memcmp(word.ptr, prefix, strlen(prefix)) != 0)
		return false;
	begin = word.ptr + strlen(prefix);
	colon = memrchr(begin, ':', word.len - strlen(prefix));
	if (colon == NULL ||
	    !slice_is(slice(colon + 1, (size_t)(word.ptr + word.len - colon) - 1), name))
		return false;
	snprintf(asking->socket, SOCKET_MAX, "%.*s", (int)(colon - begin), begin);
	return true;
}

bool
doctor_asks(const struct doctor *doctor, const char *list, const char *map, const char *socket,
    struct asking *asking)
{
	struct slice word;

	while (cf_word(&list, &word))
		if (read_map(word, map, asking) &&
		    (socket == NULL || sockets_same(doctor->queue, asking->socket, socket)))
			return true;
	return false;
}

bool
doctor_reach_map(struct doctor *doctor, const struct service *service,
    const struct asking *asking)
{
	const struct service *proxy = postconf_service(&doctor->postconf, "proxymap", "unix");

	return doctor_reach(doctor, asking->proxied && proxy != NULL ? proxy : service,
	    asking->socket, ASK_MAPS);
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
	struct asking asking;

	if (!doctor_asks(doctor, postconf_main(&doctor->postconf, parameter), map, NULL, &asking)) {
		say_unwired(doctor, LEVEL_WARNING, parameter, map, what);
		return;
	}
	report_say(&doctor->report, LEVEL_OK, "maps", NULL, "%s asks the map %s", parameter, map);
	if (rewrite != NULL)
		doctor_reach_map(doctor, rewrite, &asking);
}

/* The socket that is named, that of the recipe, or else that of the first map in main.cf. */
static void
find_socket(struct doctor *doctor)
{
	static const char *const maps[][2] = {{"transport_maps", "transport"},
	    {"sender_dependent_default_transport_maps", "sender"},
	    {"smtp_sasl_password_maps", "sasl"}, {"smtp_sasl_password_maps", "sasl.smtp"},
	    {"smtp_tls_policy_maps", "tls"}, {"smtp_tls_policy_maps", "tls.smtp"}};
	struct asking asking, first = {.socket = ""};

	for (size_t i = 0; !doctor->socketmap_given && i < sizeof(maps) / sizeof(*maps); i++) {
		const char *list = postconf_main(&doctor->postconf, maps[i][0]);

		if (doctor_asks(doctor, list, maps[i][1], doctor->sockets.socketmap, &asking))
			return;
		if (first.socket[0] == '\0' && doctor_asks(doctor, list, maps[i][1], NULL, &asking))
			first = asking;
	}
	if (first.socket[0] != '\0')
		snprintf(doctor->sockets.socketmap, SOCKET_MAX, "%s", first.socket);
}

/* What takes mail in the place of its MX, which the routes leave to it. */
static void
check_relayhosts(struct doctor *doctor)
{
	static const char *const names[] = {"relayhost", "sender_dependent_relayhost_maps"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *value = postconf_main(&doctor->postconf, names[i]);

		if (value[0] != '\0')
			report_say(&doctor->report, LEVEL_WARNING, "relayhost",
			    arena_printf(&doctor->arena, "write a route to * and set %s = in main.cf", names[i]).ptr,
			    "%s is %s, and takes what no route does: not its MX", names[i], value);
	}
}

void
doctor_maps(struct doctor *doctor)
{
	find_socket(doctor);
	check_map(doctor, "transport_maps", "transport",
	    "mail that does not come by SMTP, and what Postfix writes itself, goes without the routes");
	if (doctor->groups.senders)
		check_map(doctor, "sender_dependent_default_transport_maps", "sender",
		    "mail that does not come by SMTP goes without the routes by sender");
	check_relayhosts(doctor);
}
