/*
 * exim.c - route_list, hubbed_hosts and passwd.client.
 *
 * Of a route_list the first rule that matches is taken, on the ladder the
 * narrowest: a rule that an earlier one takes all mail from is reported.
 * hubbed_hosts, as Debian has it, comes before; its narrowest name is taken.
 */
#include <stdlib.h>
#include <string.h>

#include "base/ip.h"
#include "import/exim.h"
#include "import/statement.h"
#include "program/say.h"
#include "store/names.h"

#define ARG(s) (int)((s).len < 100 ? (s).len : 100), (s).ptr

enum { HOPS = 64 };

/* Which rule a mail gets: the narrowest, or the first, with its hosts in random order. */
enum rules { RULES_NARROWEST, RULES_ORDERED, RULES_RANDOM };

/* Login and password for the hosts that a key matches; the first line that does is taken. */
struct login {
	struct foreign_line *line;
	struct slice key, name, password;
	bool good;
};

struct exim {
	struct import *import;
	struct names taken;		/* patterns of the rules before, and "*" */
	struct login *logins;
	size_t login_count;
	size_t whole;
	struct refs macros;		/* of the router's rules */
	const char *narrow;		/* the router's condition for a mail; NULL: none */
};

/* A list of hosts on its way to hops. */
struct hosts {
	struct exim *exim;
	struct foreign_line *line;
	struct hop hops[HOPS];
	size_t count;
	struct refs refs;
	struct slice transport;
	const char *family;	/* of hosts that are looked up */
	bool random;
};

/* Whether a rule before takes all mail for the pattern. */
static bool
is_taken(const struct exim *exim, struct slice pattern, struct arena *arena)
{
	const struct names *taken = &exim->taken;
	size_t i = 0;

	if (names_find(taken, slice_str("*")) != NO_NAME || names_find(taken, pattern) != NO_NAME)
		return true;
	if (pattern.len > 2 && memcmp(pattern.ptr, "*.", 2) == 0)
		i = 2;
	for (; i < pattern.len; i++)
		if (pattern.ptr[i] == '.' && names_find(taken, arena_printf(arena, "*%.*s",
		    (int)(pattern.len - i), pattern.ptr + i)) != NO_NAME)
			return true;
	return false;
}

/* A domain or "*.DOMAIN". */
static bool
domain_read(struct import *import, struct slice text, struct slice *pattern)
{
	if (memchr(text.ptr, '@', text.len) != NULL)
		return false;
	return text.len > 2 && memcmp(text.ptr, "*.", 2) == 0
	    ? subdomains_read(import, slice(text.ptr + 2, text.len - 2), pattern)
	    : pattern_read(import, text, pattern);
}

static void
read_logins(struct exim *exim, struct foreign *file)
{
	foreign_cut(exim->import, file, false);
	exim->logins = mem_zero(file->count + 1, sizeof(*exim->logins));
	for (size_t i = 0; i < file->count; i++) {
		struct foreign_line *line = &file->lines[i];
		struct login *login = &exim->logins[exim->login_count];
		struct slice rest = trim(line->text), key = cut(&rest, ":");
		const char *flaw;

		if (rest.ptr == NULL) {
			import_report(exim->import, line, "no HOST:LOGIN:PASSWORD");
			continue;
		}
		login->name = trim(cut(&rest, ":"));
		login->password = rest.ptr == NULL ? slice("", 0) : rest;
		login->line = line;
		login->key = arena_lower(&exim->import->arena, trim(key));
		flaw = login->key.len == 0 || login->key.ptr[0] == '^'
		    ? "regular expression" : login_flaw(login->name, login->password);
		login->good = flaw == NULL;
		if (flaw != NULL)
			import_report(exim->import, line, "%s", flaw);
		exim->login_count++;
	}
}

/* nwildlsearch: "*" in front stands for anything. */
static bool
key_matches(struct slice key, struct slice host)
{
	if (key.len > 0 && key.ptr[0] == '*') {
		key = slice(key.ptr + 1, key.len - 1);
		return host.len >= key.len &&
		    memcmp(host.ptr + host.len - key.len, key.ptr, key.len) == 0;
	}
	return slice_eq(key, host);
}

