/*
 * domain.h - the commonest walk, for speed: that to the recipient's domain,
 * where no rung before it is in use.
 */
#ifndef RUNTIME_DOMAIN_H
#define RUNTIME_DOMAIN_H

#include "runtime/route.h"

/* A domain of 8 to 31 bytes (see key_words), as it is spelt. */
struct domain {
	const char *ptr;
	size_t len;
	struct key_words at;
	CHUNK head, tail;	/* its four words */
};

HOT struct domain
domain_load(const char *ptr, size_t len)
{
	struct domain d = {.ptr = ptr, .len = len, .at = key_words(len)};

	d.head = chunk_load_two(ptr, ptr + d.at.second);
	d.tail = chunk_load_two(ptr + d.at.third, ptr + d.at.last);
	return d;
}

HOT bool
domain_has_at(const struct domain *d)
{
	return (chunk_equal(d->head, '@') | chunk_equal(d->tail, '@')) != 0;
}

/* Whether an entry is this domain's. */
HOT bool
domain_is_entry(const struct domain *d, const unsigned char *entry)
{
	const char *text = (const char *)entry + ENTRY_KEY;

	return !chunk_differ_two(d->head, chunk_load_two(text, text + d->at.second),
	    d->tail, chunk_load_two(text + d->at.third, text + d->at.last)) &&
	    entry[ENTRY_LENGTH] == d->len;
}

/* In two pieces, which compilers copy without a call or loop. */
HOT void
match_clear(struct tmail_match *match)
{
	enum { HALF = sizeof(*match) / 2 };

	memset(match, 0, HALF);
	memset((char *)match + HALF, 0, sizeof(*match) - HALF);
}

/*
 * domain_find - looks for "to DOMAIN".  DOMAIN_FOUND: match is filled.
 * DOMAIN_MISSING: the domain alone has no group.  DOMAIN_UNSURE: folding, or
 * the record of its name, will tell.
 *
 * What is found as spelt need not be folded, since the index has folded names
 * only.  Every branch nearly always goes the same way: a wrong guess would stop
 * all lookups that the processor has under way.
 */
enum domain_answer { DOMAIN_FOUND, DOMAIN_MISSING, DOMAIN_UNSURE };

HOT enum domain_answer
domain_missing(const struct domain *d)
{
	return (chunk_unfolded(d->head) | chunk_unfolded(d->tail)) != 0 ||
	    d->ptr[d->len - 1] == '.' ? DOMAIN_UNSURE : DOMAIN_MISSING;
}

HOT enum domain_answer
domain_find(const struct domain *d, const struct tmail_routes *routes,
    struct tmail_match *match)
{
	const struct table *names = &routes->names;
	uint64_t hash = key_words_hash(routes->secret, 0, d->ptr, d->len, d->at);
	uint32_t bucket = table_bucket(hash, names->nseeds), slot, list;
	const unsigned char *entry;

	if (!filter_has(names->filter + table_filter_at(bucket), hash))
		return domain_missing(d);
	slot = table_slot(hash, names->seeds[bucket], names->nslots);
	entry = table_entry(names, slot);
	if (!domain_is_entry(d, entry) || entry == table_line(names, slot))
		return domain_missing(d);
	list = le32_get(entry + ENTRY_LIST);
	if ((list & LIST_KIND) != LIST_ROUTE)
		return DOMAIN_UNSURE;
	match_clear(match);	/* TMAIL_RELAY */
	match->to = tmail_slice(entry + ENTRY_KEY, d->len);
	match->count = 1;
	match->priv[MATCH_LIST] = list;
	return DOMAIN_FOUND;
}

/*
 * domain_find_folded - the same for any recipient: TMAIL_OK, TMAIL_NO_ROUTE
 * or an error.
 */
enum tmail_status domain_find_folded(const struct tmail_routes *routes,
    struct slice recipient, struct tmail_match *match);

#endif
