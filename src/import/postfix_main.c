/* postfix_main.c - what main.cf and master.cf say of routes. */
#include <string.h>

#include "base/fold.h"
#include "base/ip.h"
#include "import/postfix.h"

#define ARG(s) (int)((s).len < 100 ? (s).len : 100), (s).ptr

/* Whether a parameter of TLS's level is one of Postfix's. */
static bool
is_level(struct slice value)
{
	static const char *const levels[] = {"none", "may", "encrypt", "dane", "dane-only",
	    "fingerprint", "verify", "secure"};

	for (size_t i = 0; i < sizeof(levels) / sizeof(*levels); i++)
		if (slice_is(value, levels[i]))
			return true;
	return false;
}

/* yes or no. */
static bool
says_yes(struct slice value)
{
	return value.len == 3 && strncasecmp(value.ptr, "yes", 3) == 0;
}

static void
set_bind(struct import *import, struct client *client, struct foreign_line *line,
    struct slice value)
{
	struct ip ip;

	if (value.len > 2 && value.ptr[0] == '[' && value.ptr[value.len - 1] == ']')
		value = slice(value.ptr + 1, value.len - 2);
	if (value.len == 0 || slice_is(value, "0.0.0.0") || slice_is(value, "::"))
		return;
	if (!ip_parse(value, &ip)) {
		import_report(import, line, "'%.*s' is not an IP address", ARG(value));
		return;
	}
	client->bind[ip.family == 6] = value;
}

static void
set_helo(struct import *import, struct client *client, struct foreign_line *line,
    struct slice value)
{
	struct folded folded;

	if (value.len == 0 || slice_is(value, "$myhostname"))
		return;
	if (mem_folded(fold_domain(value, &folded)) != FOLD_OK)
		import_report(import, line, "'%.*s' is no name to greet with", ARG(value));
	else
		client->helo = value;
}

bool
client_set(struct import *import, struct client *client, struct foreign_line *line,
    struct slice name, struct slice value)
{
	if (slice_is(name, "smtp_bind_address") || slice_is(name, "smtp_bind_address6")) {
		set_bind(import, client, line, value);
	} else if (slice_is(name, "smtp_helo_name")) {
		set_helo(import, client, line, value);
	} else if (slice_is(name, "smtp_tls_wrappermode")) {
		client->wrapper = says_yes(value);
	} else if (slice_is(name, "smtp_sasl_auth_enable")) {
		client->no_login = !says_yes(value);
	} else if (slice_is(name, "smtp_tls_security_level")) {
		client->level_line = line;
		client->level = value.len == 0 ? slice_str("none")
		    : arena_lower(&import->arena, value);
		if (!is_level(client->level)) {
			import_report(import, line, "'%.*s' is no level of TLS", ARG(value));
			client->level = slice(NULL, 0);
		}
	} else {
		return false;
	}
	client->said = true;
	return true;
}

static bool
has_word(struct slice list, const char *word)
{
	while (list.ptr != NULL)
		if (slice_is(cut(&list, ", \t"), word))
			return true;
	return false;
}

/* The only table of a parameter, if it is one that draws lots. */
static bool
is_randmap(struct slice value)
{
	return value.len > 9 && memcmp(value.ptr, "randmap:{", 9) == 0 &&
	    value.ptr[value.len - 1] == '}';
}

static void
set_delimiter(struct postfix *postfix, struct foreign_line *line, struct slice value)
{
	size_t len = value.len < sizeof(postfix->delimiter) ? value.len
	    : sizeof(postfix->delimiter) - 1;

	memcpy(postfix->delimiter, value.ptr, len);
	postfix->delimiter[len] = '\0';
	import_remark(postfix->import, line, "recipient_delimiter: see the clashes, if there are any");
}