static void
join_login(struct hosts *h, struct hop *hop)
{
	bool by_mx = hop->kind != TO_HOST;

	for (size_t i = 0; i < h->exim->login_count; i++) {
		const struct login *login = &h->exim->logins[i];

		if (by_mx ? !slice_is(login->key, "*") : !key_matches(login->key, hop->host))
			continue;
		if (login->good && by_mx)
			import_report(h->exim->import, login->line,
			    "hosts that are found by MX get no login");
		if (by_mx || !login->good)
			return;
		hop->login_line = login->line;
		hop->login = login->name;
		hop->password = login->password;
		hop->secret = hop->host;
		return;
	}
}

/* HOST, HOST:PORT, HOST/MX:PORT; the colon is not doubled any more. */
static bool
read_host(struct hosts *h, struct slice item, uint32_t priority)
{
	struct import *import = h->exim->import;
	struct slice rest = item, host;
	struct hop *hop = &h->hops[h->count];
	struct ip ip;
	bool mx;

	if (h->count == HOPS) {
		import_report(import, h->line, "more than %d hosts", HOPS);
		return false;
	}
	*hop = (struct hop){.kind = TO_HOST, .priority = priority, .transport = h->transport};
	if (ip_parse(item, &ip)) {
		host = item;
		rest = slice(NULL, 0);
	} else if (item.len > 0 && item.ptr[0] == '[') {
		host = cut(&rest, "]");
		host = slice(host.ptr + 1, host.len - 1);
		if (rest.ptr != NULL)
			(void)cut(&rest, ":");
	} else {
		host = cut(&rest, ":");
	}
	mx = host.len > 3 && strncasecmp(host.ptr + host.len - 3, "/mx", 3) == 0;
	if (mx)
		host.len -= 3;
	if (!host_read(import, host, &hop->host) ||
	    (rest.ptr != NULL && !port_read(trim(rest), &hop->port))) {
		import_report(import, h->line, "'%.*s' is no host and port",
		    ARG(host_shown(item)));
		return false;
	}
	if (mx)
		hop_by_mx(hop);
	if (!ip_parse(host, &ip))
		hop->family = h->family;
	join_login(h, hop);
	h->count++;
	return true;
}

/* The next item of a list; a doubled separator is one of its bytes. */
static struct slice
next_item(struct arena *arena, struct slice *rest, char separator)
{
	char *out = arena_bytes(arena, rest->len + 1);
	size_t len = 0, i = 0;

	for (; i < rest->len; i++) {
		if (rest->ptr[i] == separator) {
			if (i + 1 == rest->len || rest->ptr[i + 1] != separator)
				break;
			i++;
		}
		out[len++] = rest->ptr[i];
	}
	*rest = i >= rest->len ? slice(NULL, 0) : slice(rest->ptr + i + 1, rest->len - i - 1);
	return trim(slice(out, len));
}

static bool
read_hosts(struct hosts *h, struct slice text)
{
	char separator = ':';
	uint32_t priority = 1;
	bool several = false;

	text = trim(text);
	if (text.len > 1 && text.ptr[0] == '<') {
		separator = text.ptr[1];
		text = slice(text.ptr + 2, text.len - 2);
	}
	while (text.ptr != NULL) {
		struct slice item = next_item(&h->exim->import->arena, &text, separator);

		if (item.len == 0)
			continue;
		if (slice_is(item, "+")) {
			priority += h->random;
			continue;
		}
		if (!read_host(h, item, priority))
			return false;
		several |= text.ptr != NULL;
		priority += !h->random;
	}
	if (!several || (h->random && priority == 1))
		for (size_t i = 0; i < h->count; i++)
			h->hops[i].priority = 0;
	if (h->count == 0)
		import_report(h->exim->import, h->line, "no host stands in the list");
	return h->count > 0;
}

