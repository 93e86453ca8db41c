/* sendmail.c - mailertable, and AuthInfo of access. */
#include <stdlib.h>
#include <string.h>

#include "base/status_code.h"
#include "import/statement.h"
#include "program/say.h"
#include "store/names.h"

#define ARG(s) (int)((s).len < 100 ? (s).len : 100), (s).ptr

enum { HOPS = 64 };

/* AuthInfo of a server; host "": of all that have none of their own. */
struct login {
	struct foreign_line *line;
	struct slice host;
	struct slice name;
	struct slice password;
	const char *auth;
	bool good;
};

struct table {
	struct import *import;
	struct names keys;
	struct login *logins;
	size_t count;
	struct foreign_line **lines;	/* of mailertable, by key */
	size_t line_count;
	size_t whole;			/* lines that have the form of one */
};

/* Decodes base64; absent: it is none. */
static struct slice
decode(struct arena *arena, struct slice text)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *out = arena_bytes(arena, text.len + 1), *o = out;
	uint32_t bits = 0, count = 0;

	while (text.len > 0 && text.ptr[text.len - 1] == '=')
		text.len--;
	for (size_t i = 0; i < text.len; i++) {
		const char *digit = strchr(digits, text.ptr[i]);

		if (digit == NULL)
			return slice(NULL, 0);
		bits = bits << 6 | (uint32_t)(digit - digits);
		count += 6;
		if (count >= 8) {
			count -= 8;
			*o++ = (char)(bits >> count);
		}
	}
	return slice(out, (size_t)(o - out));
}

/* The one mechanism that is named, if `auth` has a word for it. */
static const char *
mechanism(struct slice text)
{
	static const struct {
		const char *name, *word;
	} known[] = {{"plain", "plain"}, {"login", "login"}, {"cram-md5", "cram-md5"}};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (text.len == strlen(known[i].name) &&
		    strncasecmp(text.ptr, known[i].name, text.len) == 0)
			return known[i].word;
	return NULL;
}

/* One "T:TEXT" or "T=BASE64". */
static void
read_tag(struct import *import, struct login *login, struct slice item, struct slice *user)
{
	char tag = item.len > 0 ? (char)(item.ptr[0] & ~0x20) : '\0';
	struct slice text;

	if (item.len < 2 || (item.ptr[1] != ':' && item.ptr[1] != '=')) {
		import_report(import, login->line, "a tag is a letter, then ':' or '='");
		return;
	}
	text = slice(item.ptr + 2, item.len - 2);
	if (item.ptr[1] == '=' && (text = decode(&import->arena, text)).ptr == NULL) {
		import_report(import, login->line, "what stands behind '=' is no base64");
		return;
	}
	if (tag == 'U')
		*user = text;
	else if (tag == 'I')
		login->name = text;
	else if (tag == 'P')
		login->password = text;
	else if (tag == 'M' && mechanism(text) != NULL)
		login->auth = mechanism(text);
	else
		import_report(import, login->line, tag == 'R' ? "nothing says a realm"
		    : tag == 'M' ? "of mechanisms, the one of plain, login and cram-md5 can be said"
		    : "the tags are U, I, P, R and M");
}

/* Whether a blank stands in front, where makemap wants a key; that is reported. */
static bool
leads(struct import *import, struct foreign_line *line)
{
	if (!is_blank(line->text.ptr[0]))
		return false;
	import_report(import, line, "a blank stands in front: makemap leaves the line out");
	return true;
}

static void
read_login(struct table *t, struct foreign_line *line)
{
	static const char tag[] = "authinfo:";
	struct slice rest = trim(line->text), key = cut(&rest, " \t"), item;
	struct slice user = slice(NULL, 0);
	struct login *login = &t->logins[t->count];
	const char *flaw;

	if (key.len < 9 || strncasecmp(key.ptr, tag, 9) != 0) {
		line->aside = true;
		return;
	}
	*login = (struct login){.line = line, .host = slice("", 0)};
	if (leads(t->import, line))
		return;
	key = slice(key.ptr + 9, key.len - 9);
	if (key.len > 0 && !host_read(t->import, key, &login->host)) {
		import_report(t->import, line, "behind AuthInfo: stands no host");
		return;
	}
	while ((item = cut_word(&rest, "\"\"")).ptr != NULL)
		read_tag(t->import, login, item, &user);
	/* Who proves to be somebody, if that is not who is asked for. */
	if (login->name.ptr == NULL)
		login->name = user;
	else if (user.ptr != NULL && !slice_eq(user, login->name))
		import_report(t->import, line, "of U and I, the login is I");
	flaw = login_flaw(login->name, login->password);
	login->good = flaw == NULL;
	if (flaw != NULL)
		import_report(t->import, line, "%s", flaw);
	for (size_t i = 0; i < t->count; i++)
		if (slice_eq(t->logins[i].host, login->host)) {
			import_report(t->import, line, "line %u is about the same host",
			    t->logins[i].line->number);
			return;
		}
	t->count++;
}

