#include "program/hide.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "store/memory.h"
#include "base/nearest.h"

/* The option of a word, without its dashes and its value; absent: it is none. */
static struct slice
option_name(const char *word)
{
	size_t dashes = word[0] != '-' ? 0 : word[1] != '-' ? 1 : 2;

	if (dashes == 0)
		return slice(NULL, 0);
	return slice(word + dashes, strcspn(word + dashes, "="));
}

static bool
is_file(struct slice name)
{
	return slice_is(name, "password-file") || slice_is(name, "token-file");
}

/* Hiding one too many does no harm; showing a password does. */
static bool
names_password(struct slice name)
{
	static const char *const words[] = {"rpwd", "password", "remote-passwd", "secret", "token"};
	static const char *const parts[] = {"pw", "pass"};
	char lower[64];
	size_t n = name.len < sizeof(lower) ? name.len : sizeof(lower);

	if (n == 0 || is_file(name))
		return false;
	for (size_t i = 0; i < n; i++)
		lower[i] = (char)(name.ptr[i] | ('A' <= name.ptr[i] && name.ptr[i] <= 'Z') << 5);
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (memmem(lower, n, parts[i], strlen(parts[i])) != NULL)
			return true;
	return nearest_word(slice(lower, n), words, sizeof(words) / sizeof(*words)) != NULL;
}

/* Where the value begins that has no blank and no '=' before it: "-rpwds3cret". */
static size_t
glued(struct slice name)
{
	static const char *const words[] = {"rpwd", "remote-password", "remote-passwd",
	    "remotePassword", "remotePasswd", "password", "passwd"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		size_t n = strlen(words[i]);

		if (name.len > n && memcmp(name.ptr, words[i], n) == 0)
			return n;
	}
	return name.len;
}

/* A password where the path of one has to stand. */
static bool
is_no_path(const char *value)
{
	return value[0] != '\0' && value[0] != '/';
}

static bool
wants_password(const char *word, const char *value)
{
	struct slice name = option_name(word);

	if (name.len == 0 || name.ptr[name.len] == '=')
		return false;
	return is_file(name) ? is_no_path(value) : names_password(name) && strcmp(value, "-") != 0;
}

size_t
hide_begin(char *const *argv, int i)
{
	const char *word = argv[i];
	struct slice name = option_name(word);
	size_t len = strlen(word), begin;

	if (i > 0 && wants_password(argv[i - 1], word))
		return 0;
	if (name.len == 0)
		return len;
	begin = (size_t)(name.ptr - word) + name.len;
	if (is_file(name))
		return word[begin] == '=' && is_no_path(word + begin + 1) ? begin + 1 : len;
	if (!names_password(name))
		return len;
	if (glued(name) < name.len)
		return (size_t)(name.ptr - word) + glued(name);
	return word[begin] == '=' && strcmp(word + begin, "=-") != 0 ? begin + 1 : len;
}

void
hide_words(struct hidden *hidden, int argc, char **argv)
{
	char *copy;

	*hidden = (struct hidden){0};
	for (int i = 1; i < argc; i++)
		hidden->size += hide_begin(argv, i) < strlen(argv[i]) ? strlen(argv[i]) + 1 : 0;
	if (hidden->size == 0)
		return;
	copy = hidden->copies = malloc(hidden->size);
	/* From the last to the first: the word before each is still as it was. */
	for (int i = argc - 1; i > 0; i--) {
		size_t begin = hide_begin(argv, i), len = strlen(argv[i]);
		char *word = argv[i];

		if (begin == len)
			continue;
		if (copy != NULL) {
			argv[i] = memcpy(copy, word, len + 1);
			copy += len + 1;
		}
		memset(word + begin, '*', len - begin);
	}
	if (copy == NULL)
		mem_exhausted();
}

void
hide_release(struct hidden *hidden)
{
	if (hidden->copies != NULL)
		explicit_bzero(hidden->copies, hidden->size);
	free(hidden->copies);
	*hidden = (struct hidden){0};
}
