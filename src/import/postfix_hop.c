/* postfix_hop.c - what Postfix does with a transport and a next hop. */
#include <string.h>

#include "base/fold.h"
#include "base/ip.h"
#include "import/postfix.h"

#define ARG(s) (int)((s).len < 100 ? (s).len : 100), (s).ptr

/* A destination on its way to statements. */
struct way {
	struct postfix *postfix;
	const struct decision *decision;
	struct client client;
	struct refs refs;		/* of the transport */
	struct refs *joined;		/* of the statement: what was joined, too */
	const char *flaw;		/* why it cannot be said, what, and where it stands */
	struct slice flaw_of;
	struct foreign_line *flaw_line;
	bool report;
};

/* What is lost of a decision, told at the line that it is lost of. */
static void
clash(const struct way *s, struct foreign_line *line, const char *what, struct slice name)
{
	if (!s->report || line == NULL)
		return;
	if (name.ptr == NULL)
		import_report(s->postfix->import, line, "%s", what);
	else
		import_report(s->postfix->import, line, "%s '%.*s'", what, ARG(name));
}

static bool
add_destination(struct decision *d, struct slice value, struct foreign_line *line)
{
	struct slice next = value, channel = trim(cut(&next, ":"));

	if (d->count == DESTINATIONS)
		return false;
	next = next.ptr == NULL ? slice(NULL, 0) : trim(next);
	for (size_t i = 0; i < d->count; i++)
		if (slice_eq(d->list[i].channel, channel) && slice_eq(d->list[i].next, next)) {
			d->list[i].weight++;
			return true;
		}
	d->list[d->count++] = (struct destination){channel, next.len == 0 ? slice(NULL, 0) : next, 1,
	    line, line};
	return true;
}

static bool
read_destinations(struct decision *decision, struct slice value, struct foreign_line *line)
{
	static const char randmap[] = "randmap:{";
	struct slice rest;

	decision->count = 0;
	if (value.len < sizeof(randmap) || memcmp(value.ptr, randmap, sizeof(randmap) - 1) != 0) {
		add_destination(decision, value, line);
		decision->list[0].weight = 0;
		return !(value.len >= 8 && memcmp(value.ptr, randmap, 8) == 0);
	}
	if (value.ptr[value.len - 1] != '}')
		return false;
	rest = slice(value.ptr + 9, value.len - 10);
	while (rest.ptr != NULL) {
		struct slice item = trim(cut(&rest, ", \t"));

		if (item.len > 0 && !add_destination(decision, item, line))
			return false;
	}
	if (decision->count == 1)
		decision->list[0].weight = 0;
	return decision->count > 0;
}

bool
decision_set(struct decision *decision, struct slice value, struct foreign_line *line)
{
	bool good = read_destinations(decision, value, line);

	if (!good)
		decision->count = 0;
	return good;
}

bool
decision_own(const struct decision *decision)
{
	for (size_t i = 0; i < decision->count; i++)
		if (decision->list[i].next.ptr == NULL)
			return true;
	return false;
}

static bool
is_one_of(struct slice word, const char *const *list)
{
	for (; *list != NULL; list++)
		if (slice_is(word, *list))
			return true;
	return false;
}

/* The command behind a transport: of master.cf, else by its usual name; absent: none. */
static struct slice
command_of(struct way *s, struct slice channel)
{
	static const char *const other[] = {"local", "virtual", "lmtp", "pipe", "error", "retry",
	    "discard", "uucp", "cyrus", "maildrop", "bsmtp", "ifmail", "mailman",
	    "scalemail-backend", "procmail", "dovecot", "lmtp-unix", NULL};
	struct postfix *p = s->postfix;

	s->client = p->client;
	for (size_t i = 0; i < p->service_count; i++)
		if (slice_eq(p->services[i].name, channel)) {
			s->client = p->services[i].client;
			if (s->client.said)
				refs_add(&s->refs, p->services[i].line);
			/* These go by their names. */
			return slice_is(channel, "retry") ? channel : p->services[i].command;
		}
	if (p->master != NULL)
		return slice(NULL, 0);
	return is_one_of(channel, other) ? channel : slice_str("smtp");
}