/* What a server is told, or NULL. */
static const struct login *
find_login(const struct table *t, struct slice host)
{
	const struct login *all = NULL;

	for (size_t i = 0; i < t->count; i++) {
		if (slice_eq(t->logins[i].host, host))
			return &t->logins[i];
		if (t->logins[i].host.len == 0)
			all = &t->logins[i];
	}
	return all;
}

static void
join_login(const struct table *t, struct hop *hop)
{
	bool by_mx = hop->kind != TO_HOST;
	const struct login *login = find_login(t, by_mx ? slice("", 0) : hop->host);

	if (login == NULL || !login->good)
		return;
	if (by_mx) {
		import_report(t->import, login->line, "hosts that are found by MX get no login");
		return;
	}
	hop->login_line = login->line;
	hop->login = login->name;
	hop->password = login->password;
	hop->auth = login->auth;
	hop->secret = hop->host;
}

/* "[a],[b]:c": commas join equal preferences, colons part them; how many hops, 0: none. */
static size_t
read_hosts(struct table *t, struct foreign_line *line, struct slice text, struct hop *hops)
{
	uint32_t priority = 1;
	size_t n = 0;

	while (text.len > 0) {
		size_t end = 0, brackets = 0;
		struct hop *hop = &hops[n];
		struct slice host;

		for (; end < text.len && (brackets > 0 || strchr(",:", text.ptr[end]) == NULL); end++)
			brackets += text.ptr[end] == '[' ? 1 : text.ptr[end] == ']' ? (size_t)-1 : 0;
		host = trim(slice(text.ptr, end));
		*hop = (struct hop){.priority = priority};
		if (n == HOPS - 1 || !host_read(t->import, host, &hop->host)) {
			import_report(t->import, line, "'%.*s' is no host",
			    ARG(host_shown(host)));
			return 0;
		}
		if (host.ptr[0] != '[')
			hop_by_mx(hop);
		join_login(t, hop);
		priority += end < text.len && text.ptr[end] == ':';
		text = end == text.len ? slice("", 0)
		    : slice(text.ptr + end + 1, text.len - end - 1);
		n++;
	}
	if (priority == 1)
		for (size_t i = 0; i < n; i++)
			hops[i].priority = 0;
	return n;
}

/* "550": the code of a reply of SMTP. */
static bool
is_reply_code(struct slice text)
{
	return text.len == 3 && (text.ptr[0] == '4' || text.ptr[0] == '5') &&
	    text.ptr[1] >= '0' && text.ptr[1] <= '9' && text.ptr[2] >= '0' && text.ptr[2] <= '9';
}

/* The status that a code stands for, which may be one itself; empty: a usual one. */
static struct slice
status_of(struct slice code)
{
	if (code.len >= 5 && (code.ptr[0] == '4' || code.ptr[0] == '5') && code.ptr[1] == '.')
		return code;
	return slice_str(slice_is(code, "nouser") ? "5.1.1" : slice_is(code, "nohost") ? "5.1.2" : "");
}

/* error:CODE:TEXT, error:CODE TEXT; CODE a status, a word or that of a reply. */
static struct slice
read_error(struct table *t, struct foreign_line *line, struct slice text)
{
	struct slice rest = text, code = cut(&rest, ": \t"), status = status_of(code), reply, words;
	bool again = slice_is(code, "tempfail"), plain;

	reply = rest.ptr == NULL ? slice("", 0) : trim(rest);
	if (!is_reply_code(code)) {
		/* That of the reply is not part of the text. */
		rest = reply;
		code = cut(&rest, " \t");
		if (is_reply_code(code))
			reply = rest.ptr == NULL ? slice("", 0) : trim(rest);
	}
	/* Whoever sends the mail goes by the reply's first digit. */
	if (is_reply_code(code))
		again = code.ptr[0] == '4';
	else if (status.len > 0)
		again = status.ptr[0] == '4';
	if (status.len > 0 && status_code(reply) == 0)
		reply = arena_printf(&t->import->arena, "%.*s %.*s", (int)status.len, status.ptr,
		    (int)reply.len, reply.ptr);
	words = reply_text(t->import, again ? "defer" : "reject", again ? '4' : '5', trim(reply),
	    &plain);
	if (!plain)
		import_report(t->import, line, "the text is no printable ASCII: left out");
	return words;
}

