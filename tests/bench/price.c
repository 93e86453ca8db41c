/*
 * price N AT_A_TIME FILE COMMAND... - runs the command N times, so many of them at a
 * time, with the file as its standard input.  Prints the least processor time of a
 * run, its children's included, in milliseconds, and the least peak memory in kB: what
 * other work on the machine adds is no price; and how many ended in a second.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static void
start(const char *file, char **command)
{
	posix_spawn_file_actions_t files;
	pid_t pid;

	if ((errno = posix_spawn_file_actions_init(&files)) != 0 ||
	    (errno = posix_spawn_file_actions_addopen(&files, 0, file, O_RDONLY, 0)) != 0 ||
	    (errno = posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0)) != 0 ||
	    (errno = posix_spawn(&pid, command[0], &files, NULL, command, environ)) != 0)
		err(1, "%s", command[0]);
	posix_spawn_file_actions_destroy(&files);
}

static double
ms(struct timeval time)
{
	return 1e3 * (double)time.tv_sec + 1e-3 * (double)time.tv_usec;
}

static double
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void
finish(const char *name, double *least, long *peak)
{
	struct rusage usage;
	double time;
	int status;

	if (wait4(-1, &status, 0, &usage) < 0)
		err(1, "%s", name);
	if (status != 0)
		errx(1, "%s: wait status %#x", name, (unsigned)status);
	time = ms(usage.ru_utime) + ms(usage.ru_stime);
	*least = time < *least ? time : *least;
	*peak = usage.ru_maxrss < *peak ? usage.ru_maxrss : *peak;
}

int
main(int argc, char **argv)
{
	double least = 1e9, since = now();
	long peak = 1L << 30;
	int n, at_a_time, started = 0;

	if (argc < 5)
		errx(64, "usage: price N AT_A_TIME FILE COMMAND...");
	n = atoi(argv[1]);
	at_a_time = atoi(argv[2]);
	for (int ended = 0; ended < n; ended++) {
		for (; started < n && started - ended < at_a_time; started++)
			start(argv[3], argv + 4);
		finish(argv[4], &least, &peak);
	}
	printf("%.2f %ld %.0f\n", least, peak, n / (now() - since));
	return 0;
}
