#include "rungs.h"

#include <stdio.h>
#include <string.h>

enum { LABELS_MAX = 16 };

/* The patterns that a mail may match, nearest first. */
struct choices {
	const char *list[LABELS_MAX + 4];
	size_t count;
	char wild[LABELS_MAX][LADDER_NAME_MAX + 2];
};

static void
put(char **p, const char *text)
{
	size_t len = strlen(text);

	memcpy(*p, text, len);
	(*p)[len] = '\t';
	*p += len + 1;
}

size_t
rung_key(const char *user, const char *to, const char *from, char out[RUNG_MAX])
{
	char *p = out;

	put(&p, user);
	put(&p, to);
	put(&p, from);
	return (size_t)(p - out);
}

/* An address and its domain. */
static void
add_address(struct choices *choices, const char *address)
{
	const char *at = strrchr(address, '@');

	if (address[0] == '\0')
		return;
	choices->list[choices->count++] = address;
	if (at != NULL)
		choices->list[choices->count++] = at + 1;
}

static void
add_parents(struct choices *choices, const char *domain)
{
	size_t n = 0;

	for (const char *dot = domain; n < LABELS_MAX && (dot = strchr(dot, '.')) != NULL; dot++) {
		choices->wild[n][0] = '*';
		strcpy(choices->wild[n] + 1, dot);
		choices->list[choices->count++] = choices->wild[n++];
	}
}

static uint64_t
climb_half(const struct choices *to, const struct choices *from, const struct choices *user,
    uint64_t (*find)(void *arg, const char *key, size_t len), void *arg)
{
	char key[RUNG_MAX];

	for (size_t t = 0; t < to->count; t++)
		for (size_t f = 0; f < from->count; f++)
			for (size_t u = 0; u < user->count; u++) {
				size_t len = rung_key(user->list[u], to->list[t], from->list[f], key);
				uint64_t found = find(arg, key, len);

				if (found != 0)
					return found;
			}
	return 0;
}

uint64_t
rungs_climb(const struct mail *mail, uint64_t (*find)(void *arg, const char *key, size_t len),
    void *arg)
{
	static const struct choices nobody = {.list = {""}, .count = 1};
	struct choices to, from, user;
	uint64_t found = 0;

	to.count = from.count = user.count = 0;
	add_address(&to, mail->recipient);
	add_parents(&to, to.list[to.count - 1]);
	to.list[to.count++] = "*";
	add_address(&from, mail->sender);
	from.list[from.count++] = "";
	add_address(&user, mail->login);
	user.list[user.count++] = "*";
	if (mail->login[0] != '\0')
		found = climb_half(&to, &from, &user, find, arg);
	return found != 0 ? found : climb_half(&to, &from, &nobody, find, arg);
}
