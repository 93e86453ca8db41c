#include "runtime/key.h"

#include "base/chunk.h"
#include "base/hot.h"

static bool
is_null_sender(struct tmail_slice s)
{
	return s.len == 0 || (s.len == 2 && memcmp(s.ptr, "<>", 2) == 0);
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

/* Sets a name, unless it is absent or longer than any of the index. */
HOT unsigned
set_name(struct part *part, unsigned char kind, const char *name, size_t len,
    const struct asking *asking)
{
	if (name == NULL || len > asking->limits->name_max)
		return 0;
	part->name = name;
	part->len = (uint32_t)len;
	part->number = KEY_NONE;
	part->kind = kind;
	part->roles = 0;
	probe_start(&part->probe, asking->routes, &asking->routes->names, name, len);
	return 1;
}

HOT unsigned
set_fixed(struct part *part, unsigned char kind, uint32_t number, bool wanted)
{
	if (!wanted)
		return 0;
	part->name = NULL;
	part->number = number;
	part->kind = kind;
	part->roles = PART_ROLES;
	return 1;
}

/* Sets the parents of a domain, nearest first. */
static unsigned
set_parents(struct part *parts, struct slice domain, const struct asking *asking)
{
	unsigned char dots[KEY_LABELS];
	unsigned labels = 0, n = 0, i;
	size_t at;

	if (domain.ptr[0] == '[')
		return 0;
	for (at = 0; at < domain.len; at += CHUNK_SIZE) {
		const char *p = domain.ptr + at;
		size_t left = domain.len - at;
		unsigned mask = chunk_equal(left < CHUNK_SIZE ?
		    chunk_load_short(p, left) : chunk_load(p), '.');

		for (; mask != 0; mask &= mask - 1)
			dots[labels++] = (unsigned char)(at +
			    (unsigned)__builtin_ctz(mask));
	}
	for (i = 0; i < labels; i++) {
		size_t start = dots[i] + 1u;

		if ((asking->limits->wild_labels & wild_labels_bit(labels - i)) != 0)
			n += set_name(&parts[n], RUNG_TO_WILD, domain.ptr + start,
			    domain.len - start, asking);
	}
	return n;
}

static enum tmail_status
key_status(enum fold_status status)
{
	return status == FOLD_MEMORY ? TMAIL_E_MEMORY : TMAIL_OK;
}

/* The domain of an address that folding keeps; of no address: all of it. */
static inline struct slice
kept_domain(struct slice in, size_t at)
{
	return at == in.len ? in : slice(in.ptr + at + 1, in.len - at - 1);
}

/* What is no domain has no name in the index, but its parents may. */
static bool
keeps_domain(struct slice in, size_t *at, bool matters)
{
	return fold_keeps(in, at) && (!matters || fold_is_domain(kept_domain(in, *at)));
}

static enum fold_status
fold_recipient(struct slice in, const struct asking *asking, struct folded *f)
{
	bool parents = (asking->rungs & RUNGS_TO(RUNG_TO_WILD)) != 0;
	size_t at;

	f->full = f->domain = slice(NULL, 0);
	if ((asking->rungs & ~RUNGS_TO(RUNG_TO_STAR)) == 0)
		return FOLD_OK;
	if (keeps_domain(in, &at, parents || asking->limits->all)) {
		if (at > 0 && at < in.len)
			f->full = in;
		f->domain = kept_domain(in, at);
		return FOLD_OK;
	}
	return (asking->rungs & RUNGS_TO(RUNG_TO_ADDRESS)) != 0 ? fold_address(in, f) :
	    fold_domain_of(in, f);
}

enum tmail_status
key_to(struct key_to *key, struct tmail_slice recipient, const struct asking *asking)
{
	struct folded *f = &key->folded;
	enum fold_status status;
	unsigned n = 0;

	status = fold_recipient(slice(recipient.ptr, recipient.len), asking, f);
	if ((asking->rungs & RUNGS_TO(RUNG_TO_ADDRESS)) != 0)
		n += set_name(&key->parts[n], RUNG_TO_ADDRESS, f->full.ptr,
		    f->full.len, asking);
	if ((asking->rungs & RUNGS_TO(RUNG_TO_DOMAIN)) != 0)
		n += set_name(&key->parts[n], RUNG_TO_DOMAIN, f->domain.ptr,
		    f->domain.len, asking);
	if ((asking->rungs & RUNGS_TO(RUNG_TO_WILD)) != 0 && f->domain.ptr != NULL)
		n += set_parents(&key->parts[n], f->domain, asking);
	key->names = n;
	n += set_fixed(&key->parts[n], RUNG_TO_STAR, KEY_STAR,
	    (asking->rungs & RUNGS_TO(RUNG_TO_STAR)) != 0);
	key->count = n;
	return key_status(status);
}

/* Without an '@' it folds as a domain, which no sender is. */
static enum fold_status
fold_sender(struct slice in, const struct asking *asking, struct folded *f)
{
	enum fold_status status;
	size_t at;

	if (keeps_domain(in, &at, asking->limits->all) && at > 0 && at + 1 < in.len) {
		f->full = in;
		f->domain = kept_domain(in, at);
		return FOLD_OK;
	}
	status = fold_address(in, f);
	if (f->full.ptr == NULL && fold_at(in) == in.len)
		f->domain = slice(NULL, 0);
	return status;
}

enum tmail_status
key_from(struct key_few *key, struct tmail_slice sender, const struct asking *asking)
{
	const uint64_t named = RUNGS_FROM(RUNG_FROM_ADDRESS) |
	    RUNGS_FROM(RUNG_FROM_DOMAIN);
	struct folded *f = &key->folded;
	enum fold_status status = FOLD_OK;
	unsigned n = 0;

	if ((asking->rungs & named) != 0) {
		status = fold_sender(slice(sender.ptr, sender.len), asking, f);
		n += set_name(&key->parts[n], RUNG_FROM_ADDRESS, f->full.ptr,
		    f->full.len, asking);
		n += set_name(&key->parts[n], RUNG_FROM_DOMAIN, f->domain.ptr,
		    f->domain.len, asking);
	}
	key->names = n;
	n += set_fixed(&key->parts[n], RUNG_FROM_NULL, KEY_NULL,
	    (asking->rungs & RUNGS_FROM(RUNG_FROM_NULL)) != 0);
	n += set_fixed(&key->parts[n], RUNG_FROM_NONE, KEY_NONE,
	    (asking->rungs & RUNGS_FROM(RUNG_FROM_NONE)) != 0);
	key->count = n;
	return key_status(status);
}

static enum fold_status
fold_user(struct slice in, struct folded *f)
{
	size_t at;

	if (!fold_keeps(in, &at) || at + 1 == in.len)
		return fold_login(in, f);
	f->full = in;
	f->domain = at < in.len ? kept_domain(in, at) : slice(NULL, 0);
	return FOLD_OK;
}

/* Whether a folded login has no '@'. */
static bool
is_bare(const struct folded *f)
{
	return f->domain.ptr == NULL && f->full.ptr != NULL &&
	    f->full.ptr[f->full.len - 1] != '@';
}

enum tmail_status
key_user(struct key_few *key, struct tmail_slice login, const struct asking *asking)
{
	const uint64_t named = RUNGS_USER(RUNG_USER_FULL) |
	    RUNGS_USER(RUNG_USER_BARE);
	struct slice in = {login.ptr, login.len};
	struct folded *f = &key->folded;
	enum fold_status status = FOLD_OK;
	unsigned n = 0;

	if ((asking->rungs & named) != 0) {
		status = fold_user(in, f);
		n += set_name(&key->parts[n], is_bare(f) ? RUNG_USER_BARE :
		    RUNG_USER_FULL, f->full.ptr, f->full.len, asking);
		n += set_name(&key->parts[n], RUNG_USER_BARE, f->domain.ptr,
		    f->domain.len, asking);
	}
	key->names = n;
	n += set_fixed(&key->parts[n], RUNG_USER_STAR, KEY_STAR,
	    (asking->rungs & RUNGS_USER(RUNG_USER_STAR)) != 0);
	key->count = n;
	return key_status(status);
}
