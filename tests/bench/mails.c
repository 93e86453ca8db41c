#include "mails.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Kinds of patterns, as letters of a route's kind: user, to, from. */
static void
pattern(char out[LADDER_NAME_MAX], char kind, const char *local, const char *domain)
{
	switch (kind) {
	case '*':
		strcpy(out, "*");
		break;
	case '0':
		strcpy(out, "<>");
		break;
	case 'a':	/* one address or login */
		snprintf(out, LADDER_NAME_MAX, "%s@%s", local, domain);
		break;
	case 'd':	/* a domain */
		snprintf(out, LADDER_NAME_MAX, "%s", domain);
		break;
	case 'w':	/* its subdomains */
		snprintf(out, LADDER_NAME_MAX, "*.%s", domain);
		break;
	default:
		out[0] = '\0';
	}
}

/* A name that routes use: of the first half (0) or of the second (1). */
static const char *
known(const struct keys *keys, size_t routes, int half, uint64_t *state)
{
	size_t n = ladder_names(routes) / 2;

	return keys_get(keys, (size_t)half * n + bench_random(state) % n);
}

static const char *
unknown(const struct keys *keys, size_t routes, uint64_t *state)
{
	size_t first = ladder_names(routes);

	return keys_get(keys, first + bench_random(state) % (keys->count - first));
}

static const char *
local_part(uint64_t *state)
{
	static const char *const locals[] = {"info", "bob", "postmaster", "alice.smith", "office",
	    "billing", "j.doe", "sales"};

	return locals[bench_random(state) % (sizeof(locals) / sizeof(*locals))];
}

/* Fills the patterns of a kind; several names make it one of the second half. */
static void
fill(const struct keys *keys, size_t routes, uint64_t *state, const char kind[4],
    struct patterns *patterns)
{
	int names = 0;

	for (int i = 0; i < 3; i++)
		names += kind[i] != '-' && kind[i] != '*' && kind[i] != '0';
	pattern(patterns->user, kind[0], local_part(state), known(keys, routes, names > 1, state));
	pattern(patterns->to, kind[1], local_part(state), known(keys, routes, names > 1, state));
	pattern(patterns->from, kind[2], local_part(state), known(keys, routes, names > 1, state));
}

void
ladder_every(const struct keys *keys, size_t routes, size_t n, struct patterns *patterns)
{
	static const char users[] = "-*ad", tos[] = "adw*", froms[] = "-0ad";
	uint64_t state = n;
	char kind[4] = "-*-";

	for (size_t i = n % 64; kind[1] == '*' && (kind[0] == '-' || kind[0] == '*') &&
	    kind[2] == '-'; i = (i + 21) % 64) {
		kind[0] = users[i / 16];
		kind[1] = tos[i / 4 % 4];
		kind[2] = froms[i % 4];
	}
	fill(keys, routes, &state, kind, patterns);
}

void
ladder_mixed(const struct keys *keys, size_t routes, size_t n, struct patterns *patterns)
{
	static const struct {
		unsigned percent;
		char kind[4];
	} mix[] = {{80, "-d-"}, {88, "d*-"}, {92, "a*-"}, {96, "-a-"}, {98, "-w-"}, {99, "d*d"},
	    {100, "dd-"}};
	uint64_t state = n;
	unsigned percent = (unsigned)(bench_random(&state) % 100);
	int i = 0;

	while (percent >= mix[i].percent)
		i++;
	fill(keys, routes, &state, mix[i].kind, patterns);
}

static void
address(char out[LADDER_NAME_MAX], const char *local, const char *domain)
{
	snprintf(out, LADDER_NAME_MAX, "%s@%s", local, domain);
}

void
mail_unknown(const struct keys *keys, size_t routes, uint64_t *state, struct mail *mail)
{
	address(mail->login, local_part(state), unknown(keys, routes, state));
	address(mail->sender, local_part(state), unknown(keys, routes, state));
	address(mail->recipient, local_part(state), unknown(keys, routes, state));
}

void
mail_strangers(const struct keys *keys, size_t routes, uint64_t *state, struct mail *mail)
{
	address(mail->login, local_part(state), known(keys, routes, 1, state));
	address(mail->sender, local_part(state), known(keys, routes, 1, state));
	address(mail->recipient, local_part(state), known(keys, routes, 1, state));
}

void
mail_mixed(const struct keys *keys, size_t routes, uint64_t *state, struct mail *mail)
{
	unsigned dice = (unsigned)(bench_random(state) % 100);

	mail_unknown(keys, routes, state, mail);
	if (dice < 60)
		address(mail->recipient, local_part(state), known(keys, routes, 0, state));
	if (dice % 2 == 0)
		mail->login[0] = '\0';
	else if (dice % 10 < 6)
		address(mail->login, local_part(state), known(keys, routes, 0, state));
}
