#include "wiring/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "program/clock.h"

/* As long as a loaded daemon may take, and longer than it waits for the rest of a request: to one of
 * another protocol it closes then, and is not taken for silent. */
enum { PATIENCE = 15000 };

static void
set_groups(struct prober *prober, bool all)
{
	prober->group_count = PROBE_GROUPS;
	if (!all || prober->user == NULL ||
	    getgrouplist(prober->user, prober->gid, prober->groups, &prober->group_count) < 0) {
		prober->groups[0] = prober->gid;
		prober->group_count = 1;
	}
}

bool
prober_user(struct prober *prober, const char *name, bool all_groups)
{
	const struct passwd *entry = getpwnam(name);

	if (entry == NULL)
		return false;
	prober->user = name;
	prober->uid = entry->pw_uid;
	prober->gid = entry->pw_gid;
	set_groups(prober, all_groups);
	return true;
}

bool
prober_group(struct prober *prober, const char *name)
{
	const struct group *entry = getgrnam(name);

	if (entry == NULL)
		return false;
	prober->gid = entry->gr_gid;
	set_groups(prober, false);
	return true;
}

void
prober_uid(struct prober *prober, uid_t uid, gid_t gid)
{
	const struct passwd *entry = getpwuid(uid);

	prober->user = entry == NULL ? NULL : entry->pw_name;
	prober->uid = uid;
	prober->gid = gid;
	set_groups(prober, true);
	prober->user = NULL;
}

/* Becomes the prober, as Postfix's chroot_uid() does; errno, or 0. */
static int
become(const struct prober *prober)
{
	if (prober->directory != NULL && chdir(prober->directory) != 0)
		return errno;
	if (geteuid() != 0)
		return 0;
	if (prober->chrooted && chroot(".") != 0)
		return errno;
	if (setgroups((size_t)prober->group_count, prober->groups) != 0 ||
	    setgid(prober->gid) != 0 || setuid(prober->uid) != 0)
		return errno;
	return 0;
}

static int
connect_unix(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static int
connect_inet(const char *host_port)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *list;
	const char *colon = strrchr(host_port, ':');
	char host[256];
	int fd = -1;

	snprintf(host, sizeof(host), "%.*s", colon == NULL ? 0 : (int)(colon - host_port), host_port);
	errno = EADDRNOTAVAIL;
	if (colon == NULL || getaddrinfo(host, colon + 1, &hints, &list) != 0)
		return -1;
	for (const struct addrinfo *a = list; a != NULL && fd < 0; a = a->ai_next) {
		fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, 0);
		if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
			close(fd);
			fd = -1;
		}
	}
	freeaddrinfo(list);
	return fd;
}

/* Whether the answer is there, or as much of it as is kept. */
static bool
is_whole(const struct probed *probed, bool netstring)
{
	size_t len = probed->len, payload = 0, i = 0;

	if (len == sizeof(probed->answer))
		return true;
	if (!netstring)
		return len >= 2 && memcmp(probed->answer + len - 2, "\n\n", 2) == 0;
	while (i < len && i < 6 && probed->answer[i] >= '0' && probed->answer[i] <= '9')
		payload = 10 * payload + (size_t)(probed->answer[i++] - '0');
	return i < len && (probed->answer[i] != ':' || len >= i + 1 + payload + 1);
}

static void
ask(int fd, struct slice request, bool netstring, struct probed *probed)
{
	int64_t deadline = clock_now() + PATIENCE;
	struct pollfd poller = {.fd = fd, .events = POLLIN};
	ssize_t n;

	if (send(fd, request.ptr, request.len, MSG_NOSIGNAL) != (ssize_t)request.len) {
		probed->error = errno;
		return;
	}
	while (!is_whole(probed, netstring)) {
		if (poll(&poller, 1, clock_left(deadline)) <= 0) {
			probed->error = ETIMEDOUT;
			return;
		}
		n = read(fd, probed->answer + probed->len, sizeof(probed->answer) - probed->len);
		if (n < 0)
			probed->error = errno;
		if (n <= 0)
			return;
		probed->len += (size_t)n;
	}
}

static void
ask_socket(const char *socket, struct slice request, bool netstring, struct probed *probed)
{
	bool local = strncmp(socket, "unix:", 5) == 0;
	int fd = local ? connect_unix(socket + 5) : connect_inet(socket + strcspn(socket, ":") + 1);
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (fd < 0) {
		probed->error = errno;
		return;
	}
	if (local && getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0) {
		probed->uid = peer.uid;
		probed->gid = peer.gid;
		probed->pid = peer.pid;
	}
	ask(fd, request, netstring, probed);
	close(fd);
}

/* What is tried, in a process of its own. */
struct trial {
	const struct prober *prober;
	const char *socket;	/* NULL: a file is read */
	const char *path;
	struct slice request;
	bool netstring;
};

static void
try(const struct trial *trial, struct probed *probed)
{
	int fd;

	probed->error = become(trial->prober);
	if (probed->error != 0)
		return;
	if (trial->socket != NULL) {
		ask_socket(trial->socket, trial->request, trial->netstring, probed);
		return;
	}
	fd = open(trial->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		probed->error = errno;
}

static void
try_apart(const struct trial *trial, struct probed *probed)
{
	int fds[2];
	pid_t pid, parent = getpid();

	*probed = (struct probed){.error = EIO};
	signal(SIGCHLD, SIG_DFL);
	if (pipe2(fds, O_CLOEXEC) != 0)
		return;
	pid = fork();
	if (pid == 0) {
		*probed = (struct probed){.error = 0};
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent)
			try(trial, probed);
		_exit(write(fds[1], probed, sizeof(*probed)) != sizeof(*probed));
	}
	close(fds[1]);
	if (pid > 0 && read(fds[0], probed, sizeof(*probed)) != sizeof(*probed))
		*probed = (struct probed){.error = EIO};
	close(fds[0]);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
}

void
probe_socket(const struct prober *prober, const char *socket, struct slice request, bool netstring,
    struct probed *probed)
{
	const struct trial trial = {.prober = prober, .socket = socket, .request = request,
	    .netstring = netstring};

	try_apart(&trial, probed);
}

int
probe_file(const struct prober *prober, const char *path)
{
	const struct trial trial = {.prober = prober, .path = path};
	struct probed probed;

	try_apart(&trial, &probed);
	return probed.error;
}