/* One that is known; false: it is not about routing. */
static bool
main_set(struct postfix *p, struct foreign_line *line, struct slice name, struct slice value)
{
	struct import *import = p->import;
	struct parameter parameter = {value, line};

	if (slice_is(name, "relayhost")) {
		p->relayhost = parameter;
		if (value.len == 0)
			import_remark(import, line, "no relayhost");
	} else if (slice_is(name, "default_transport")) {
		p->default_transport = parameter;
	} else if (slice_is(name, "recipient_delimiter")) {
		set_delimiter(p, line, value);
	} else if (slice_is(name, "parent_domain_matches_subdomains")) {
		p->parents = has_word(value, "transport_maps");
		import_remark(import, line, "in transport, DOMAIN %s", p->parents
		    ? "takes its subdomains, too" : "does not take its subdomains");
	} else if (slice_is(name, "smtp_sender_dependent_authentication")) {
		p->sender_login = says_yes(value);
		import_remark(import, line, "in sasl, senders are %s", p->sender_login
		    ? "asked for first" : "not asked for");
	} else if (slice_is(name, "transport_maps") && is_randmap(value)) {
		p->random_transport = parameter;
	} else if (slice_is(name, "sender_dependent_default_transport_maps") && is_randmap(value)) {
		p->random_sender = parameter;
	} else if (slice_is(name, "smtp_sasl_auth_enable") && says_yes(value)) {
		return false;
	} else if (client_set(import, &p->client, line, name, value)) {
		refs_add(&p->client_refs, line);
	} else {
		return false;
	}
	return true;
}

