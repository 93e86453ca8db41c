/*
 * postfix.c - Postfix's maps as routes.
 *
 * Postfix walks the recipient through `transport`: a line with a transport in
 * it decides whatever the sender is, and one without takes from the sender's
 * maps what it leaves open.  So all recipients that have lines, and "*", are
 * gone through as trivial-rewrite would, for no sender and, where senders
 * matter, for each that has a line; a route is written where the ladder would
 * find another answer without it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/fold.h"
#include "import/postfix.h"

#define ARG(s) (int)((s).len < 100 ? (s).len : 100), (s).ptr

/* All senders that have lines: domains, then addresses; "<>" among the latter. */
struct senders {
	struct names names;
	struct slice *list;
	size_t count;
};

/* What is said of a decision, and as one text to compare; absent: it cannot be said. */
static struct slice
outcome(struct postfix *p, struct decision *d, bool report, struct saying said[DESTINATIONS],
    size_t *count)
{
	struct slice text = slice("", 0);

	*count = decision_make(p, d) ? decision_say(p, d, report, said) : 0;
	if (d->count == 0 && report && d->refs.count > 0)
		import_report(p->import, d->refs.list[d->refs.count - 1],
		    "randmap wants '{transport:nexthop,...}' behind it");
	for (size_t i = 0; i < *count; i++)
		text = *count == 1 ? said[0].text : arena_printf(&p->import->arena, "%.*s|%.*s",
		    (int)text.len, text.ptr, (int)said[i].text.len, said[i].text.ptr);
	return *count == 0 ? slice(NULL, 0) : text;
}

static bool
names_own_line(const struct postfix *p, const struct decision *d)
{
	for (size_t i = 0; i < d->refs.count; i++) {
		const struct foreign *file = d->refs.list[i]->file;

		if (file == import_file(p->import, "sender-relay") ||
		    file == import_file(p->import, "sender-transport"))
			return true;
	}
	return false;
}

/* Writes the routes of one recipient pattern from one sender. */
static void
write_routes(struct postfix *p, const struct decision *d, struct slice to,
    const struct saying *said, size_t count)
{
	struct selectors selectors = {.to = slice_is(to, "*") ? slice(NULL, 0) : to};

	selectors.from = d->sender;
	selectors.any = d->sender.ptr != NULL && !slice_is(d->sender, "<>");
	for (size_t i = 0; i < count; i++) {
		struct slice head = selectors_text(p->import, &selectors);

		import_statement(p->import, &said[i].refs, arena_printf(&p->import->arena,
		    "%.*s%.*s", (int)head.len, head.ptr, (int)said[i].text.len, said[i].text.ptr));
	}
}

/* Whether the sender can matter to mail for this recipient. */
static bool
asks_sender(struct postfix *p, struct slice to)
{
	struct decision d = {.to = to};
	struct foreign_line *line;
	struct slice value;

	if (p->sender_login)
		return true;
	if (p->random_transport.value.ptr != NULL)
		return false;
	value = transport_find(p, to, &line);
	return value.ptr == NULL || !decision_set(&d, value, NULL) ||
	    (d.count == 1 && d.list[0].channel.len == 0);
}

/* The routes of a recipient from senders that get something else than the rest. */
static void
write_senders(struct postfix *p, const struct senders *senders, struct slice to,
    struct slice usual)
{
	for (size_t i = 0; i < senders->count; i++) {
		struct decision d = {.to = to, .sender = senders->list[i]};
		struct saying said[DESTINATIONS], other[DESTINATIONS];
		struct slice text, otherwise = usual;
		size_t at = fold_at(d.sender), count, n;

		text = outcome(p, &d, true, said, &count);
		if (at < d.sender.len) {
			struct decision domain = {.to = to,
			    .sender = slice(d.sender.ptr + at + 1, d.sender.len - at - 1)};

			otherwise = outcome(p, &domain, false, other, &n);
		}
		if (count > 0 && (!slice_eq(text, otherwise) || names_own_line(p, &d)))
			write_routes(p, &d, to, said, count);
	}
}

/*
 * All routes of a recipient pattern.  joined: it has no line in transport but a
 * policy of TLS, which matters only where mail goes to the domain's own MX.
 */
