/*
 * qmail.c - smtproutes, as qmail, s/qmail and indimail have it, and authsenders.
 *
 * authsenders is asked first and takes a sender's mail whatever the recipient;
 * `from` stands below `to` on the ladder, so that such a sender has a route
 * beside each recipient's.
 */
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "import/statement.h"
#include "program/say.h"
#include "store/names.h"

/* A line that is understood. */
struct entry {
	struct foreign_line *line;
	struct slice pattern;	/* of recipients, or of senders; "*": every one */
	struct hop hop;
	bool dead;
};

struct list {
	struct entry *at;
	size_t count;
	size_t whole;		/* lines that have the form of one */
	struct names names;
};

/* The digits that qmail would take for a port, of which it checks nothing. */
static bool
read_port(struct import *import, struct foreign_line *line, struct slice text, uint32_t *port)
{
	size_t digits = 0;

	while (digits < text.len && text.ptr[digits] >= '0' && text.ptr[digits] <= '9')
		digits++;
	if (number_read(slice(text.ptr, digits), 65535, port) && *port != 0)
		return true;
	import_report(import, line, digits == 0 || *port == 0
	    ? "qmail makes port 0 of what stands there" : "the port is over 65535");
	return false;
}

/* RELAY[:PORT] or RELAY[;PORT]. */
static bool
read_relay(struct import *import, struct foreign_line *line, struct slice text, struct hop *hop)
{
	struct slice rest = text, host, port;

	if (text.len > 0 && text.ptr[0] == '[') {
		host = cut(&rest, "]");
		if (memchr(host.ptr, ':', host.len) != NULL || rest.ptr == NULL) {
			import_report(import, line, "qmail cuts an IPv6 address at its first colon");
			return false;
		}
		host = slice(host.ptr + 1, host.len - 1);
		port = rest.len > 0 ? slice(rest.ptr + 1, rest.len - 1) : slice(NULL, 0);
	} else {
		host = cut(&rest, ":;");
		port = rest;
	}
	hop->kind = host.len == 0 ? TO_MX : TO_HOST;
	if (host.len > 0 && !host_read(import, host, &hop->host)) {
		import_report(import, line, "the relay is no host");
		return false;
	}
	if (port.ptr == NULL || (port.len == 0 && text.ptr[text.len - 1] != ':'))
		return true;
	/* indimail: penalties behind the port. */
	rest = port;
	port = cut(&rest, ":");
	if (rest.ptr != NULL)
		import_report(import, line, "nothing says a penalty");
	return read_port(import, line, port, &hop->port);
}

static bool
read_login(struct import *import, struct foreign_line *line, struct hop *hop, struct slice login,
    struct slice password)
{
	const char *flaw = hop->kind != TO_HOST ? "a login wants a relay to log in at"
	    : login_flaw(login, password);

	if (flaw != NULL) {
		import_report(import, line, "%s", flaw);
		return false;
	}
	hop->login = login;
	hop->password = password;
	hop->secret = hop->host;
	return true;
}

/* Adds an entry; of two with one key the last is qmail's. */
static void
add_entry(struct import *import, struct list *list, const struct entry *entry)
{
	uint32_t number = names_intern(&list->names, entry->pattern, false);
	struct entry *old = &list->at[number];

	if (number < list->count)
		import_report(import, old->line, "line %u has the key again: qmail keeps the last",
		    entry->line->number);
	else
		list->count++;
	*old = *entry;
}

/* KEY:RELAY[:PORT][ USER PASSWORD], or s/qmail's RELAY;PORT|USER|PASSWORD; "": every one, ".x": subdomains, "!@": bounces. */
static void
read_route(struct import *import, struct list *list, struct foreign_line *line)
{
	struct slice rest = line->text, key = cut(&rest, ":"), login;
	struct entry entry = {.line = line};

	if (rest.ptr == NULL) {
		import_report(import, line, "no ':': qmail leaves the line out");
		return;
	}
	list->whole++;
	if (key.len > 0 && is_blank(key.ptr[0])) {
		import_report(import, line, "a blank in front is part of the domain: no mail matches");
		return;
	}
	if (key.len == 0)
		entry.pattern = slice_str("*");
	else if (slice_is(key, "!@"))
		entry.pattern = slice_str("<>");
	else if (memchr(key.ptr, '@', key.len) != NULL || !(key.ptr[0] == '.'
	    ? subdomains_read(import, slice(key.ptr + 1, key.len - 1), &entry.pattern)
	    : pattern_read(import, key, &entry.pattern))) {
		import_report(import, line, "the key is no domain");
		return;
	}
	rest = trim(rest);
	login = rest;
	rest = cut(&login, " \t|");
	if (!read_relay(import, line, rest, &entry.hop))
		return;
	if (login.ptr != NULL) {
		bool bars = login.ptr[-1] == '|';
		struct slice password = bars ? login : trim(login);

		login = cut(&password, bars ? "|" : " \t");
		if (!bars && password.ptr != NULL)
			password = trim(password);
		if (!read_login(import, line, &entry.hop, login,
		    password.ptr == NULL ? slice("", 0) : password))
			return;
	}
	add_entry(import, list, &entry);
}