/* The policy of TLS for a next hop: its own, then those of ".parent". */
static struct slice
find_policy(struct way *s, struct slice next, struct foreign_line **line)
{
	struct map *map = &s->postfix->tls;
	struct slice key = arena_lower(&s->postfix->import->arena, next), value;

	value = map_find(map, key, line);
	if (value.ptr != NULL || key.ptr[0] == '[' || memchr(key.ptr, ':', key.len) != NULL)
		return value;
	for (size_t i = 1; i < key.len && value.ptr == NULL; i++)
		if (key.ptr[i] == '.')
			value = map_find(map, slice(key.ptr + i, key.len - i), line);
	return value;
}

static void
set_level(struct way *s, struct hop *hop, struct foreign_line *line, struct slice level)
{
	level = arena_lower(&s->postfix->import->arena, level);
	if (slice_is(level, "none")) {
		hop->tls = "off";
	} else if (slice_is(level, "may")) {
		hop->tls = "opportunistic";
	} else if (slice_is(level, "encrypt")) {
		hop->tls = "required";
	} else if (slice_is(level, "dane")) {
		clash(s, line, "nothing says DANE: TLS is opportunistic", slice(NULL, 0));
	} else if (slice_is(level, "verify") || slice_is(level, "secure")) {
		hop->tls = "verified";
		if (level.ptr[0] == 's' && hop->kind != TO_HOST)
			clash(s, line, "the certificate is that of the MX, not of the domain",
			    slice(NULL, 0));
	} else if (slice_is(level, "dane-only") || slice_is(level, "fingerprint")) {
		hop->tls = "verified";
		clash(s, line, "the certificate is verified by its CA, nothing says", level);
	} else {
		clash(s, line, "unknown level of TLS", slice(NULL, 0));
	}
}

/* NAME=VALUE behind the level. */
static void
set_attribute(struct way *s, struct hop *hop, struct foreign_line *line, struct slice text)
{
	struct slice value = text;
	struct slice name = arena_lower(&s->postfix->import->arena, cut(&value, "="));
	struct folded folded;

	if (value.ptr == NULL) {
		clash(s, line, "a word behind the level is no NAME=VALUE", slice(NULL, 0));
	} else if (slice_is(name, "match") && hop->kind == TO_HOST && (slice_is(value, "hostname") ||
	    slice_is(value, "nexthop") || slice_is(value, "nexthop:dot-nexthop"))) {
		return;
	} else if (slice_is(name, "match") && slice_is(value, "hostname")) {
		return;
	} else if (slice_is(name, "match") && hop->kind == TO_HOST &&
	    mem_folded(fold_domain(value, &folded)) == FOLD_OK && folded.full.ptr[0] != '[') {
		hop->tls_name = value;
	} else if (slice_is(name, "tafile") && value.len > 1 && value.ptr[0] == '/') {
		hop->tls_ca = value;
	} else {
		clash(s, line, "nothing says the attribute", name);
	}
}

static void
join_policy(struct way *s, struct hop *hop, struct slice next)
{
	struct foreign_line *line = NULL;
	struct slice policy = find_policy(s, next, &line), word;

	if (policy.ptr == NULL) {
		if (s->client.level.ptr != NULL)
			set_level(s, hop, s->client.level_line, s->client.level);
	} else {
		refs_add(s->joined, line);
		word = cut(&policy, ", \t");
		set_level(s, hop, line, word);
		while (policy.ptr != NULL)
			if ((word = cut(&policy, ", \t")).len > 0)
				set_attribute(s, hop, line, word);
	}
	if (s->client.wrapper)
		hop->tls = "implicit";
	/* The default, and with a login nothing that may be said. */
	if (hop->tls == NULL || strcmp(hop->tls, "opportunistic") != 0)
		return;
	hop->tls = NULL;
	if (hop->login.ptr != NULL)
		clash(s, line != NULL ? line : s->decision->refs.list[0],
		    "a login goes by TLS that is verified, not opportunistic", slice(NULL, 0));
}

/* The credentials of a sender, a host, a next hop, in that order. */
static struct slice
find_login(struct way *s, const struct hop *hop, struct slice next, struct foreign_line **line)
{
	struct postfix *p = s->postfix;
	struct slice sender = s->decision->sender, host = hop->host, value = slice(NULL, 0);
	size_t at = sender.ptr == NULL ? 0 : fold_at(sender);

	if (p->sender_login && sender.ptr != NULL && !slice_is(sender, "<>")) {
		if (at < sender.len) {
			value = address_find(p, &p->sasl, sender, line);
			sender = slice(sender.ptr + at + 1, sender.len - at - 1);
		}
		if (value.ptr == NULL)
			value = map_find(&p->sasl, arena_printf(&p->import->arena, "@%.*s",
			    (int)sender.len, sender.ptr), line);
	}
	if (host.len > 2 && host.ptr[0] == '[')
		host = slice(host.ptr + 1, host.len - 2);
	if (value.ptr == NULL)
		value = map_find(&p->sasl, host, line);
	if (value.ptr == NULL)
		value = map_find(&p->sasl, arena_lower(&p->import->arena, next), line);
	return value;
}

