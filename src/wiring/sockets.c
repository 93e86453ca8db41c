#include "wiring/sockets.h"

#include <stdio.h>

#define QUEUE "/var/spool/postfix/"

/* What main.cf and master.cf hold without quotes, in a list, too. */
static bool
is_plain(const char *word)
{
	for (; *word != '\0'; word++)
		if (*word <= ' ' || *word > '~' || strchr(",{}$\"#", *word) != NULL)
			return false;
	return true;
}

static bool
begins(const char *word, const char *with)
{
	return strncmp(word, with, strlen(with)) == 0 && word[strlen(with)] != '\0';
}

/* Postfix's services run in the queue directory, chrooted or not. */
static bool
copy(char out[SOCKET_MAX], const char *word)
{
	const char *path = begins(word, "unix:" QUEUE) ? word + strlen("unix:" QUEUE) : NULL;
	int n = snprintf(out, SOCKET_MAX, "%s%s", path == NULL ? "" : "unix:",
	    path == NULL ? word : path);

	return n < SOCKET_MAX && is_plain(out);
}

const char *
sockets_set(struct sockets *sockets, const char *policy, const char *socketmap)
{
	if (policy == NULL)
		policy = "unix:tmail/policy";
	if (socketmap == NULL)
		socketmap = "unix:tmail/socketmap";
	if (!begins(policy, "unix:") && !begins(policy, "inet:"))
		return "--policy is unix:PATH or inet:HOST:PORT";
	if (!begins(socketmap, "unix:") || strchr(socketmap + 5, ':') != NULL)
		return "--socketmap is unix:PATH: passwords are told on unix sockets only";
	if (!copy(sockets->policy, policy) || !copy(sockets->socketmap, socketmap))
		return "the name of a socket is too long, or needs quotes in main.cf";
	return NULL;
}

static const char *
from_queue(const char *queue, const char *socket)
{
	size_t len = strlen(queue);

	if (strncmp(socket, "unix:", 5) != 0)
		return socket;
	if (strncmp(socket + 5, queue, len) == 0 && socket[5 + len] == '/')
		return socket + 5 + len + 1;
	return socket + 5;
}

bool
sockets_same(const char *queue, const char *a, const char *b)
{
	return strcmp(from_queue(queue, a), from_queue(queue, b)) == 0;
}
