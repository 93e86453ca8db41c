#include "runtime/key.h"

#include "base/chunk.h"

/* All rungs with one kind of user, to or from: see rung_bit. */
#define RUNGS_USER(kind) (UINT64_C(0xffff) << (kind) * 16)
#define RUNGS_TO(kind) (UINT64_C(0x000f000f000f000f) << (kind) * 4)
#define RUNGS_FROM(kind) (UINT64_C(0x1111111111111111) << (kind))

static void
part_set(struct part *part, unsigned kind, uint32_t ref, struct slice text)
{
	part->text = text;
	part->hash = 0;
	part->ref = ref;
	part->kind = (unsigned char)kind;
	part->roles = 0;
}

static bool
is_null_sender(struct tmail_slice s)
{
	return s.len == 0 || (s.len == 2 && memcmp(s.ptr, "<>", 2) == 0);
}

/* The rungs that a query of this shape can reach. */
static uint64_t
reachable(const struct tmail_query *query)
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

static bool
wild_wanted(uint32_t wild_labels, unsigned labels)
{
	return (wild_labels & wild_labels_bit(labels)) != 0;
}

/* Adds the parents of a domain, nearest first. */
static void
add_parents(struct key *key, struct slice domain, uint32_t wild_labels)
{
	unsigned short dots[KEY_LABELS];
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
			dots[n++] = (unsigned short)(at + (unsigned)__builtin_ctz(mask));
	}
	for (i = 0; i < n; i++) {
		size_t start = dots[i] + 1u;

		if (wild_wanted(wild_labels, n - i))
			part_set(&key->to[key->to_count++], RUNG_TO_WILD, KEY_NONE,
			    slice(domain.ptr + start, domain.len - start));
	}
}

static enum tmail_status
key_status(enum fold_status status)
{
	return status == FOLD_MEMORY ? TMAIL_E_MEMORY : TMAIL_OK;
}

static enum tmail_status
key_to(struct key *key, struct slice in, uint64_t rungs, uint32_t wild_labels)
{
	struct folded *f = &key->recipient;
	struct slice full = {NULL, 0};
	enum fold_status status;
	size_t at;

	if ((rungs & RUNGS_TO(RUNG_TO_ADDRESS)) != 0) {
		status = fold_address(in, f);
		full = f->full;
	} else {
		at = fold_at(in);
		if (at < in.len)
			in = slice(in.ptr + at + 1, in.len - at - 1);
		status = fold_domain(in, f);
	}
	if (full.ptr != NULL)
		part_set(&key->to[key->to_count++], RUNG_TO_ADDRESS, KEY_NONE, full);
	if (f->domain.ptr != NULL) {
		if ((rungs & RUNGS_TO(RUNG_TO_DOMAIN)) != 0)
			part_set(&key->to[key->to_count++], RUNG_TO_DOMAIN,
			    KEY_NONE, f->domain);
		if ((rungs & RUNGS_TO(RUNG_TO_WILD)) != 0)
			add_parents(key, f->domain, wild_labels);
	}
	part_set(&key->to[key->to_count++], RUNG_TO_STAR, KEY_STAR, slice(NULL, 0));
	return key_status(status);
}

static enum tmail_status
key_from(struct key *key, struct tmail_slice in, uint64_t rungs)
{
	const uint64_t named = RUNGS_FROM(RUNG_FROM_ADDRESS) | RUNGS_FROM(RUNG_FROM_DOMAIN);
	struct folded *f = &key->sender;
	struct slice sender = {in.ptr, in.len};
	enum fold_status status = FOLD_OK;

	if ((rungs & RUNGS_FROM(RUNG_FROM_NULL)) != 0)
		part_set(&key->from[key->from_count++], RUNG_FROM_NULL, KEY_NULL,
		    slice(NULL, 0));
	/* Without '@' it would fold as a domain, which a sender never is. */
	if ((rungs & named) != 0 && fold_at(sender) < sender.len) {
		status = fold_address(sender, f);
		if (f->full.ptr != NULL)
			part_set(&key->from[key->from_count++], RUNG_FROM_ADDRESS,
			    KEY_NONE, f->full);
		if (f->domain.ptr != NULL)
			part_set(&key->from[key->from_count++], RUNG_FROM_DOMAIN,
			    KEY_NONE, f->domain);
	}
	part_set(&key->from[key->from_count++], RUNG_FROM_NONE, KEY_NONE,
	    slice(NULL, 0));
	return key_status(status);
}

static enum tmail_status
key_user(struct key *key, struct tmail_slice in, uint64_t rungs)
{
	const uint64_t named = RUNGS_USER(RUNG_USER_FULL) | RUNGS_USER(RUNG_USER_BARE);
	struct folded *f = &key->login;
	struct slice login = {in.ptr, in.len};
	enum fold_status status = FOLD_OK;

	if ((rungs & named) != 0) {
		status = fold_login(login, f);
		if (f->full.ptr != NULL)
			part_set(&key->user[key->user_count++],
			    fold_at(login) < login.len ? RUNG_USER_FULL : RUNG_USER_BARE,
			    KEY_NONE, f->full);
		if (f->domain.ptr != NULL)
			part_set(&key->user[key->user_count++], RUNG_USER_BARE,
			    KEY_NONE, f->domain);
	}
	part_set(&key->user[key->user_count++], RUNG_USER_STAR, KEY_STAR,
	    slice(NULL, 0));
	return key_status(status);
}

enum tmail_status
key_init(struct key *key, const struct tmail_query *query, uint64_t rungs,
    uint32_t wild_labels)
{
	struct slice recipient = {query->recipient.ptr, query->recipient.len};
	enum tmail_status status;

	if (recipient.ptr == NULL)
		return TMAIL_E_ARGUMENT;
	key->to_count = key->from_count = key->user_count = 0;
	rungs &= reachable(query);
	status = key_to(key, recipient, rungs, wild_labels);
	if (status == TMAIL_OK)
		status = key_from(key, query->sender, rungs);
	if (status == TMAIL_OK && (rungs & ~RUNGS_USER(RUNG_USER_NONE)) != 0)
		status = key_user(key, query->login, rungs);
	return status;
}
