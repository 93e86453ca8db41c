/* files.c - the index and the files of the routes, read as those who need them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/scan.h"
#include "wiring/doctor.h"

/* The name of the user of contrib/systemd, for whom systemd listens. */
#define USER "tmail"

bool
doctor_reads(struct doctor *doctor, const struct prober *prober, const char *path,
    const char *who)
{
	int error = geteuid() == 0 ? probe_file(prober, path) : 0;

	if (error == EACCES)
		report_say(&doctor->report, LEVEL_ERROR, "unreadable",
		    "chgrp it to the group of that user, chmod 640, and let the user enter the directory",
		    "%s cannot read %s: %s", who, path, strerror(error));
	else if (error != 0)
		report_say(&doctor->report, LEVEL_ERROR, "unreadable", "make it, or name another one",
		    "%s cannot read %s: %s", who, path, strerror(error));
	return error == 0;
}

/* Each file once, however many routes name it. */
static int
compare_paths(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
add_path(struct doctor *doctor, struct tmail_slice path, const char ***list, size_t *count,
    size_t *capacity)
{
	if (path.ptr == NULL)
		return;
	*list = mem_grow(*list, *count, capacity, sizeof(**list));
	(*list)[(*count)++] = arena_copy(&doctor->arena, slice(path.ptr, path.len)).ptr;
}

void
doctor_secrets(struct doctor *doctor, const struct prober *prober, const char *who)
{
	const char **list = NULL;
	size_t count = 0, capacity = 0;
	enum tmail_status status = TMAIL_OK;
	struct tmail_route route;

	for (uint32_t n = 0; doctor->routes != NULL && scan_route(doctor->routes, n, &route, &status); n++) {
		add_path(doctor, route.password_file, &list, &count, &capacity);
		add_path(doctor, route.token_file, &list, &count, &capacity);
		add_path(doctor, route.tls_cert, &list, &count, &capacity);
		add_path(doctor, route.tls_ca, &list, &count, &capacity);
	}
	if (count > 1)
		qsort(list, count, sizeof(*list), compare_paths);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || strcmp(list[i - 1], list[i]) != 0)
			doctor_reads(doctor, prober, list[i], who);
	free(list);
}

/* A password-file that the daemon cannot read, or a route that it does not know. */
static void
ask_login(struct doctor *doctor, const struct prober *prober, const struct tmail_route *route)
{
	const char *place = doctor_place(doctor, route);
	bool six = memchr(route->host.ptr, ':', route->host.len) != NULL;
	const struct slice key = arena_printf(&doctor->arena, "[%s%.*s]:%u", six ? "ipv6:" : "",
	    (int)route->host.len, route->host.ptr, route->port);
	const char *map = route->transport.len == 0 ? "sasl.smtp"
	    : arena_printf(&doctor->arena, "sasl.%.*s", (int)route->transport.len, route->transport.ptr).ptr;
	struct probed probed;
	const char *answer;

	probe_socket(prober, doctor->sockets.socketmap, doctor_map_request(doctor, map, key.ptr), true,
	    &probed);
	answer = memchr(probed.answer, ':', probed.len);
	if (probed.error == 0 && answer != NULL && strncmp(answer, ":TEMP a password-file", 21) == 0)
		report_say(&doctor->report, LEVEL_ERROR, "password-file",
		    "let the user of the daemon read it",
		    "tmail routes serve cannot read the password-file %.*s of %s",
		    (int)route->password_file.len, route->password_file.ptr, place);
	else if (probed.error == 0 && answer != NULL && strncmp(answer, ":NOTFOUND", 9) == 0)
		report_say(&doctor->report, LEVEL_ERROR, "other-index",
		    arena_printf(&doctor->arena, "let it answer from %s", doctor->index).ptr,
		    "tmail routes serve does not know %s: it answers from another index", place);
	explicit_bzero(probed.answer, sizeof(probed.answer));
}

static void
ask_logins(struct doctor *doctor)
{
	const struct prober prober = {.uid = geteuid(), .gid = getegid(), .groups = {getegid()},
	    .group_count = 1, .directory = doctor->queue};
	enum tmail_status status = TMAIL_OK;
	struct tmail_route route;

	for (uint32_t n = 0; scan_route(doctor->routes, n, &route, &status); n++)
		if (route.hop == TMAIL_HOP_HOST && route.login.len > 0 && route.password_file.ptr != NULL)
			ask_login(doctor, &prober, &route);
}

/* Whether the process is the daemon itself, and not systemd, who listens for it. */
static bool
is_daemon(pid_t pid)
{
	char path[64], name[32] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%ld/comm", (long)pid);
	file = fopen(path, "re");
	if (file == NULL)
		return false;
	if (fgets(name, sizeof(name), file) == NULL)
		name[0] = '\0';
	fclose(file);
	return strcmp(name, "tmail-serve\n") == 0;
}

void
doctor_daemon(struct doctor *doctor)
{
	struct prober prober = {0};

	if (!doctor->answered)
		return;
	if (doctor->daemon.pid == 0 || is_daemon(doctor->daemon.pid))
		prober_uid(&prober, doctor->daemon.uid, doctor->daemon.gid);
	else if (!prober_user(&prober, USER, true))
		return;
	prober.user = NULL;
	if (doctor->daemon.pid != 0 && doctor_reads(doctor, &prober, doctor->index,
	    "the user of tmail routes serve"))
		report_say(&doctor->report, LEVEL_OK, "unreadable", NULL,
		    "the user of tmail routes serve can read %s", doctor->index);
	if (doctor->routes != NULL)
		ask_logins(doctor);
}
