/* names.h - random names, as they are when folded and as people spell them. */
#ifndef PROPERTY_NAMES_H
#define PROPERTY_NAMES_H

#include <stdbool.h>
#include <stdint.h>

enum { NAME_SIZE = 128, SPELT_SIZE = 4 * NAME_SIZE };

/* What is no name begins with this byte when folded. */
#define SPECIAL "\1"

enum kind {
	DOMAIN,		/* a.test, [192.0.2.1] */
	ADDRESS,	/* bob@a.test */
	LOGIN,		/* bob@a.test, bob@re!m */
	WORD,		/* a login without '@' */
	WILD,		/* *.a.test */
	STAR,
	ANY,
	NULL_SENDER,
	BAD		/* only in queries: cannot be folded */
};

struct random {
	uint64_t state;
};

struct name {
	enum kind kind;
	uint32_t local, realm, literal, words, labels[4], label_count;
	char folded[NAME_SIZE];		/* empty for BAD */
};

uint32_t random_below(struct random *random, uint32_t n);

/* True in percent cases of a hundred. */
bool random_chance(struct random *random, uint32_t percent);

/* A random name of that kind; the fewer labels there are, the more names collide. */
struct name name_random(struct random *random, enum kind kind, uint32_t labels);

/* The same domain with a local part before it, or a label (above a literal: none). */
struct name name_at(struct random *random, const struct name *domain, enum kind kind);
struct name name_below(struct random *random, const struct name *domain, uint32_t labels);

/* name_spell - some spelling of the name, as a mail would have it. */
void name_spell(struct random *random, const struct name *name, char spelt[SPELT_SIZE]);

/* name_write - some spelling as a word of a configuration, quoted if need be. */
void name_write(struct random *random, const struct name *name, char word[SPELT_SIZE]);

#endif