/* The words behind the hosts. */
static bool
read_options(struct hosts *h, struct slice rest)
{
	static const char *const quiet[] = {"byname", "bydns", "bydns_a", "remote_smtp"};
	struct slice word;

	while ((word = cut_word(&rest, "\"\"")).ptr != NULL) {
		bool known = false;

		for (size_t i = 0; i < sizeof(quiet) / sizeof(*quiet); i++)
			known |= slice_is(word, quiet[i]);
		if (known)
			continue;
		if (slice_is(word, "no_randomize")) {
			h->random = false;
		} else if (slice_is(word, "randomize")) {
			h->random = true;
		} else if (slice_is(word, "ipv4_only") || slice_is(word, "ipv4_prefer")) {
			h->family = word.ptr[5] == 'o' ? "ipv4" : "prefer-ipv4";
		} else if (!is_transport(word)) {
			import_report(h->exim->import, h->line, "an option is no word");
			return false;
		} else if (h->transport.ptr != NULL) {
			import_report(h->exim->import, h->line, "two transports stand behind the hosts");
			return false;
		} else {
			h->transport = word;
		}
	}
	return true;
}

/* "HOSTS OPTIONS" for the patterns that are not taken yet. */
static void
write_rule(struct exim *exim, struct foreign_line *line, const struct slice *patterns,
    size_t count, struct slice text, enum rules rules)
{
	struct hosts h = {.exim = exim, .line = line, .refs = {.list = {line}, .count = 1},
	    .random = rules == RULES_RANDOM};
	struct slice list = cut_word(&text, "\"\"");
	size_t taken = 0;

	if (list.ptr == NULL) {
		import_report(exim->import, line, "no hosts stand behind the domain");
		return;
	}
	for (size_t i = 0; i < exim->macros.count; i++)
		refs_add(&h.refs, exim->macros.list[i]);
	if (exim->narrow != NULL)
		import_report(exim->import, line, "no route says the router's '%s'", exim->narrow);
	/* To write it for every mail would take what is not the router's. */
	if (exim->narrow != NULL && slice_is(patterns[0], "*"))
		return;
	if (memchr(list.ptr, '$', list.len) != NULL) {
		import_report(exim->import, line, "the hosts are expanded for each mail");
		return;
	}
	if (!read_options(&h, text) || !read_hosts(&h, list))
		return;
	for (size_t i = 0; i < count; i++) {
		struct selectors selectors = {.to = patterns[i]};

		if (rules == RULES_NARROWEST ? names_find(&exim->taken, patterns[i]) != NO_NAME
		    : is_taken(exim, patterns[i], &exim->import->arena)) {
			taken++;
			continue;
		}
		if (slice_is(patterns[i], "*"))
			selectors.to = slice(NULL, 0);
		names_intern(&exim->taken, patterns[i], false);
		write_route(exim->import, &selectors, &h.refs, h.hops, h.count);
	}
	if (taken == count)
		import_report(exim->import, line, "a rule before takes the mail for '%.*s'",
		    ARG(patterns[0]));
}

/* DOMAIN: HOSTS OPTIONS; "*.x" takes x as well, if x has no line of its own. */
static void
read_hubbed(struct exim *exim, struct foreign *file)
{
	struct import *import = exim->import;

	foreign_cut(import, file, true);
	/* Lines of whole names first: they are looked for first. */
	for (int wild = 0; wild < 2; wild++)
		for (size_t i = 0; i < file->count; i++) {
			struct foreign_line *line = &file->lines[i];
			struct slice rest = trim(line->text), both[2];
			struct slice key = rest.ptr[0] == '"' ? cut_word(&rest, "\"\"")
			    : cut(&rest, ": \t");
			bool star = key.len > 0 && key.ptr[0] == '*';

			if (star != (wild == 1))
				continue;
			exim->whole += rest.ptr != NULL;
			if (slice_is(key, "*") || (star && memchr(key.ptr + 2, '.', key.len - 2) == NULL)) {
				import_report(import, line, "partial-lsearch asks for no '%.*s'", ARG(key));
				continue;
			}
			if (!domain_read(import, key, &both[0])) {
				import_report(import, line, "'%.*s' is no domain", ARG(key));
				continue;
			}
			/* Behind blanks and quotes, a colon still ends the key. */
			if (rest.ptr != NULL && rest.ptr[-1] != ':' &&
			    (rest = trim(rest)).len > 0 && rest.ptr[0] == ':')
				rest = slice(rest.ptr + 1, rest.len - 1);
			both[1] = both[0];
			if (star)
				both[1] = slice(both[0].ptr + 2, both[0].len - 2);
			write_rule(exim, line, both, star ? 2 : 1, rest, RULES_NARROWEST);
		}
}

