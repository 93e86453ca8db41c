#include "import/statement.h"

#include <stdio.h>
#include <string.h>

#include "base/fold.h"
#include "base/ip.h"
#include "base/number.h"
#include "base/status_code.h"
#include "import/secret.h"
#include "text/quote.h"

#define ARG(s) (int)(s).len, (s).ptr

bool
host_read(struct import *import, struct slice text, struct slice *host)
{
	static const char v6[] = "ipv6:";
	struct folded folded;
	char out[IP_TEXT_SIZE];
	struct ip ip;

	if (text.len > 2 && text.ptr[0] == '[' && text.ptr[text.len - 1] == ']')
		text = slice(text.ptr + 1, text.len - 2);
	if (text.len > 5 && strncasecmp(text.ptr, v6, 5) == 0)
		text = slice(text.ptr + 5, text.len - 5);
	if (ip_parse(text, &ip)) {
		*host = arena_printf(&import->arena, ip.family == 6 ? "[%.*s]" : "%.*s",
		    (int)ip_format(&ip, out), out);
		return true;
	}
	if (mem_folded(fold_domain(text, &folded)) != FOLD_OK || folded.full.ptr[0] == '[')
		return false;
	/* A last label of digits is a bad address. */
	for (size_t i = folded.full.len; i-- > 0 && folded.full.ptr[i] != '.';)
		if (folded.full.ptr[i] < '0' || folded.full.ptr[i] > '9') {
			*host = arena_copy(&import->arena, folded.full);
			return true;
		}
	return false;
}

void
hop_by_mx(struct hop *hop)
{
	struct ip ip;

	hop->kind = hop->host.ptr[0] == '[' || ip4_parse(hop->host, &ip) ? TO_HOST : TO_MX_OF;
}

const char *
login_flaw(struct slice login, struct slice password)
{
	if (login.len == 0)
		return "the login is empty";
	if (login.len > 255)
		return "the login is longer than 255 bytes";
	for (size_t i = 0; i < login.len; i++)
		if ((unsigned char)login.ptr[i] < ' ' || login.ptr[i] == 0x7f)
			return "the login holds control bytes";
	if (is_blank(login.ptr[0]) || is_blank(login.ptr[login.len - 1]))
		return "the login has a blank at either end";
	if (password.len == 0)
		return "the password is empty";
	for (size_t i = 0; i < password.len; i++)
		if (memchr("\0\r\n", password.ptr[i], 3) != NULL)
			return "the password holds a line end";
	return NULL;
}

bool
port_read(struct slice text, uint32_t *port)
{
	static const struct {
		const char *name;
		uint32_t port;
	} names[] = {{"smtp", 25}, {"mail", 25}, {"submission", 587}, {"smtps", 465},
	    {"submissions", 465}, {"ssmtp", 465}, {"urd", 465}, {"lmtp", 24}};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (slice_is(text, names[i].name)) {
			*port = names[i].port;
			return true;
		}
	return number_read(text, 65535, port) && *port != 0;
}

bool
is_transport(struct slice name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i], l = (char)(c | 0x20);

		if ((l < 'a' || l > 'z') && (c < '0' || c > '9') && strchr("._+-", c) == NULL)
			return false;
	}
	return name.len > 0;
}

/* A local part with a blank, a control byte or a lone quote cannot stand in a pattern. */
static bool
is_local(struct slice local)
{
	bool quoted = local.len > 2 && local.ptr[0] == '"' && local.ptr[local.len - 1] == '"';

	for (size_t i = 0; i < local.len; i++)
		if ((unsigned char)local.ptr[i] < ' ' || local.ptr[i] == 0x7f ||
		    (!quoted && (local.ptr[i] == ' ' || local.ptr[i] == '"')))
			return false;
	return local.len > 0;
}

/* Programs compare keys as text: none asks for a name with a dot at its end. */
static bool
ends_in_dot(struct slice text)
{
	return text.len > 0 && text.ptr[text.len - 1] == '.';
}

bool
pattern_read(struct import *import, struct slice text, struct slice *pattern)
{
	struct folded folded;
	size_t at = fold_at(text);

	if (ends_in_dot(text))
		return false;
	if (at < text.len) {
		if (!is_local(slice(text.ptr, at)) ||
		    mem_folded(fold_address(text, &folded)) != FOLD_OK || folded.full.ptr == NULL)
			return false;
		*pattern = arena_copy(&import->arena, folded.full);
		return true;
	}
	if (mem_folded(fold_domain(text, &folded)) != FOLD_OK)
		return false;
	*pattern = arena_copy(&import->arena, folded.full);
	return true;
}

bool
subdomains_read(struct import *import, struct slice domain, struct slice *pattern)
{
	struct folded folded;

	if (ends_in_dot(domain) || mem_folded(fold_domain(domain, &folded)) != FOLD_OK ||
	    folded.full.ptr[0] == '[' || folded.full.len > FOLD_DOMAIN_MAX - 2)
		return false;
	*pattern = arena_printf(&import->arena, "*.%.*s", ARG(folded.full));
	return true;
}

