#include "serve/listener.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/number.h"
#include "program/say.h"
#include "serve/passed.h"

#define BACKLOG 1024
/* Group and owner may connect: Postfix's group, as the directory says. */
#define SOCKET_UMASK 0117

static int
failed(const struct listener *listener, int error)
{
	cli_say("cannot listen at %s: %s", listener->given, strerror(error));
	if (error == EADDRINUSE)
		return EX_TEMPFAIL;
	return error == EACCES || error == EPERM ? EX_NOPERM : EX_CANTCREAT;
}

/* Whether nobody listens at a socket any longer.  Any other answer is one. */
static bool
is_dead(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool dead;

	if (fd < 0)
		return false;
	dead = connect(fd, (const struct sockaddr *)address, sizeof(*address)) != 0 &&
	    errno == ECONNREFUSED;
	close(fd);
	return dead;
}

/* A file that is no socket stays, whatever is in it. */
static void
clean_up(const struct sockaddr_un *address)
{
	struct stat st;

	if (lstat(address->sun_path, &st) == 0 && S_ISSOCK(st.st_mode) && is_dead(address))
		unlink(address->sun_path);
}

static int
read_path(struct listener *listener, const char *path)
{
	const size_t most = sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1;

	if (path[0] == '\0' || strlen(path) > most)
		return cli_usage("'%s': the path of a socket has 1 to %zu bytes", listener->given, most);
	listener->where = path;
	listener->local = true;
	return 0;
}

static int
open_unix(struct listener *listener)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct stat st;
	mode_t before;
	int error;

	memcpy(address.sun_path, listener->where, strlen(listener->where));
	clean_up(&address);
	listener->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listener->fd < 0)
		return failed(listener, errno);
	before = umask(SOCKET_UMASK);
	error = bind(listener->fd, (struct sockaddr *)&address, sizeof(address)) != 0 ? errno : 0;
	umask(before);
	if (error != 0 || lstat(listener->where, &st) != 0)
		return failed(listener, error != 0 ? error : errno);
	listener->path = listener->where;
	listener->dev = st.st_dev;
	listener->ino = st.st_ino;
	return listen(listener->fd, BACKLOG) == 0 ? 0 : failed(listener, errno);
}

/* "ADDRESS:PORT" or "[ADDRESS]:PORT". */
static bool
read_address(struct slice text, struct ip *ip, uint32_t *port)
{
	const char *colon = text.len == 0 ? NULL : memrchr(text.ptr, ':', text.len);
	struct slice host;

	if (colon == NULL)
		return false;
	host = slice(text.ptr, (size_t)(colon - text.ptr));
	if (!number_read(slice(colon + 1, text.len - host.len - 1), UINT16_MAX, port) || *port == 0)
		return false;
	if (host.len > 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']')
		return ip_parse(slice(host.ptr + 1, host.len - 2), ip);
	return ip4_parse(host, ip);
}

static int
open_inet(struct listener *listener)
{
	const struct ip *ip = &listener->ip;
	struct sockaddr_in ip4 = {.sin_family = AF_INET};
	struct sockaddr_in6 ip6 = {.sin6_family = AF_INET6};
	const int on = 1;
	int error;

	ip4.sin_port = ip6.sin6_port = htons((uint16_t)listener->port);
	memcpy(&ip4.sin_addr, ip->bytes, sizeof(ip4.sin_addr));
	memcpy(&ip6.sin6_addr, ip->bytes, sizeof(ip6.sin6_addr));
	listener->fd = socket(ip->family == 4 ? AF_INET : AF_INET6,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listener->fd < 0)
		return failed(listener, errno);
	setsockopt(listener->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (ip->family == 6)
		setsockopt(listener->fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	error = ip->family == 4 ? bind(listener->fd, (struct sockaddr *)&ip4, sizeof(ip4))
	    : bind(listener->fd, (struct sockaddr *)&ip6, sizeof(ip6));
	if (error != 0 || listen(listener->fd, BACKLOG) != 0)
		return failed(listener, errno);
	return 0;
}

static int
take_passed(struct listener *listener, const char *name)
{
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);

	listener->fd = passed_take(name);
	if (listener->fd < 0)
		return cli_usage("'%s': no socket of that name was passed", listener->given);
	if (getsockname(listener->fd, (struct sockaddr *)&address, &len) != 0)
		return failed(listener, errno);
	listener->local = address.ss_family == AF_UNIX;
	return 0;
}

int
listener_read(struct listener *listener, const char *given)
{
	*listener = (struct listener){.given = given, .fd = -1};
	if (strncmp(given, "unix:", 5) == 0)
		return read_path(listener, given + 5);
	if (strncmp(given, "fd:", 3) == 0)
		return take_passed(listener, given + 3);
	if (strncmp(given, "inet:", 5) != 0)
		return cli_usage("'%s' is not unix:PATH, inet:ADDRESS:PORT or fd:NAME", given);
	if (read_address(slice_str(given + 5), &listener->ip, &listener->port))
		return 0;
	return cli_usage("'%s' is not inet:ADDRESS:PORT or inet:[ADDRESS]:PORT", given);
}

int
listener_open(struct listener *listener)
{
	if (listener->fd >= 0)
		return 0;
	return listener->where != NULL ? open_unix(listener) : open_inet(listener);
}

bool
listener_is_short(int fd, int error)
{
	struct pollfd waiting = {.fd = fd, .events = POLLIN};

	if (error != EMFILE && error != ENFILE && error != ENOBUFS && error != ENOMEM)
		return false;
	return poll(&waiting, 1, 0) > 0;
}

void
listener_unlink(struct listener *listener)
{
	struct stat st;

	if (listener->path != NULL && lstat(listener->path, &st) == 0 &&
	    st.st_dev == listener->dev && st.st_ino == listener->ino)
		unlink(listener->path);
	listener->path = NULL;
}

void
listener_close(struct listener *listener)
{
	if (listener->fd >= 0)
		close(listener->fd);
	listener->fd = -1;
}