/* SENDER:RELAY;PORT|USER|PASSWORD; "": every one, "@x": of a domain. */
static void
read_sender(struct import *import, struct list *list, struct foreign_line *line)
{
	struct slice rest = line->text, key = cut(&rest, ":"), relay, login;
	struct entry entry = {.line = line};

	if (rest.ptr == NULL) {
		import_report(import, line, "no ':': qmail leaves the line out");
		return;
	}
	list->whole++;
	rest = trim(rest);
	relay = cut(&rest, "|");
	if (key.len > 0 && key.ptr[0] == '.') {
		import_report(import, line, "no pattern takes the senders of subdomains");
		return;
	}
	entry.pattern = slice_str("*");
	if (key.len > 0 && key.ptr[0] == '@')
		key = slice(key.ptr + 1, key.len - 1);
	if (key.len > 0 && !pattern_read(import, key, &entry.pattern)) {
		import_report(import, line, "the sender is no address and no domain");
		return;
	}
	if (!read_relay(import, line, relay, &entry.hop))
		return;
	if (rest.ptr != NULL) {
		login = cut(&rest, "|");
		if (!read_login(import, line, &entry.hop, login, rest.ptr == NULL ? slice("", 0)
		    : rest))
			return;
	}
	add_entry(import, list, &entry);
}

static int
read_list(struct import *import, struct list *list, const char *kind,
    void (*read)(struct import *, struct list *, struct foreign_line *))
{
	struct foreign *file = import_file(import, kind);

	if (file != NULL)
		foreign_cut(import, file, false);
	names_init(&list->names, 1, file == NULL ? 1 : file->count);
	list->at = mem_zero(file == NULL ? 1 : file->count + 1, sizeof(*list->at));
	for (size_t i = 0; file != NULL && i < file->count; i++)
		read(import, list, &file->lines[i]);
	if (file == NULL || file->count == 0 || list->whole > 0)
		return 0;
	cli_say("%s:%u: no %s of qmail: no line has a ':'", file->path, file->lines[0].number, kind);
	return EX_DATAERR;
}

static const struct entry *
find(const struct list *list, const char *pattern)
{
	for (size_t i = 0; i < list->count; i++)
		if (slice_is(list->at[i].pattern, pattern))
			return &list->at[i];
	return NULL;
}

/* A sender's route, for every recipient and beside each that has one. */
static void
write_sender(struct import *import, const struct list *routes, const struct entry *sender)
{
	struct selectors selectors = {.from = sender->pattern};
	struct refs refs = {.count = 0};

	refs_add(&refs, sender->line);
	selectors.any = !slice_is(sender->pattern, "<>");
	write_route(import, &selectors, &refs, &sender->hop, 1);
	for (size_t i = 0; i < routes->count; i++) {
		selectors.to = routes->at[i].pattern;
		if (slice_is(selectors.to, "*") || slice_is(selectors.to, "<>"))
			continue;
		write_route(import, &selectors, &refs, &sender->hop, 1);
	}
}

static void
write_all(struct import *import, const struct list *routes, const struct list *senders)
{
	const struct entry *all = find(senders, "*"), *bounces = find(routes, "<>");

	for (size_t i = 0; i < routes->count; i++) {
		const struct entry *entry = &routes->at[i];
		struct selectors selectors = {.to = entry->pattern};
		struct refs refs = {.count = 0};

		if (all != NULL) {
			import_report(import, entry->line, "authsenders:%u takes the mail of all senders",
			    all->line->number);
			continue;
		}
		if (entry == bounces)
			continue;
		if (slice_is(entry->pattern, "*"))
			selectors.to = slice(NULL, 0);
		refs_add(&refs, entry->line);
		write_route(import, &selectors, &refs, &entry->hop, 1);
	}
	if (bounces != NULL && all == NULL)
		write_sender(import, routes, bounces);
	for (size_t i = 0; i < senders->count; i++) {
		const struct entry *sender = &senders->at[i];
		struct refs refs = {.list = {sender->line}, .count = 1};

		if (sender == all)
			write_route(import, &(struct selectors){.any = false}, &refs, &sender->hop, 1);
		else
			write_sender(import, all == NULL ? routes : &(struct list){.count = 0}, sender);
	}
}

static int
run(struct import *import)
{
	struct list routes = {.count = 0}, senders = {.count = 0};
	int code = read_list(import, &routes, "smtproutes", read_route);

	if (code == 0)
		code = read_list(import, &senders, "authsenders", read_sender);
	if (code == 0)
		write_all(import, &routes, &senders);
	names_release(&routes.names);
	names_release(&senders.names);
	free(routes.at);
	free(senders.at);
	return code;
}

const struct import_format import_qmail = {
    .name = "qmail",
    .kinds = {{"smtproutes", NULL}, {"authsenders", NULL}, {NULL, NULL}},
    .run = run};
