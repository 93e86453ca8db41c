/*
 * replay.c DIR - runs a fuzz target, with which it is linked, on each file of
 * a corpus, in a process of its own; ends in "N passed, N failed".
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz.h"

/* The bytes of a file in memory of just that size, so that ASan sees its end. */
static uint8_t *
read_file(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	uint8_t *bytes;
	long end;

	if (file == NULL || fseek(file, 0, SEEK_END) != 0 || (end = ftell(file)) < 0) {
		perror(path);
		exit(1);
	}
	rewind(file);
	*size = (size_t)end;
	bytes = malloc(*size);
	if ((bytes == NULL && *size != 0) || fread(bytes, 1, *size, file) != *size) {
		perror(path);
		exit(1);
	}
	fclose(file);
	return bytes;
}

static bool
passes(const char *path)
{
	int status;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		size_t size;
		uint8_t *bytes = read_file(path, &size);

		LLVMFuzzerTestOneInput(bytes, size);
		free(bytes);
		exit(0);
	}
	return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static int
is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

int
main(int argc, char **argv)
{
	struct dirent **list;
	int n, passed = 0, failed = 0;

	n = argc == 2 ? scandir(argv[1], &list, is_visible, alphasort) : -1;
	if (n < 0) {
		fprintf(stderr, "usage: %s DIR\n", argv[0]);
		return 1;
	}
	for (int i = 0; i < n; i++) {
		char path[4096];
		bool good;

		snprintf(path, sizeof(path), "%s/%s", argv[1], list[i]->d_name);
		good = passes(path);
		passed += good;
		failed += !good;
		if (!good)
			printf("FAILED: %s\n", path);
		free(list[i]);
	}
	free(list);
	printf("%d passed, %d failed\n", passed, failed);
	return failed != 0 || passed == 0;
}