/* One rule of a route_list. */
static void
read_rule(struct exim *exim, struct foreign_line *line, struct slice text, enum rules rules)
{
	struct slice rest = text, key = cut_word(&rest, "\"\""), pattern;

	if (key.ptr == NULL)
		return;
	exim->whole += rest.ptr != NULL;
	pattern = key;
	if (key.len > 0 && strchr("!+^@$", key.ptr[0]) != NULL)
		import_report(exim->import, line, "'%.*s' is no domain and no '*.DOMAIN'", ARG(key));
	else if (key.len > 1 && key.ptr[0] == '*' && key.ptr[1] != '.')
		import_report(exim->import, line,
		    "'%.*s' takes domains that end so, wherever the dots are", ARG(key));
	else if (slice_is(key, "*") || domain_read(exim->import, key, &pattern))
		write_rule(exim, line, &pattern, 1, rest.ptr == NULL ? slice("", 0) : rest, rules);
	else
		import_report(exim->import, line, "'%.*s' is no domain", ARG(key));
}

/* Rules with ';' between them, outside of quotes; "<x" in front chooses another byte. */
static void
read_rules(struct exim *exim, struct foreign_line *line, struct slice text, enum rules rules)
{
	char separator = ';';

	text = trim(text);
	if (text.len > 1 && text.ptr[0] == '<') {
		separator = text.ptr[1];
		text = slice(text.ptr + 2, text.len - 2);
	}
	while (text.len > 0) {
		bool quoted = false;
		size_t end = 0;

		for (; end < text.len && (quoted || text.ptr[end] != separator); end++)
			quoted ^= text.ptr[end] == '"';
		read_rule(exim, line, trim(slice(text.ptr, end)), rules);
		text = end == text.len ? slice("", 0)
		    : slice(text.ptr + end + 1, text.len - end - 1);
	}
}

/* A file of rules, or of Exim's configuration, where "route_list =" is in front of them. */
static void
read_route_list(struct exim *exim, struct foreign *file)
{
	struct import *import = exim->import;
	bool named;

	foreign_cut(import, file, false);
	exim_join_lines(import, file);
	named = exim_has_routers(file);
	for (size_t i = 0; i < file->count; i++) {
		struct router router = {.rules = file->lines[i].text};

		exim->macros.count = 0;
		if (named)
			router = exim_router(import, file, i, &exim->macros);
		exim->narrow = router.narrow;
		file->lines[i].aside = router.rules.ptr == NULL;
		if (router.rules.ptr != NULL)
			read_rules(exim, &file->lines[i], router.rules,
			    router.random ? RULES_RANDOM : RULES_ORDERED);
	}
	/* What macros say stands in rules. */
	for (size_t i = 0; i < file->count; i++)
		file->lines[i].aside &= !file->lines[i].used;
}

static int
run(struct import *import)
{
	struct exim exim = {.import = import};
	struct foreign *logins = import_file(import, "passwd.client");
	struct foreign *hubbed = import_file(import, "hubbed_hosts");
	struct foreign *list = import_file(import, "route_list");
	int code = 0;

	names_init(&exim.taken, 1, 64);
	if (logins != NULL)
		read_logins(&exim, logins);
	if (hubbed != NULL)
		read_hubbed(&exim, hubbed);
	if (list != NULL)
		read_route_list(&exim, list);
	for (size_t i = 0; i < exim.login_count; i++)
		if (!exim.logins[i].line->used && exim.logins[i].line->told == NULL)
			import_report(import, exim.logins[i].line,
			    "no route leads to a host of this name, or a line before has it");
	if (exim.whole == 0 && ((hubbed != NULL && hubbed->count > 0) ||
	    (list != NULL && list->count > 0))) {
		cli_say("%s: no rule of Exim stands there", (list != NULL ? list : hubbed)->path);
		code = EX_DATAERR;
	}
	names_release(&exim.taken);
	free(exim.logins);
	return code;
}

const struct import_format import_exim = {
    .name = "exim",
    .kinds = {{"route_list", NULL}, {"hubbed_hosts", NULL}, {"passwd.client", NULL},
	{NULL, NULL}},
    .run = run};