/* Whether mail goes another way by this parameter: what main_set() knows. */
static bool
decides(struct slice name, struct slice value)
{
	static const char *const names[] = {"relayhost", "default_transport",
	    "recipient_delimiter", "parent_domain_matches_subdomains",
	    "smtp_sender_dependent_authentication", "smtp_bind_address", "smtp_bind_address6",
	    "smtp_helo_name", "smtp_tls_wrappermode", "smtp_sasl_auth_enable",
	    "smtp_tls_security_level"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (slice_is(name, names[i]))
			return true;
	return is_randmap(value) && (slice_is(name, "transport_maps") ||
	    slice_is(name, "sender_dependent_default_transport_maps"));
}

/* NAME = VALUE; false: it is none. */
static bool
cut_assignment(struct foreign_line *line, struct slice *name, struct slice *value)
{
	*value = line->text;
	*name = trim(cut(value, "="));
	if (value->ptr == NULL || name->len == 0)
		return false;
	*value = trim(*value);
	return true;
}

/* Whether the table is a file, of which a source or what postmap prints can be given. */
static bool
is_file(struct slice table)
{
	static const char *const types[] = {"hash", "btree", "lmdb", "cdb", "dbm", "sdbm", "texthash"};
	struct slice type = cut(&table, ":");

	if (slice_is(type, "proxy") && table.ptr != NULL)
		type = cut(&table, ":");
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (slice_is(type, types[i]))
			return true;
	return false;
}

/* How many tables stand in a value, what is in braces being part of one; *files: all are files. */
static size_t
count_tables(struct slice value, bool *files)
{
	size_t count = 0, depth = 0, begin = 0;

	*files = true;
	for (size_t i = 0; i <= value.len; i++) {
		char c = i == value.len ? ',' : value.ptr[i];

		if ((c == ',' || is_blank(c)) && (depth == 0 || i == value.len)) {
			if (i > begin)
				*files &= is_file(slice(value.ptr + begin, i - begin)), count++;
			begin = i + 1;
		}
		depth += c == '{' ? 1 : c == '}' && depth > 0 ? (size_t)-1 : 0;
	}
	return count;
}

/* Whether the parameter is about routing, but nothing of it is said here; tells that. */
static bool
tell_unsaid(struct import *import, struct foreign_line *line, struct slice name, struct slice value)
{
	static const struct {
		const char *name, *kind;
	} tables[] = {{"transport_maps", "transport"},
	    {"sender_dependent_relayhost_maps", "sender-relay"},
	    {"sender_dependent_default_transport_maps", "sender-transport"},
	    {"smtp_sasl_password_maps", "sasl"}, {"smtp_tls_policy_maps", "tls-policy"}};
	bool files;
	size_t count = count_tables(value, &files);

	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		if (slice_is(name, tables[i].name)) {
			bool given = import_file(import, tables[i].kind) != NULL;

			if (count < 1 + (size_t)given)
				return false;
			(files ? import_remark : import_report)(import, line, given
			    ? "several tables, of which kind '%s' is one" : "no file of kind '%s' is given",
			    tables[i].kind);
			return true;
		}
	/* Their defaults, which postconf prints, too, say nothing. */
	if (value.len == 0 || slice_is(value, "relay") || slice_is(value, "$fallback_relay") ||
	    !(slice_is(name, "relay_transport") || slice_is(name, "smtp_fallback_relay") ||
	    slice_is(name, "fallback_relay")))
		return false;
	import_report(import, line, "no route says '%.*s'", ARG(name));
	return true;
}

/* Whether the last of all lines that set the parameter is another one; its number. */
static uint32_t
set_again(const struct foreign *file, size_t from, struct slice name)
{
	struct slice other, value;
	uint32_t number = 0;

	for (size_t i = from + 1; i < file->count; i++)
		if (cut_assignment(&file->lines[i], &other, &value) && slice_eq(name, other))
			number = file->lines[i].number;
	return number;
}

void
main_read(struct postfix *postfix, struct foreign *file)
{
	struct import *import = postfix->import;
	struct slice name, value;

	foreign_cut(import, file, true);
	for (size_t i = 0; i < file->count; i++) {
		struct foreign_line *line = &file->lines[i];
		uint32_t again;

		if (!cut_assignment(line, &name, &value)) {
			import_report(import, line, "no NAME = VALUE");
			continue;
		}
		again = set_again(file, i, name);
		if (again != 0)
			import_report(import, line, "line %u sets '%.*s' again", again, ARG(name));
		else if ((memchr(value.ptr, '$', value.len) == NULL ||
		    slice_is(value, "$myhostname")) && main_set(postfix, line, name, value))
			continue;
		else if (memchr(value.ptr, '$', value.len) != NULL && decides(name, value))
			import_report(import, line, "a parameter stands in the value of '%.*s'",
			    ARG(name));
		else
			line->aside = !tell_unsaid(import, line, name, value);
	}
}

/* -o NAME=VALUE of an SMTP client. */
static void
read_override(struct postfix *postfix, struct service *service, struct slice text)
{
	struct slice value = text, name = trim(cut(&value, "="));
	struct import *import = postfix->import;

	if (value.ptr != NULL &&
	    (client_set(import, &service->client, service->line, name, trim(value)) ||
		slice_is(name, "syslog_name")))
		return;
	import_report(import, service->line, value.ptr == NULL ? "no NAME=VALUE behind '-o %.*s'"
	    : "'-o %.*s' has nothing that would say it", ARG(name));
	service->client.said = true;
}

static bool
read_service(struct postfix *postfix, struct service *service, struct foreign_line *line)
{
	struct slice rest = line->text, word;

	*service = (struct service){.line = line, .client = postfix->client};
	service->client.said = false;
	service->name = cut_word(&rest, "{}");
	service->type = cut_word(&rest, "{}");
	for (int i = 0; i < 5; i++)
		if (cut_word(&rest, "{}").ptr == NULL)
			return false;
	service->command = cut_word(&rest, "{}");
	if (service->command.ptr == NULL)
		return false;
	if (!slice_is(service->command, "smtp"))
		return true;
	while ((word = cut_word(&rest, "{}")).ptr != NULL)
		if (slice_is(word, "-o"))
			read_override(postfix, service, cut_word(&rest, "{}"));
		else if (word.len > 2 && memcmp(word.ptr, "-o", 2) == 0)
			read_override(postfix, service, slice(word.ptr + 2, word.len - 2));
	return true;
}

/* Of two lines about one transport, Postfix takes the last. */
static void
add_transport(struct postfix *postfix, struct service *service)
{
	struct service *list = postfix->services;
	size_t i = 0;

	while (i < postfix->service_count && !slice_eq(list[i].name, service->name))
		i++;
	if (i == postfix->service_count) {
		postfix->service_count++;
	} else if (!list[i].line->aside) {
		import_report(postfix->import, list[i].line, "line %u says '%.*s' again",
		    service->line->number, ARG(service->name));
	}
	list[i] = *service;
}

void
master_read(struct postfix *postfix, struct foreign *file)
{
	foreign_cut(postfix->import, file, true);
	postfix->services = mem_zero(file->count + 1, sizeof(*postfix->services));
	for (size_t i = 0; i < file->count; i++) {
		struct foreign_line *line = &file->lines[i];
		struct service *service = &postfix->services[postfix->service_count];

		if (!read_service(postfix, service, line)) {
			import_report(postfix->import, line, "no service with its eight columns");
			continue;
		}
		line->aside = !slice_is(service->command, "smtp") || !service->client.said;
		/* A transport is a socket by that name. */
		if (slice_is(service->type, "unix"))
			add_transport(postfix, service);
	}
}
