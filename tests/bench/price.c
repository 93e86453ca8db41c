/*
 * price N FILE COMMAND... - runs the command N times with the file as its standard
 * input.  Prints the least processor time of a run, its children's included, in
 * milliseconds, and the least peak memory in kB: what other work on the machine adds
 * is no price.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>

extern char **environ;

static void
run(const char *file, char **command, struct rusage *usage)
{
	posix_spawn_file_actions_t files;
	pid_t pid;
	int status;

	if ((errno = posix_spawn_file_actions_init(&files)) != 0 ||
	    (errno = posix_spawn_file_actions_addopen(&files, 0, file, O_RDONLY, 0)) != 0 ||
	    (errno = posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0)) != 0 ||
	    (errno = posix_spawn(&pid, command[0], &files, NULL, command, environ)) != 0 ||
	    wait4(pid, &status, 0, usage) != pid)
		err(1, "%s", command[0]);
	posix_spawn_file_actions_destroy(&files);
	if (status != 0)
		errx(1, "%s: wait status %#x", command[0], (unsigned)status);
}

static double
ms(struct timeval time)
{
	return 1e3 * (double)time.tv_sec + 1e-3 * (double)time.tv_usec;
}

int
main(int argc, char **argv)
{
	struct rusage usage;
	double time, least = 1e9;
	long peak = 1L << 30;

	if (argc < 4)
		errx(64, "usage: price N FILE COMMAND...");
	for (int i = atoi(argv[1]); i > 0; i--) {
		run(argv[2], argv + 3, &usage);
		time = ms(usage.ru_utime) + ms(usage.ru_stime);
		least = time < least ? time : least;
		peak = usage.ru_maxrss < peak ? usage.ru_maxrss : peak;
	}
	printf("%.2f %ld\n", least, peak);
	return 0;
}