/* A pattern that is one word; what would mean something else is quoted. */
static struct slice
pattern_word(struct import *import, struct slice pattern)
{
	bool special = (pattern.len == 3 && strncasecmp(pattern.ptr, "any", 3) == 0) ||
	    pattern.ptr[0] == '$' || pattern.ptr[0] == '@' ||
	    memchr(pattern.ptr, ',', pattern.len) != NULL;

	return special ? quote_string(&import->arena, pattern)
	    : quote_word(&import->arena, pattern);
}

struct slice
selectors_text(struct import *import, const struct selectors *s)
{
	struct arena *arena = &import->arena;
	struct slice text = slice_str("route "), word;

	if (s->to.ptr != NULL) {
		word = pattern_word(import, s->to);
		text = arena_printf(arena, "%.*sto %.*s ", ARG(text), ARG(word));
	}
	if (s->any)
		text = arena_printf(arena, "%.*suser any ", ARG(text));
	if (s->user.ptr != NULL) {
		word = slice_is(s->user, "<>") || s->user.ptr[0] == '*'
		    ? quote_string(arena, s->user) : pattern_word(import, s->user);
		text = arena_printf(arena, "%.*suser %.*s ", ARG(text), ARG(word));
	}
	if (s->from.ptr != NULL) {
		word = pattern_word(import, s->from);
		text = arena_printf(arena, "%.*sfrom %.*s ", ARG(text), ARG(word));
	}
	return text;
}

static struct slice
add_word(struct import *import, struct slice text, const char *option, struct slice value)
{
	struct slice word;

	if (value.ptr == NULL)
		return text;
	word = quote_word(&import->arena, value);
	return arena_printf(&import->arena, "%.*s %s %.*s", ARG(text), option, ARG(word));
}

static struct slice
add_number(struct import *import, struct slice text, const char *option, uint32_t number)
{
	return number == 0 ? text
	    : arena_printf(&import->arena, "%.*s %s %u", ARG(text), option, number);
}

static struct slice
target_text(struct import *import, const struct hop *hop)
{
	bool implicit = hop->tls != NULL && strcmp(hop->tls, "implicit") == 0;
	uint32_t port = hop->port == (implicit ? 465 : 25) ? 0 : hop->port;
	struct arena *arena = &import->arena;

	if (hop->kind == TO_HOST && !slice_is(hop->host, "mx"))
		return port == 0 ? arena_printf(arena, "via %.*s", ARG(hop->host))
		    : arena_printf(arena, "via %.*s:%u", ARG(hop->host), port);
	return add_number(import, hop->kind == TO_MX ? slice_str("via mx")
	    : hop->kind == TO_HOST ? slice_str("via \"mx\"")
	    : arena_printf(arena, "via mx:%.*s", ARG(hop->host)), "port", port);
}

struct slice
hop_text(struct import *import, const struct hop *hop)
{
	struct slice text = target_text(import, hop);

	text = hop->ranked && hop->priority == 0
	    ? add_word(import, text, "priority", slice_str("0"))
	    : add_number(import, text, "priority", hop->priority);
	text = add_number(import, text, "weight", hop->weight);
	text = add_word(import, text, "family", slice_str(hop->family));
	text = add_word(import, text, "local", hop->local);
	if (hop->login.ptr != NULL) {
		text = add_word(import, text, "login", hop->login);
		text = import->secrets == NULL
		    ? add_word(import, text, "password", hop->password)
		    : add_word(import, text, "password-file",
		    secret_path(import, hop->secret, hop->password));
	}
	text = add_word(import, text, "auth", slice_str(hop->auth));
	text = add_word(import, text, "tls", slice_str(hop->tls));
	text = add_word(import, text, "tls-name", hop->tls_name);
	text = add_word(import, text, "tls-ca", hop->tls_ca);
	text = add_word(import, text, "helo", hop->helo);
	return add_word(import, text, "transport", hop->transport);
}

struct slice
reply_text(struct import *import, const char *word, char code, struct slice text, bool *plain)
{
	char *copy = arena_bytes(&import->arena, text.len + 1);
	struct slice quoted;

	*plain = true;
	for (size_t i = 0; i < text.len; i++)
		*plain &= text.ptr[i] >= ' ' && text.ptr[i] < 0x7f;
	if (text.len == 0 || !*plain)
		return slice_str(word);
	memcpy(copy, text.ptr, text.len);
	if (status_code(text) != 0)
		copy[0] = code;
	quoted = quote_string(&import->arena, slice(copy, text.len));
	return arena_printf(&import->arena, "%s %.*s", word, ARG(quoted));
}

void
write_route(struct import *import, const struct selectors *selectors, const struct refs *refs,
    const struct hop *hops, size_t count)
{
	struct slice head = selectors_text(import, selectors);

	for (size_t i = 0; i < count; i++) {
		struct slice text = hop_text(import, &hops[i]);
		struct refs own = *refs;

		refs_add(&own, hops[i].login_line);
		import_statement(import, &own, arena_printf(&import->arena, "%.*s%.*s", ARG(head),
		    ARG(text)));
	}
}
