#include "names.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* The folded form first, then what means the same; ASCII letters change case at random. */
struct spellings {
	const char *list[4];
};

/* Short, so that they collide; words of the language among them. */
static const struct spellings labels[] = {
    {{"a"}}, {{"to"}}, {{"xn--bcher-kva", "bücher", "BÜCHER", "bu\u0308cher"}}, {{"via"}},
    {{"xn--wgv71a", "日本"}}, {{"mx"}}, {{"any"}}, {{"b-c"}}, {{"user"}}, {{"x_1"}},
    {{"xn--strae-oqa", "straße"}}, {{"from"}}, {{"reject"}}, {{"0"}}};
static const struct spellings tops[] = {
    {{"test"}}, {{"io"}}, {{"xn--caf-dma", "café", "CAFÉ", "cafe\u0301"}}};
static const struct spellings literals[] = {{{"[192.0.2.1]"}},
    {{"[IPv6:2001:db8::1]", "[IPv6:2001:db8:0:0::1]", "[IPv6:2001:0db8::0:0001]"}},
    {{"[IPv6:::ffff:192.0.2.1]", "[IPv6:::ffff:c000:201]"}}};
/* Letters beyond ASCII keep their case here. */
static const struct spellings locals[] = {{{"bob", "\"bob\""}}, {{"to", "\"to\""}},
    {{"bob+to", "\"bob+to\""}}, {{"any"}}, {{"\"a b\""}}, {{"\"a@b\""}}, {{"ü"}}, {{"Ü"}}};
static const struct spellings logins[] = {
    {{"bob"}}, {{"to"}}, {{"bob+to"}}, {{"any"}}, {{"a b"}}, {{"a@b"}}, {{"ü"}}, {{"Ü"}}};
/* What follows a login's last '@' need not be a domain. */
static const struct spellings realms[] = {{{"re!m"}}, {{"a..b"}}, {{"-"}}};
static const struct spellings words[] = {{{"bob"}}, {{"any"}}, {{"*"}}, {{"$all"}}, {{"re!m"}},
    {{"a,b"}}, {{"a..b"}}, {{"<>"}}, {{"a \\\"b"}}, {{"*.test"}}, {{"to"}}, {{"mx"}}};
static const char *const bad[] = {"a..test", "bob@", "bob@a..test", ".", "bob@-!", "a b.test",
    "bob@[192.0.2.256]", "[]", "@"};

#define COUNT(array) (uint32_t)(sizeof(array) / sizeof(*(array)))

uint32_t
random_below(struct random *random, uint32_t n)
{
	uint64_t x = random->state += 0x9e3779b97f4a7c15u;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return (uint32_t)((x ^ x >> 31) >> 32) % n;
}

bool
random_chance(struct random *random, uint32_t percent)
{
	return random_below(random, 100) < percent;
}

/* One spelling of those; without random: the folded one. */
static void
add(struct random *random, const struct spellings *spellings, char *out)
{
	uint32_t n = 0;
	char *p = out + strlen(out);

	while (n < COUNT(spellings->list) && spellings->list[n] != NULL)
		n++;
	strcpy(p, spellings->list[random == NULL ? 0 : random_below(random, n)]);
	for (; random != NULL && *p != '\0'; p++)
		if (isascii(*p) && islower(*p) && random_chance(random, 20))
			*p = (char)toupper(*p);
}

static void
add_domain(struct random *random, const struct name *name, char *out)
{
	if (name->literal > 0) {
		add(random, &literals[name->literal - 1], out);
		return;
	}
	for (uint32_t i = 0; i < name->label_count; i++) {
		add(random, i + 1 < name->label_count ? &labels[name->labels[i]]
						      : &tops[name->labels[i]], out);
		if (i + 1 < name->label_count)
			strcat(out, ".");
	}
	if (random != NULL && random_chance(random, 15))
		strcat(out, ".");
}

