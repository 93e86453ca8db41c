#include "runtime/key.h"

#include "base/unchanged.h"

const struct limits key_all = {~UINT64_C(0), ~UINT32_C(0), ~UINT32_C(0), true};

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

/* Adds a name, unless it is absent or longer than any of the index. */
HOT void
add_name(struct parts *parts, unsigned char kind, const char *name, size_t len,
    const struct asking *asking)
{
	struct part *part = parts->part + parts->count;

	if (name == NULL || len > asking->limits->name_max)
		return;
	part->name = name;
	part->len = (uint32_t)len;
	part->number = KEY_NONE;
	part->kind = kind;
	part->roles = 0;
	probe_aim(&part->probe, asking->routes, &asking->routes->names, name, len);
	parts->count++;
}

HOT void
add_fixed(struct parts *parts, unsigned char kind, uint32_t number, bool wanted)
{
	struct part *part = parts->part + parts->count;

	if (!wanted)
		return;
	part->name = NULL;
	part->number = number;
	part->kind = kind;
	part->roles = PART_ROLES;
	parts->count++;
}

/* The recipient, folded, and where the dots of its domain are, if that is known. */
struct recipient {
	struct slice full;
	struct slice domain;
	uint64_t dots;		/* 0: not known, or none */
};

/* Adds a parent of a domain, of so many labels, if there may be a "*.PARENT". */
HOT void
add_parent(struct parts *parts, struct slice domain, size_t dot, unsigned labels,
    const struct asking *asking)
{
	if ((asking->limits->wild_labels & wild_labels_bit(labels)) != 0)
		add_name(parts, RUNG_TO_WILD, domain.ptr + dot + 1, domain.len - dot - 1,
		    asking);
}

/* Adds the parents of a domain, nearest first. */
static __attribute__((noinline)) void
add_parents_slowly(struct parts *parts, struct slice domain, const struct asking *asking)
{
	unsigned labels = 0;
	size_t i;

	if (domain.ptr[0] == '[')
		return;
	for (i = 0; i < domain.len; i++)
		labels += domain.ptr[i] == '.';
	for (i = 0; i < domain.len; i++)
		if (domain.ptr[i] == '.')
			add_parent(parts, domain, i, labels--, asking);
}

HOT void
add_parents(struct parts *parts, const struct recipient *r, const struct asking *asking)
{
	unsigned labels = 0;
	uint64_t dots;

	for (dots = r->dots; dots != 0; dots &= dots - 1)
		labels++;
	for (dots = r->dots; dots != 0; dots &= dots - 1)
		add_parent(parts, r->domain, (unsigned)__builtin_ctzll(dots), labels--, asking);
	if (r->dots == 0 && r->domain.ptr != NULL)
		add_parents_slowly(parts, r->domain, asking);
}

static enum tmail_status
key_status(enum fold_status status)
{
	return status == FOLD_MEMORY ? TMAIL_E_MEMORY : TMAIL_OK;
}

/* What is no domain has no name in the index, but its parents may. */
HOT enum fold_status
fold_recipient(struct slice in, const struct asking *asking, struct folded *f,
    struct recipient *r)
{
	enum fold_status status;
	struct marks marks;
	size_t at, start;

	if (marks_read(in, &marks)) {
		at = marks_at(&marks, in.len);
		start = marks_domain(at, in.len);
		if (marks_is_domain(&marks, start, in.len)) {
			*r = (struct recipient){slice(NULL, 0),
			    slice(in.ptr + start, in.len - start), marks.dots >> start};
			if (start > 1)
				r->full = in;
			return FOLD_OK;
		}
	}
	f->full = f->domain = slice(NULL, 0);
	status = (asking->rungs & RUNGS_TO(RUNG_TO_ADDRESS)) != 0 ? fold_address(in, f) :
	    fold_domain_of(in, f);
	*r = (struct recipient){f->full, f->domain, 0};
	return status;
}