static bool
is_smtp(struct slice mailer)
{
	static const char *const names[] = {"smtp", "esmtp", "smtp8", "dsmtp", "relay"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (slice_is(mailer, names[i]))
			return true;
	return false;
}

/* The value of a key. */
static void
write_value(struct table *t, struct foreign_line *line, const struct selectors *selectors,
    struct slice value)
{
	struct import *import = t->import;
	struct refs refs = {.list = {line}, .count = 1};
	struct slice rest = value, mailer = arena_lower(&import->arena, cut(&rest, ":")), words, head;
	struct hop hops[HOPS];
	size_t n;

	if (rest.ptr == NULL) {
		import_report(import, line, "no mailer and ':' in front of '%.*s'",
		    ARG(host_shown(value)));
	} else if (slice_is(mailer, "error") || slice_is(mailer, "discard")) {
		words = mailer.ptr[0] == 'd' ? slice_str("discard") : read_error(t, line, rest);
		head = selectors_text(import, selectors);
		import_statement(import, &refs, arena_printf(&import->arena, "%.*s%.*s",
		    (int)head.len, head.ptr, (int)words.len, words.ptr));
	} else if (memchr(rest.ptr, '%', rest.len) != NULL) {
		import_report(import, line, "%%1 stands for what the dot matched: no pattern says it");
	} else if (!is_smtp(mailer)) {
		import_report(import, line, "mail does not leave by SMTP with mailer '%.*s'",
		    ARG(mailer));
	} else if (trim(rest).len == 0) {
		import_report(import, line, "no host stands behind the mailer");
	} else if ((n = read_hosts(t, line, trim(rest), hops)) > 0) {
		write_route(import, selectors, &refs, hops, n);
	}
}

static void
read_mailer(struct table *t, struct foreign_line *line)
{
	struct slice rest = trim(line->text), key = cut(&rest, " \t"), name;
	struct selectors selectors = {.any = false};
	uint32_t number;

	if (rest.ptr == NULL || trim(rest).len == 0) {
		import_report(t->import, line, "nothing stands behind the key");
		return;
	}
	t->whole++;
	if (leads(t->import, line))
		return;
	name = key;
	if (!slice_is(key, ".")) {
		if (memchr(key.ptr, '@', key.len) != NULL || !(key.ptr[0] == '.'
		    ? subdomains_read(t->import, slice(key.ptr + 1, key.len - 1), &name)
		    : pattern_read(t->import, key, &name))) {
			import_report(t->import, line, "'%.*s' is no domain", ARG(key));
			return;
		}
		selectors.to = name;
	}
	number = names_intern(&t->keys, name, false);
	if (number < t->line_count) {
		import_report(t->import, line, "the key stands in line %u: makemap keeps that one",
		    t->lines[number]->number);
		return;
	}
	t->lines[t->line_count++] = line;
	write_value(t, line, &selectors, trim(rest));
}

static void
read_access(struct table *t, struct foreign *file)
{
	foreign_cut(t->import, file, false);
	t->logins = mem_zero(file->count + 1, sizeof(*t->logins));
	for (size_t i = 0; i < file->count; i++)
		read_login(t, &file->lines[i]);
}

static int
read_table(struct table *t, struct foreign *file)
{
	foreign_cut(t->import, file, false);
	names_init(&t->keys, 1, file->count);
	t->lines = mem_zero(file->count + 1, sizeof(struct foreign_line *));
	for (size_t i = 0; i < file->count; i++)
		read_mailer(t, &file->lines[i]);
	if (file->count == 0 || t->whole > 0)
		return 0;
	cli_say("%s:%u: no mailertable: no line is a key, a blank and a value", file->path,
	    file->lines[0].number);
	return EX_DATAERR;
}

static int
run(struct import *import)
{
	struct foreign *access = import_file(import, "access");
	struct foreign *mailers = import_file(import, "mailertable");
	struct table t = {.import = import};
	int code = 0;

	if (access != NULL)
		read_access(&t, access);
	if (mailers != NULL)
		code = read_table(&t, mailers);
	for (size_t i = 0; i < t.count; i++)
		if (!t.logins[i].line->used && t.logins[i].line->told == NULL)
			import_report(import, t.logins[i].line, "no route leads to this host in brackets");
	names_release(&t.keys);
	free(t.logins);
	free(t.lines);
	return code;
}

const struct import_format import_sendmail = {
    .name = "sendmail",
    .kinds = {{"mailertable", NULL}, {"access", NULL}, {NULL, NULL}},
    .run = run};
