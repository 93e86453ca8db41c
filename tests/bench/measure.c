/*
 * measure - runs commands and says what they cost.
 *
 *   measure SIZE QUESTION ROUNDS <commands
 *
 * Standard input: NAME <TAB> COMMAND a line, the command split at blanks.
 * They run in turn, ROUNDS times over; the medians are the result.  Before each
 * run that counts is one that does not: caches and free memory are then as
 * this command leaves them, not the one before it.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "subject.h"

extern char **environ;

enum { COMMANDS_MAX = 8, WORDS_MAX = 32, ROUNDS_MAX = 100 };

struct command {
	char line[4096];
	const char *name;
	char *words[WORDS_MAX + 1];
	double wall[ROUNDS_MAX];	/* seconds */
	double cpu[ROUNDS_MAX];
	double peak[ROUNDS_MAX];	/* bytes */
};

static int
read_command(struct command *command)
{
	char *rest;
	int n = 0;

	if (fgets(command->line, sizeof(command->line), stdin) == NULL)
		return 0;
	command->line[strcspn(command->line, "\n")] = '\0';
	command->name = strtok_r(command->line, "\t", &rest);
	while (n < WORDS_MAX && (command->words[n] = strtok_r(NULL, " ", &rest)) != NULL)
		n++;
	if (n == 0)
		bench_fail("measure", "no command");
	return 1;
}

static double
wall_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double
seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static void
run(struct command *command, int round)
{
	posix_spawn_file_actions_t actions;
	struct rusage usage;
	double begin = wall_clock();
	int status;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	if (posix_spawnp(&pid, command->words[0], &actions, NULL, command->words, environ) != 0)
		bench_fail(command->words[0], "cannot run");
	if (wait4(pid, &status, 0, &usage) != pid || status != 0)
		bench_fail(command->words[0], "failed");
	command->wall[round] = wall_clock() - begin;
	command->cpu[round] = seconds(usage.ru_utime) + seconds(usage.ru_stime);
	command->peak[round] = (double)usage.ru_maxrss * 1024;
	posix_spawn_file_actions_destroy(&actions);
}

int
main(int argc, char **argv)
{
	static struct command commands[COMMANDS_MAX];
	size_t size, rounds, count = 0;

	if (argc != 4 || (rounds = strtoul(argv[3], NULL, 10)) < 1 || rounds > ROUNDS_MAX) {
		fputs("usage: measure SIZE QUESTION ROUNDS <commands\n", stderr);
		return 2;
	}
	size = strtoul(argv[1], NULL, 10);
	while (count < COMMANDS_MAX && read_command(&commands[count]))
		count++;
	for (size_t round = 0; round < rounds; round++)
		for (size_t i = 0; i < count; i++) {
			run(&commands[i], (int)round);
			run(&commands[i], (int)round);
		}
	for (size_t i = 0; i < count; i++) {
		const char *name = commands[i].name;

		bench_result(size, argv[2], name, "wall s", bench_least(commands[i].wall, rounds));
		bench_result(size, argv[2], name, "cpu s", bench_least(commands[i].cpu, rounds));
		bench_result(size, argv[2], name, "peak B", bench_median(commands[i].peak, rounds));
	}
	return 0;
}