enum tmail_status
key_to(struct key_to *key, struct tmail_slice recipient, const struct asking *asking)
{
	struct parts parts = {0, 0, key->part};
	enum fold_status status = FOLD_OK;
	struct recipient r;

	if ((asking->rungs & ~RUNGS_TO(RUNG_TO_STAR)) != 0) {
		status = fold_recipient(slice(recipient.ptr, recipient.len), asking,
		    &key->folded, &r);
		if ((asking->rungs & RUNGS_TO(RUNG_TO_ADDRESS)) != 0)
			add_name(&parts, RUNG_TO_ADDRESS, r.full.ptr, r.full.len, asking);
		if ((asking->rungs & RUNGS_TO(RUNG_TO_DOMAIN)) != 0)
			add_name(&parts, RUNG_TO_DOMAIN, r.domain.ptr, r.domain.len, asking);
		if ((asking->rungs & RUNGS_TO(RUNG_TO_WILD)) != 0)
			add_parents(&parts, &r, asking);
	}
	parts.names = parts.count;
	add_fixed(&parts, RUNG_TO_STAR, KEY_STAR,
	    (asking->rungs & RUNGS_TO(RUNG_TO_STAR)) != 0);
	key->parts = parts;
	return key_status(status);
}

/* Without an '@' it folds as a domain, which no sender is. */
HOT enum fold_status
fold_sender(struct slice in, const struct asking *asking, struct folded *f)
{
	enum fold_status status;
	struct marks marks;
	size_t at;

	if (marks_read(in, &marks)) {
		at = marks_at(&marks, in.len);
		if (at > 0 && at + 1 < in.len &&
		    (!asking->limits->all || marks_is_domain(&marks, at + 1, in.len))) {
			f->full = in;
			f->domain = slice(in.ptr + at + 1, in.len - at - 1);
			return FOLD_OK;
		}
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
	struct parts parts = {0, 0, key->part};
	struct folded *f = &key->folded;
	enum fold_status status = FOLD_OK;

	if ((asking->rungs & named) != 0) {
		status = fold_sender(slice(sender.ptr, sender.len), asking, f);
		add_name(&parts, RUNG_FROM_ADDRESS, f->full.ptr, f->full.len, asking);
		add_name(&parts, RUNG_FROM_DOMAIN, f->domain.ptr, f->domain.len, asking);
	}
	parts.names = parts.count;
	add_fixed(&parts, RUNG_FROM_NULL, KEY_NULL,
	    (asking->rungs & RUNGS_FROM(RUNG_FROM_NULL)) != 0);
	add_fixed(&parts, RUNG_FROM_NONE, KEY_NONE,
	    (asking->rungs & RUNGS_FROM(RUNG_FROM_NONE)) != 0);
	key->parts = parts;
	return key_status(status);
}

HOT enum fold_status
fold_user(struct slice in, struct folded *f)
{
	struct marks marks;
	size_t at;

	if (!marks_read(in, &marks))
		return fold_login(in, f);
	at = marks_at(&marks, in.len);
	if (at + 1 == in.len)
		return fold_login(in, f);
	f->full = in;
	f->domain = at < in.len ? slice(in.ptr + at + 1, in.len - at - 1) : slice(NULL, 0);
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
	struct parts parts = {0, 0, key->part};
	struct folded *f = &key->folded;
	enum fold_status status = FOLD_OK;

	if ((asking->rungs & named) != 0) {
		status = fold_user(slice(login.ptr, login.len), f);
		add_name(&parts, is_bare(f) ? RUNG_USER_BARE : RUNG_USER_FULL,
		    f->full.ptr, f->full.len, asking);
		add_name(&parts, RUNG_USER_BARE, f->domain.ptr, f->domain.len, asking);
	}
	parts.names = parts.count;
	add_fixed(&parts, RUNG_USER_STAR, KEY_STAR,
	    (asking->rungs & RUNGS_USER(RUNG_USER_STAR)) != 0);
	key->parts = parts;
	return key_status(status);
}