static void
add_name(struct random *random, const struct name *name, char *out)
{
	switch (name->kind) {
	case LOGIN:
		add(random, &logins[name->local], out);
		strcat(out, "@");
		if (name->realm > 0) {
			add(random, &realms[name->realm - 1], out);
			return;
		}
		break;
	case ADDRESS:
		add(random, &locals[name->local], out);
		strcat(out, "@");
		break;
	case WORD:
		add(random, &words[name->words], out);
		return;
	case BAD:
		if (random != NULL)
			strcat(out, bad[name->words]);
		return;
	case WILD:
		strcat(out, random == NULL ? SPECIAL "*." : "*.");
		break;
	case STAR:
		strcat(out, random == NULL ? SPECIAL "*" : "*");
		return;
	case ANY:
		strcat(out, random == NULL ? SPECIAL "any" : "any");
		return;
	case NULL_SENDER:
		strcat(out, random == NULL ? SPECIAL "<>" : "<>");
		return;
	case DOMAIN:
		break;
	}
	add_domain(random, name, out);
}

static struct name
fold(struct name name)
{
	name.folded[0] = '\0';
	add_name(NULL, &name, name.folded);
	return name;
}

struct name
name_random(struct random *random, enum kind kind, uint32_t some)
{
	struct name name = {.kind = kind};

	name.local = random_below(random, COUNT(locals));
	if (kind == LOGIN && random_chance(random, 10))
		name.realm = 1 + random_below(random, COUNT(realms));
	if (kind != WILD && random_chance(random, 5))
		name.literal = 1 + random_below(random, COUNT(literals));
	name.words = random_below(random, kind == BAD ? COUNT(bad) : COUNT(words));
	name.label_count = 1 + random_below(random, 3);
	for (uint32_t i = 0; i + 1 < name.label_count; i++)
		name.labels[i] = random_below(random, some < COUNT(labels) ? some : COUNT(labels));
	name.labels[name.label_count - 1] = random_below(random, COUNT(tops));
	return fold(name);
}

struct name
name_at(struct random *random, const struct name *domain, enum kind kind)
{
	struct name name = *domain;

	name.kind = kind;
	name.local = random_below(random, COUNT(locals));
	return fold(name);
}

struct name
name_below(struct random *random, const struct name *domain, uint32_t some)
{
	struct name name = *domain;

	name.kind = DOMAIN;
	if (name.literal == 0 && name.label_count < COUNT(name.labels)) {
		memmove(name.labels + 1, name.labels, sizeof(name.labels) - sizeof(*name.labels));
		name.labels[0] = random_below(random, some < COUNT(labels) ? some : COUNT(labels));
		name.label_count++;
	}
	return fold(name);
}

void
name_spell(struct random *random, const struct name *name, char spelt[SPELT_SIZE])
{
	spelt[0] = '\0';
	add_name(random, name, spelt);
}

/* Whether the word means itself without quotes. */
static bool
is_bare(const struct name *name, const char *spelt)
{
	if (name->kind == WORD && (spelt[0] == '*' || spelt[0] == '$' || strcmp(spelt, "<>") == 0 ||
				      strcasecmp(spelt, "any") == 0))
		return false;
	for (; *spelt != '\0'; spelt++)
		if (isascii(*spelt) && !isalnum(*spelt) &&
		    strchr("._+=/:@*<>|&[]$%~!-", *spelt) == NULL)
			return false;
	return true;
}

void
name_write(struct random *random, const struct name *name, char word[SPELT_SIZE])
{
	bool special = name->kind == WILD || name->kind == STAR || name->kind == ANY ||
	    name->kind == NULL_SENDER;
	char spelt[SPELT_SIZE];

	name_spell(random, name, spelt);
	if (special || (is_bare(name, spelt) && random_chance(random, 85))) {
		strcpy(word, spelt);
		return;
	}
	*word++ = '"';
	for (const char *p = spelt; *p != '\0'; p++) {
		if (isascii(*p) && random_chance(random, 5)) {
			word += sprintf(word, "\\x%02x", (unsigned)*p);
			continue;
		}
		if (*p == '"' || *p == '\\')
			*word++ = '\\';
		*word++ = *p;
	}
	strcpy(word, "\"");
}