/* A host that had no login: a line of sasl may be about it, but spelt in another way. */
static void
note_bare(struct way *s, const struct destination *d, const struct hop *hop, struct slice next)
{
	struct postfix *p = s->postfix;
	uint32_t count = (uint32_t)p->bare.count, number;

	if (p->sasl.count == 0 || d->next_line == NULL)
		return;
	number = names_intern(&p->bare, hop->host, false);
	if (number < count)
		return;
	if ((count & (count + 1)) == 0) {
		size_t room = (size_t)count * 2 + 1;

		p->bare_lines = mem_resize(p->bare_lines, room, sizeof(*p->bare_lines));
		p->bare_hops = mem_resize(p->bare_hops, room, sizeof(*p->bare_hops));
	}
	p->bare_lines[number] = d->next_line;
	p->bare_hops[number] = next;
}

static void
join_login(struct way *s, const struct destination *d, struct hop *hop, struct slice next)
{
	struct foreign_line *line = NULL;
	struct slice value, login;
	const char *flaw;

	if (s->client.no_login)
		return;
	value = find_login(s, hop, next, &line);
	if (value.ptr == NULL) {
		note_bare(s, d, hop, next);
		return;
	}
	login = cut(&value, ":");
	if (value.ptr == NULL)
		value = slice("", 0);
	flaw = login_flaw(login, value);
	if (flaw != NULL) {
		clash(s, line, flaw, slice(NULL, 0));
		return;
	}
	refs_add(s->joined, line);
	hop->login = login;
	hop->password = value;
	hop->secret = trim(cut(&(struct slice){line->text.ptr, line->text.len}, " \t"));
	if (hop->kind == TO_MX_OF) {
		hop->kind = TO_HOST;
		clash(s, d->next_line,
		    "Postfix asks for the MX of a host that wants a login: the host is written", hop->host);
	}
}

static void
join_client(struct way *s, struct hop *hop)
{
	const struct client *c = &s->client;
	struct arena *arena = &s->postfix->import->arena;
	bool four = hop->kind == TO_HOST && hop->host.ptr[hop->host.len - 1] <= '9' &&
	    hop->host.ptr[hop->host.len - 1] >= '0';
	struct ip ip;
	bool six = hop->kind == TO_HOST && hop->host.ptr[0] == '[';

	four = four && ip4_parse(hop->host, &ip);
	hop->helo = c->helo;
	if (c->bind[0].ptr != NULL && !six)
		hop->local = c->bind[0];
	if (c->bind[1].ptr != NULL && !four)
		hop->local = hop->local.ptr == NULL ? c->bind[1]
		    : arena_printf(arena, "%.*s|%.*s", (int)c->bind[0].len, c->bind[0].ptr,
		    (int)c->bind[1].len, c->bind[1].ptr);
	for (size_t i = 0; i < s->postfix->client_refs.count; i++)
		refs_add(s->joined, s->postfix->client_refs.list[i]);
}

/* Where "[HOST]:PORT", "HOST:PORT" and so on lead; false: nowhere. */
static bool
read_next(struct way *s, struct slice next, struct hop *hop)
{
	struct slice host = next, port = slice(NULL, 0);
	const char *close = next.ptr[0] == '[' ? memchr(next.ptr, ']', next.len) : NULL;

	if (close != NULL) {
		host = slice(next.ptr, (size_t)(close + 1 - next.ptr));
		port = slice(close + 1, next.len - host.len);
		if (port.len > 0 && port.ptr[0] != ':')
			return false;
		port = port.len == 0 ? slice(NULL, 0) : slice(port.ptr + 1, port.len - 1);
	} else {
		port = next;
		host = cut(&port, ":");
	}
	if (!host_read(s->postfix->import, host, &hop->host) ||
	    (port.ptr != NULL && !port_read(port, &hop->port)))
		return false;
	hop->kind = TO_HOST;
	if (close == NULL)
		hop_by_mx(hop);
	return true;
}

