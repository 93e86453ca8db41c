#include "serve/passed.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define FIRST_FD 3
#define PASSED_MAX 256

static bool
is_for_us(const char *variable)
{
	const char *pid = getenv(variable);

	return pid != NULL && strtol(pid, NULL, 10) == (long)getpid();
}

static bool
is_listening(int fd)
{
	int on = 0;
	socklen_t len = sizeof(on);

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &len) == 0 && on;
}

static bool
take(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && is_listening(fd) && (fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0 &&
	    fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

/* Those that are taken close on exec, as none does that is passed. */
int
passed_take(const char *name)
{
	const char *count = getenv("LISTEN_FDS"), *names = getenv("LISTEN_FDNAMES");
	long n = count == NULL || !is_for_us("LISTEN_PID") ? 0 : strtol(count, NULL, 10);

	for (int i = 0; i < n && i < PASSED_MAX; i++) {
		size_t len = names == NULL ? 0 : strcspn(names, ":");

		if (len == strlen(name) && memcmp(names, name, len) == 0 && take(FIRST_FD + i))
			return FIRST_FD + i;
		if (names != NULL)
			names += len + (names[len] == ':');
	}
	return -1;
}

void
passed_notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t len = path == NULL ? 0 : strlen(path);
	int fd;

	if (len < 2 || len >= sizeof(address.sun_path))
		return;
	memcpy(address.sun_path, path, len);
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return;
	(void)sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&address,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
	close(fd);
}

void
passed_notify_reloading(void)
{
	struct timespec now;
	char state[64];

	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
	    (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	passed_notify(state);
}

int64_t
passed_watchdog(void)
{
	const char *usec = getenv("WATCHDOG_USEC");
	int64_t limit = usec == NULL ? 0 : strtoll(usec, NULL, 10) / 1000;

	if (limit <= 0 || (getenv("WATCHDOG_PID") != NULL && !is_for_us("WATCHDOG_PID")))
		return 0;
	return limit < 2 ? 1 : limit / 2;
}