static void
write_recipient(struct postfix *p, const struct senders *senders, struct slice to, bool joined)
{
	struct decision d = {.to = to};
	struct saying said[DESTINATIONS];
	struct slice text;
	size_t count;
	bool own;

	if (joined) {
		own = decision_make(p, &d) && decision_own(&d);
		for (size_t i = 0; i < senders->count && !own && asks_sender(p, to); i++) {
			struct decision from = {.to = to, .sender = senders->list[i]};

			own = decision_make(p, &from) && decision_own(&from);
		}
		if (!own)
			return;
	}
	text = outcome(p, &d, true, said, &count);
	/* Where nothing matches, the mail goes to its MX. */
	if (slice_is(to, "*") && slice_is(text, "via mx"))
		p->needless = said[0].refs;
	else if (count > 0)
		write_routes(p, &d, to, said, count);
	if (senders->count > 0 && asks_sender(p, to))
		write_senders(p, senders, to, text);
}

static void
add_senders(struct import *import, struct senders *senders, const struct map *map, bool addresses,
    bool login)
{
	for (uint32_t i = 0; i < map->count; i++) {
		struct slice name = slice(map->keys.list[i].ptr, map->keys.list[i].len);
		size_t at = fold_at(name);
		bool address = (at > 0 && at < name.len) || slice_is(name, "<>");
		struct slice folded;

		if (login && (at == name.len || name.ptr[0] == '['))
			continue;
		if (login && at == 0)
			name = slice(name.ptr + 1, name.len - 1);
		/* Keys of logins are as they were written: next hops are among them. */
		if (login && (!pattern_read(import, name, &folded) || !slice_eq(name, folded)))
			continue;
		if (address == addresses && name.len > 0 &&
		    names_intern(&senders->names, name, false) == senders->count)
			senders->list[senders->count++] = name;
	}
}

static void
find_senders(const struct postfix *p, struct senders *senders)
{
	size_t most = p->sender_relay.count + p->sender_transport.count + p->sasl.count;

	names_init(&senders->names, 1, most);
	senders->list = mem_zero(most + 1, sizeof(*senders->list));
	for (int addresses = 0; addresses < 2; addresses++) {
		add_senders(p->import, senders, &p->sender_relay, addresses, false);
		add_senders(p->import, senders, &p->sender_transport, addresses, false);
		if (p->sender_login)
			add_senders(p->import, senders, &p->sasl, addresses, true);
	}
}

/* Addresses that take extensions of theirs, too, which no pattern does. */
static void
report_extensions(struct postfix *p, const struct map *map)
{
	for (uint32_t i = 0; i < map->count && p->delimiter[0] != '\0'; i++) {
		struct slice name = slice(map->keys.list[i].ptr, map->keys.list[i].len);
		size_t at = fold_at(name);

		if (at > 0 && at < name.len && address_bare(p, name).ptr == NULL)
			import_report(p->import, map->lines[i],
			    "with recipient_delimiter, addresses with an extension get this, too");
	}
}

static bool
is_needless(const struct postfix *p, const struct foreign_line *line)
{
	for (size_t i = 0; i < p->needless.count; i++)
		if (p->needless.list[i] == line)
			return true;
	return false;
}

/* Lines that no mail gets to, or that change nothing. */
static void
report_unused(struct postfix *p)
{
	for (int i = 0; i < IMPORT_FILES; i++)
		for (size_t k = 0; k < p->import->files[i].count; k++) {
			struct foreign_line *line = &p->import->files[i].lines[k];
			const char *kind = line->file->kind;

			if (line->used || line->aside || line->told != NULL)
				continue;
			if (is_needless(p, line))
				import_remark(p->import, line,
				    "mail goes to its MX, as it does without a route");
			else if (strcmp(kind, "sasl") == 0 && p->client.no_login)
				import_report(p->import, line, "smtp_sasl_auth_enable is no");
			else if (strcmp(kind, "sasl") == 0 || strcmp(kind, "tls-policy") == 0)
				import_report(p->import, line, "no next hop is spelt so, or another key has it");
			else if (strcmp(kind, "master") == 0)
				import_report(p->import, line, "no route uses this transport");
			else
				import_report(p->import, line, "other lines take every mail before");
		}
}