/* One next hop of a list. */
static bool
say_hop(struct way *s, const struct destination *d, struct slice next, uint32_t priority,
    struct saying *said)
{
	struct hop hop = {.kind = TO_MX, .host = slice("", 0), .priority = priority,
	    .weight = d->weight > 1 ? d->weight : 0};
	bool own = next.ptr == NULL;

	said->refs = s->refs;
	s->joined = &said->refs;
	if (!own && !read_next(s, next, &hop)) {
		s->flaw = "no host and port";
		s->flaw_of = host_shown(next);
		s->flaw_line = d->next_line;
		return false;
	}
	if (!slice_is(d->channel, "smtp"))
		hop.transport = d->channel;
	if (own) {
		size_t at = fold_at(s->decision->to);

		/* The policy of a recipient's domain; ".x" stands for its subdomains. */
		next = at < s->decision->to.len
		    ? slice(s->decision->to.ptr + at + 1, s->decision->to.len - at - 1)
		    : s->decision->to;
		if (next.ptr[0] == '*')
			next = slice(next.ptr + 1, next.len - 1);
	} else {
		join_login(s, d, &hop, next);
	}
	join_client(s, &hop);
	join_policy(s, &hop, next);
	said->text = hop_text(s->postfix->import, &hop);
	return true;
}

/* reject or defer, with the next hop as its text. */
static void
say_reply(struct way *s, const char *word, char code, const struct destination *d,
    struct saying *said)
{
	bool plain;

	said->refs = s->refs;
	said->text = reply_text(s->postfix->import, word, code, d->next, &plain);
	if (!plain)
		clash(s, d->next_line, "the text is no printable ASCII: left out",
		    slice(NULL, 0));
}

/* One destination; how many statements it makes, 0: none, s->flaw tells why. */
static size_t
say_destination(struct way *s, const struct destination *d, struct saying *said, size_t room)
{
	struct slice command = command_of(s, d->channel), rest = d->next;
	uint32_t n = 0, count = 0;

	s->flaw_of = d->channel;
	s->flaw_line = d->channel_line;
	s->flaw = "mail does not leave by SMTP with transport";
	if (d->channel.len == 0) {
		s->flaw = "there is no transport in front of the colon";
		s->flaw_of = slice(NULL, 0);
		return 0;
	}
	if (command.ptr == NULL)
		s->flaw = "master.cf has no transport";
	else if (slice_is(command, "error"))
		return say_reply(s, "reject", '5', d, said), 1;
	else if (slice_is(command, "retry"))
		return say_reply(s, "defer", '4', d, said), 1;
	else if (slice_is(command, "discard"))
		return *said = (struct saying){slice_str("discard"), s->refs}, 1;
	if (command.ptr == NULL || !slice_is(command, "smtp"))
		return 0;
	if (!is_transport(d->channel)) {
		s->flaw = "no transport can be called";
		return 0;
	}
	if (rest.ptr == NULL)
		return say_hop(s, d, rest, 0, said);
	for (struct slice all = rest; all.ptr != NULL;)
		count += cut(&all, ", \t").len > 0;
	while (rest.ptr != NULL) {
		struct slice next = cut(&rest, ", \t");

		if (next.len == 0)
			continue;
		if (n == room || !say_hop(s, d, next, count > 1 ? n + 1 : 0, &said[n]))
			return 0;
		n++;
	}
	if (n == 0)
		s->flaw = "no host stands behind transport";
	return n;
}

size_t
decision_say(struct postfix *postfix, const struct decision *decision, bool report,
    struct saying said[DESTINATIONS])
{
	struct way way = {.postfix = postfix, .decision = decision, .report = report};
	size_t count = 0;

	for (size_t i = 0; i < decision->count; i++) {
		size_t n;

		way.refs = decision->refs;
		n = say_destination(&way, &decision->list[i], said + count, DESTINATIONS - count);
		if (n > 0 && decision->count > 1 && memcmp(said[count].text.ptr, "via ", 4) != 0) {
			way.flaw = "a mail is relayed or refused by chance with transport";
			n = 0;
		}
		if (n == 0) {
			clash(&way, way.flaw_line, way.flaw, way.flaw_of);
			return 0;
		}
		count += n;
	}
	return count;
}
