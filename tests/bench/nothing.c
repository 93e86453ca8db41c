/*
 * nothing.c - a server that answers every policy question alike, one connection at a time:
 * what is left of a wait for an answer if the server does nothing but recv(2) and send(2).
 *
 *   nothing PATH
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "talk.h"

static const char answer[] = "action=FILTER smtp:[mx.example.net]:25\n\n";

static void
serve(int fd)
{
	char question[TALK_MAX];

	while (recv(fd, question, sizeof(question), 0) > 0 &&
	    send(fd, answer, sizeof(answer) - 1, MSG_NOSIGNAL) > 0)
		continue;
	close(fd);
}

int
main(int argc, char **argv)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), fd;

	if (argc != 2 || strlen(argv[1]) >= sizeof(address.sun_path)) {
		fprintf(stderr, "usage: nothing PATH\n");
		return 64;
	}
	strcpy(address.sun_path, argv[1]);
	if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    listen(listener, 1) != 0) {
		perror(argv[1]);
		return 1;
	}
	while ((fd = accept(listener, NULL, NULL)) >= 0)
		serve(fd);
	return 1;
}
