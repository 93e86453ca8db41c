/* postfix_decide.c - where Postfix sends a mail, as trivial-rewrite finds it. */
#include <string.h>

#include "base/fold.h"
#include "import/postfix.h"

struct slice
address_bare(const struct postfix *p, struct slice address)
{
	size_t at = fold_at(address);

	for (size_t i = 1; i < at; i++)
		if (strchr(p->delimiter, address.ptr[i]) != NULL)
			return arena_printf(&p->import->arena, "%.*s%.*s", (int)i, address.ptr,
			    (int)(address.len - at), address.ptr + at);
	return slice(NULL, 0);
}

struct slice
address_find(const struct postfix *p, const struct map *map, struct slice address,
    struct foreign_line **line)
{
	struct slice value = map_find(map, address, line), bare;

	if (value.ptr != NULL)
		return value;
	bare = address_bare(p, address);
	return bare.ptr == NULL ? bare : map_find(map, bare, line);
}

/* What transport says of a domain that is no key itself, by its parents; "*.x" begins at x. */
static struct slice
find_parents(const struct postfix *p, struct slice domain, struct foreign_line **line)
{
	struct slice value = slice(NULL, 0);
	size_t i = 0;

	if (domain.len > 2 && memcmp(domain.ptr, "*.", 2) == 0)
		domain = slice(domain.ptr + 2, domain.len - 2);
	else
		i = 1;
	for (; i < domain.len && value.ptr == NULL; i++) {
		struct slice parent = slice(domain.ptr + i, domain.len - i);

		if (i > 0 && domain.ptr[i - 1] != '.')
			continue;
		value = map_find(&p->transport, p->parents ? parent
		    : arena_printf(&p->import->arena, "*.%.*s", (int)parent.len, parent.ptr), line);
	}
	return value;
}

struct slice
transport_find(const struct postfix *p, struct slice to, struct foreign_line **line)
{
	size_t at = fold_at(to);
	struct slice value = slice(NULL, 0);

	if (p->transport.count == 0)
		return value;
	if (at < to.len) {
		value = address_find(p, &p->transport, to, line);
		to = slice(to.ptr + at + 1, to.len - at - 1);
	}
	if (value.ptr == NULL && !slice_is(to, "*"))
		value = map_find(&p->transport, to, line);
	if (value.ptr == NULL && !slice_is(to, "*"))
		value = find_parents(p, to, line);
	return value.ptr != NULL ? value : map_find(&p->transport, slice_str("*"), line);
}

/* The line of a sender, by address, then domain. */
static struct slice
find_sender(const struct postfix *p, const struct map *map, struct slice sender,
    struct foreign_line **line)
{
	struct slice value;
	size_t at;

	if (sender.ptr == NULL || map->count == 0)
		return slice(NULL, 0);
	at = fold_at(sender);
	if (at == sender.len)
		return map_find(map, sender, line);
	value = address_find(p, map, sender, line);
	return value.ptr != NULL ? value
	    : map_find(map, slice(sender.ptr + at + 1, sender.len - at - 1), line);
}

static bool
is_dunno(struct slice value)
{
	return value.len == 5 && strncasecmp(value.ptr, "dunno", 5) == 0;
}

/* The next hop of a mail whose transports have none. */
static void
decide_relay(const struct postfix *p, struct decision *d)
{
	struct foreign_line *line = NULL;
	struct slice relay = find_sender(p, &p->sender_relay, d->sender, &line);

	/* DUNNO ends the search, and leaves relayhost as it is. */
	if (relay.ptr != NULL && is_dunno(relay)) {
		refs_add(&d->refs, line);
		relay = slice(NULL, 0);
	}
	if (relay.ptr == NULL && p->relayhost.value.len > 0)
		relay = p->relayhost.value, line = p->relayhost.line;
	if (relay.ptr == NULL)
		return;
	refs_add(&d->refs, line);
	for (size_t i = 0; i < d->count; i++)
		if (d->list[i].next.ptr == NULL)
			d->list[i].next_line = line, d->list[i].next = relay;
}

/* Transport and next hop of a mail that transport says nothing of. */
static bool
decide_by_sender(const struct postfix *p, struct decision *d)
{
	struct parameter usual = p->random_sender.value.ptr != NULL ? p->random_sender
	    : p->default_transport;
	struct foreign_line *line = usual.line;
	struct slice channel = find_sender(p, &p->sender_transport, d->sender, &line);
	bool own = channel.ptr != NULL;

	if (own)
		refs_add(&d->refs, line);
	if (own && is_dunno(channel))
		usual = p->default_transport;
	if (!own || is_dunno(channel))
		channel = usual.value, line = usual.line;
	if (!decision_set(d, channel, line)) {
		refs_add(&d->refs, line);
		return false;
	}
	if (decision_own(d))
		decide_relay(p, d);
	refs_add(&d->refs, line);
	return true;
}

bool
decision_make(const struct postfix *p, struct decision *d)
{
	struct foreign_line *line = NULL;
	struct slice value = transport_find(p, d->to, &line);
	struct decision base;

	if (p->random_transport.value.ptr != NULL)
		value = p->random_transport.value, line = p->random_transport.line;
	d->refs.count = 0;
	d->count = 0;
	if (value.ptr == NULL)
		return decide_by_sender(p, d);
	refs_add(&d->refs, line);
	if (!decision_set(d, value, line))
		return false;
	if (d->count > 1 || d->list[0].channel.len > 0)
		return true;
	base = *d;
	if (!decide_by_sender(p, &base) || d->list[0].next.ptr == NULL) {
		*d = base;
		return base.count > 0;
	}
	/* The next hop is given: what chose another one has no part in it. */
	for (size_t i = 0; i < base.count; i++) {
		base.list[i].next = d->list[0].next;
		base.list[i].next_line = d->list[0].next_line;
		refs_add(&d->refs, base.list[i].channel_line);
	}
	base.refs = d->refs;
	*d = base;
	return true;
}