/* Credentials whose host is a next hop, spelt in another way. */
static void
report_spellings(struct postfix *p)
{
	for (uint32_t i = 0; i < p->sasl.count; i++) {
		struct foreign_line *line = p->sasl.lines[i];
		struct slice key = slice(p->sasl.keys.list[i].ptr, p->sasl.keys.list[i].len), host;
		uint32_t number = NO_NAME;

		if (line->used || line->told != NULL)
			continue;
		host = cut(&key, key.ptr[0] == '[' ? "]" : ":");
		if (host.len > 0 && host.ptr[0] == '[')
			host = slice(host.ptr + 1, host.len - 1);
		if (p->bare.count > 0)
			number = names_find(&p->bare, host);
		if (number != NO_NAME)
			import_report(p->import, line, "the next hop of %s:%u is '%.*s', another key",
			    p->bare_lines[number]->file->kind, p->bare_lines[number]->number,
			    ARG(p->bare_hops[number]));
		else if (memchr(p->sasl.keys.list[i].ptr, '@', p->sasl.keys.list[i].len) != NULL &&
		    !p->sender_login)
			import_report(p->import, line,
			    "senders have logins with smtp_sender_dependent_authentication alone");
	}
}

/* Whether a pattern is written for a line of transport. */
static bool
in_transport(const struct postfix *p, struct slice pattern)
{
	struct foreign_line *line;

	return map_find(&p->transport, pattern, &line).ptr != NULL ||
	    (p->parents && pattern.len > 2 && memcmp(pattern.ptr, "*.", 2) == 0 &&
		map_find(&p->transport, slice(pattern.ptr + 2, pattern.len - 2), &line).ptr != NULL);
}

/* The recipients of transport, and those whose domains have a policy of TLS. */
static void
write_all(struct postfix *p, const struct senders *senders)
{
	struct names written;

	names_init(&written, 1, p->tls.count);
	for (uint32_t i = 0; i < p->transport.count; i++) {
		struct slice name = slice(p->transport.keys.list[i].ptr, p->transport.keys.list[i].len);

		write_recipient(p, senders, name, false);
		if (p->parents && !slice_is(name, "*") && fold_at(name) == name.len &&
		    name.ptr[0] != '[')
			write_recipient(p, senders, arena_printf(&p->import->arena, "*.%.*s",
			    (int)name.len, name.ptr), false);
	}
	for (uint32_t i = 0; i < p->tls.count; i++) {
		struct slice name = slice(p->tls.keys.list[i].ptr, p->tls.keys.list[i].len), pattern;

		if (memchr(name.ptr, ':', name.len) == NULL && name.ptr[0] != '[' &&
		    fold_at(name) == name.len && (name.ptr[0] == '.'
		    ? subdomains_read(p->import, slice(name.ptr + 1, name.len - 1), &pattern)
		    : pattern_read(p->import, name, &pattern)) && !in_transport(p, pattern) &&
		    names_find(&written, pattern) == NO_NAME) {
			names_intern(&written, pattern, false);
			write_recipient(p, senders, pattern, true);
		}
	}
	names_release(&written);
	if (map_find(&p->transport, slice_str("*"), &(struct foreign_line *){NULL}).ptr == NULL)
		write_recipient(p, senders, slice_str("*"), false);
}

static int
run(struct import *import)
{
	struct postfix postfix = {.import = import};
	struct senders senders = {.count = 0};
	int code = postfix_read(&postfix);

	if (code == 0 && import_file(import, "main") == NULL)
		import_note(import, "main is not given: no relayhost, default_transport smtp, no "
		    "recipient_delimiter, subdomains by .DOMAIN alone, logins by next hop alone");
	if (code == 0) {
		names_init(&postfix.bare, 1, 16);
		find_senders(&postfix, &senders);
		report_extensions(&postfix, &postfix.transport);
		report_extensions(&postfix, &postfix.sender_relay);
		report_extensions(&postfix, &postfix.sender_transport);
		if (postfix.sender_login)
			report_extensions(&postfix, &postfix.sasl);
		write_all(&postfix, &senders);
		report_spellings(&postfix);
		report_unused(&postfix);
		names_release(&senders.names);
		names_release(&postfix.bare);
		free(senders.list);
		free(postfix.bare_lines);
		free(postfix.bare_hops);
	}
	postfix_release(&postfix);
	return code;
}

const struct import_format import_postfix = {
    .name = "postfix",
    .kinds = {{"transport", NULL}, {"sender-relay", "sender_relay relayhost_map"},
	{"sender-transport", "sender_transport"}, {"sasl", "sasl_passwd sasl_password"},
	{"tls-policy", "tls_policy"}, {"master", "master.cf"}, {"main", "main.cf"}, {NULL, NULL}},
    .run = run};
