#include "deliver/own_name.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "smtp/address.h"

#define BLANKS " \t\r"

/* A whole file as a string; false: there is none, or it has no room. */
static bool
read_file(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	ssize_t n = -1;

	if (fd >= 0) {
		n = read(fd, text, size);
		close(fd);
	}
	if (n < 0 || (size_t)n == size)
		return false;
	text[n] = '\0';
	return strlen(text) == (size_t)n;
}

/* The next line without its comment, cut off; NULL: none is left. */
static char *
next_line(char **text)
{
	char *line = strsep(text, "\n");

	if (line != NULL)
		line[strcspn(line, "#;")] = '\0';
	return line;
}

/* The next word, cut off; NULL: none is left. */
static char *
next_word(char **line)
{
	char *word;

	do
		word = strsep(line, BLANKS);
	while (word != NULL && *word == '\0');
	return word;
}

/* Whether files are asked before the DNS. */
static bool
files_first(char *text)
{
	char *line, *word;

	while ((line = next_line(&text)) != NULL) {
		word = next_word(&line);
		if (word == NULL || strcmp(word, "hosts:") != 0)
			continue;
		do
			word = next_word(&line);
		while (word != NULL && strcmp(word, "files") != 0 && strcmp(word, "dns") != 0 &&
		    strcmp(word, "resolve") != 0);
		return word != NULL && strcmp(word, "files") == 0;
	}
	return false;
}

bool
own_files_first(void)
{
	char text[4096];

	if (access("/etc/nsswitch.conf", F_OK) != 0)
		return true;
	return read_file("/etc/nsswitch.conf", text, sizeof(text)) && files_first(text);
}

static bool
completes_names(char *text)
{
	char *line, *word;

	while ((line = next_line(&text)) != NULL) {
		word = next_word(&line);
		if (word != NULL && (strcmp(word, "search") == 0 || strcmp(word, "domain") == 0))
			return true;
	}
	return false;
}

/* The first name of the first line that has that name, "" where it has no dot; NULL: no line has. */
static const char *
find(char *text, const char *name)
{
	char *line, *first, *word;

	while ((line = next_line(&text)) != NULL) {
		next_word(&line);
		first = word = next_word(&line);
		while (word != NULL && strcasecmp(word, name) != 0)
			word = next_word(&line);
		if (word != NULL)
			return strchr(first, '.') != NULL ? first : "";
	}
	return NULL;
}

bool
own_name(const char *name, char *out, size_t size, bool *found)
{
	char text[4096];
	const char *answer;

	if (getenv("LOCALDOMAIN") != NULL || getenv("HOSTALIASES") != NULL ||
	    getenv("CARES_HOSTS") != NULL || !read_file("/etc/nsswitch.conf", text, sizeof(text)) ||
	    !files_first(text) || !read_file("/etc/hosts", text, sizeof(text)))
		return false;
	answer = find(text, name);
	*found = answer != NULL && *answer != '\0';
	if (*found && (strlen(answer) >= size || !name_ok(answer)))
		return false;
	if (*found)
		strcpy(out, answer);
	return answer != NULL ||
	    (read_file("/etc/resolv.conf", text, sizeof(text)) && !completes_names(text));
}
