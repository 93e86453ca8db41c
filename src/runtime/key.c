#include "runtime/key.h"

#include "base/chunk.h"

static bool
is_null_sender(struct tmail_slice s)
{
	return s.len == 0 || (s.len == 2 && memcmp(s.ptr, "<>", 2) == 0);
}

/* Adds a name, unless it is absent or longer than any of the index. */
static void
add(struct part *list, unsigned *count, unsigned char kind, const char *name,
    size_t len, const struct limits *limits)
{
	struct part *part = &list[*count];

	if (name == NULL || len > limits->name_max)
		return;
	part->name = name;
	part->len = (uint32_t)len;
	part->ref = KEY_NONE;
	part->kind = kind;
	part->roles = 0;
	(*count)++;
}

/* Adds the parents of a domain, nearest first. */
static void
add_parents(struct key *key, struct slice domain, const struct limits *limits)
{
	unsigned char dots[KEY_LABELS];
	unsigned n = 0, i;
	size_t at;

	if (domain.ptr[0] == '[')
		return;
	for (at = 0; at < domain.len; at += CHUNK_SIZE) {
		const char *p = domain.ptr + at;
		size_t left = domain.len - at;
		unsigned mask = chunk_equal(left < CHUNK_SIZE ?
		    chunk_load_short(p, left) : chunk_load(p), '.');

		for (; mask != 0; mask &= mask - 1)
			dots[n++] = (unsigned char)(at + (unsigned)__builtin_ctz(mask));
	}
	for (i = 0; i < n; i++) {
		size_t start = dots[i] + 1u;

		if ((limits->wild_labels & wild_labels_bit(n - i)) != 0)
			add(key->to, &key->to_count, RUNG_TO_WILD,
			    domain.ptr + start, domain.len - start, limits);
	}
}

static enum fold_status
key_to(struct key *key, struct slice in, uint64_t rungs,
    const struct limits *limits)
{
	struct folded *f = &key->recipient;
	enum fold_status status;

	if ((rungs & RUNGS_TO(RUNG_TO_ADDRESS)) != 0) {
		status = fold_address(in, f);
		add(key->to, &key->to_count, RUNG_TO_ADDRESS, f->full.ptr,
		    f->full.len, limits);
	} else {
		status = fold_domain_of(in, f);
	}
	if (f->domain.ptr == NULL)
		return status;
	if ((rungs & RUNGS_TO(RUNG_TO_DOMAIN)) != 0)
		add(key->to, &key->to_count, RUNG_TO_DOMAIN, f->domain.ptr,
		    f->domain.len, limits);
	if ((rungs & RUNGS_TO(RUNG_TO_WILD)) != 0)
		add_parents(key, f->domain, limits);
	return status;
}

static enum fold_status
key_from(struct key *key, struct slice in, const struct limits *limits)
{
	struct folded *f = &key->sender;
	enum fold_status status;

	/* It would fold as a domain, which no sender is. */
	if (fold_at(in) == in.len)
		return FOLD_BAD;
	status = fold_address(in, f);
	add(key->from, &key->from_count, RUNG_FROM_ADDRESS, f->full.ptr,
	    f->full.len, limits);
	add(key->from, &key->from_count, RUNG_FROM_DOMAIN, f->domain.ptr,
	    f->domain.len, limits);
	return status;
}

static enum fold_status
key_user(struct key *key, struct slice in, const struct limits *limits)
{
	struct folded *f = &key->login;
	enum fold_status status = fold_login(in, f);
	bool bare = fold_at(in) == in.len;

	add(key->user, &key->user_count, bare ? RUNG_USER_BARE : RUNG_USER_FULL,
	    f->full.ptr, f->full.len, limits);
	add(key->user, &key->user_count, RUNG_USER_BARE, f->domain.ptr,
	    f->domain.len, limits);
	return status;
}

uint64_t
key_rungs(const struct tmail_query *query)
{
	uint64_t rungs = ~UINT64_C(0);

	if (query->login.ptr == NULL || query->login.len == 0)
		rungs &= RUNGS_USER(RUNG_USER_NONE);
	if (query->sender.ptr == NULL)
		rungs &= RUNGS_FROM(RUNG_FROM_NONE);
	else if (is_null_sender(query->sender))
		rungs &= RUNGS_FROM(RUNG_FROM_NONE) | RUNGS_FROM(RUNG_FROM_NULL);
	else
		rungs &= ~RUNGS_FROM(RUNG_FROM_NULL);
	return rungs;
}

enum tmail_status
key_init(struct key *key, const struct tmail_query *query,
    const struct limits *limits)
{
	uint64_t rungs = limits->rungs & key_rungs(query);
	enum fold_status status;

	key->to_count = key->from_count = key->user_count = 0;
	status = key_to(key, slice(query->recipient.ptr, query->recipient.len),
	    rungs, limits);
	if (status != FOLD_MEMORY && (rungs & (RUNGS_FROM(RUNG_FROM_ADDRESS) |
	    RUNGS_FROM(RUNG_FROM_DOMAIN))) != 0)
		status = key_from(key, slice(query->sender.ptr, query->sender.len),
		    limits);
	if (status != FOLD_MEMORY && (rungs & (RUNGS_USER(RUNG_USER_FULL) |
	    RUNGS_USER(RUNG_USER_BARE))) != 0)
		status = key_user(key, slice(query->login.ptr, query->login.len),
		    limits);
	return status == FOLD_MEMORY ? TMAIL_E_MEMORY : TMAIL_OK;
}
