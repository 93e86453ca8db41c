/* host.c - where `via` and `relay` lead: HOST[:PORT], @NAME, mx, mx:DOMAIN. */
#include <strings.h>

#include "base/fold.h"
#include "base/ip.h"
#include "base/utf8.h"
#include "base/number.h"
#include "text/secret.h"
#include "text/slip.h"
#include "text/suspect.h"
#include "conf/value.h"

struct reading {
	struct conf *conf;
	const struct source *source;
	struct item item;
	struct slice text;
	struct host *host;
};

static struct span
part(const struct reading *r, struct slice slice)
{
	return value_part(r->source, r->item, r->text, slice);
}

static struct diagnostic *
fail(const struct reading *r, struct slice where, enum slug slug, const char *what)
{
	const char *odd = utf8_lookalike(where), *secret = suspect_user_info(where);
	struct diagnostic *d;

	/* A password with a blank in it: the message masks only words. */
	if (secret != NULL && memchr(where.ptr, ' ', where.len) != NULL)
		return diagnose(&r->conf->diagnostics, part(r, where), slug,
		    "'%.*s" SECRET_MASK "' is not %s", (int)(secret - where.ptr), where.ptr, what);
	d = diagnose(&r->conf->diagnostics, part(r, where), slug, "'%.*s' is not %s",
	    SLICE_ARG(where), what);
	if (odd != NULL)
		diagnostic_help(&r->conf->diagnostics, d, "there is %s", odd);
	return d;
}

/* Whether it is a host of another program, and was refused as such. */
static bool
refuse_foreign(const struct reading *r)
{
	struct foreign_hop hop = {.kind = FOREIGN_NONE};
	struct diagnostic *d;

	if (r->host->kind != HOST_MX_OF)
		hop = foreign_hop(r->text);
	if (hop.kind == FOREIGN_NONE)
		return false;
	/* The password of a login may be in it: no text is shown. */
	d = hop.kind != FOREIGN_LOGIN
	    ? fail(r, r->text, SLUG_BAD_DOMAIN, "a host")
	    : diagnose(&r->conf->diagnostics, item_span(r->item), SLUG_BAD_DOMAIN,
		  "a login stands in front of the host");
	slip_host(&r->conf->diagnostics, d, &hop);
	return true;
}

static bool
read_port(const struct reading *r, struct slice digits)
{
	struct diagnostic *d;
	uint32_t n;

	r->host->has_port = true;
	if (number_read(digits, 65535, &n) && n > 0) {
		r->host->port = (uint16_t)n;
		return true;
	}
	if (refuse_foreign(r))
		return false;
	if (digits.len == 0) {
		diagnose(&r->conf->diagnostics, part(r, digits), SLUG_BAD_PORT,
		    "the port after ':' is missing");
	} else if (memchr(digits.ptr, '@', digits.len) != NULL) {
		/* "u:s3cret@h.example": not to be shown. */
		diagnose(&r->conf->diagnostics, part(r, digits), SLUG_BAD_PORT,
		    "what stands behind ':' is no port");
	} else {
		d = diagnose(&r->conf->diagnostics, part(r, digits), SLUG_BAD_PORT,
		    "port %.*s is not in 1-65535", SLICE_ARG(digits));
		slip_port(&r->conf->diagnostics, d, digits);
	}
	return false;
}

static void
keep_ip(const struct reading *r, const struct ip *ip)
{
	char out[IP_TEXT_SIZE];

	r->host->kind = ip->family == 4 ? HOST_IP4 : HOST_IP6;
	r->host->name = arena_copy(&r->conf->arena, slice(out, ip_format(ip, out)));
}

/* What stands behind the tag of an address literal: "IPv6:2001:db8::1". */
static struct slice
untagged(struct slice text)
{
	static const char tag[] = "IPv6:";
	size_t n = sizeof(tag) - 1;

	return text.len > n && strncasecmp(text.ptr, tag, n) == 0 ? slice(text.ptr + n, text.len - n)
								  : text;
}

/* [IPv6], perhaps with a port behind it. */
static bool
read_bracketed(const struct reading *r, const struct hop_word *word)
{
	struct ip ip;

	if (!ip6_parse(word->host, &ip)) {
		struct diagnostic *d = fail(r, word->host, SLUG_BAD_IP, "an IPv6 address");
		struct slice tagged = untagged(word->host);

		if (tagged.len < word->host.len && ip6_parse(tagged, &ip))
			diagnostic_help(&r->conf->diagnostics, d, "did you mean '[%.*s]'?",
			    SLICE_ARG(tagged));
		else if (ip4_parse(word->host, &ip))
			diagnostic_help(&r->conf->diagnostics, d,
			    "an IPv4 address stands without brackets");
		else if (memchr(word->host.ptr, ':', word->host.len) == NULL)
			diagnostic_help(&r->conf->diagnostics, d,
			    "a name stands without brackets: its MX is never looked up");
		return false;
	}
	keep_ip(r, &ip);
	if (word->rest.len > 0 && word->port.ptr == NULL) {
		fail(r, word->rest, SLUG_BAD_PORT, "a port: ':PORT' may follow the brackets");
		return false;
	}
	return word->port.ptr == NULL || read_port(r, word->port);
}

/* Digits only behind the last dot: it was meant as an IPv4 address. */
static bool
looks_like_ip4(struct slice name)
{
	const char *dot = memrchr(name.ptr, '.', name.len);
	size_t i = dot == NULL ? 0 : (size_t)(dot + 1 - name.ptr);

	if (i == name.len)
		return false;
	for (; i < name.len; i++)
		if (name.ptr[i] < '0' || name.ptr[i] > '9')
			return false;
	return true;
}

/* What is no name at all, but a sign of the language. */
static void
help_name(const struct reading *r, struct diagnostic *d, struct slice name)
{
	if (slice_is(name, "*"))
		diagnostic_help(&r->conf->diagnostics, d, "'mx' is the MX of each destination");
	else if (name.len > 1 && name.ptr[0] == '$')
		diagnostic_help(&r->conf->diagnostics, d, "did you mean '@%.*s'?",
		    SLICE_ARG(slice(name.ptr + 1, name.len - 1)));
}

/* An address that is none, or stands where a domain has to, or the port of an MX. */
static void
refuse_digits(const struct reading *r, struct slice name)
{
	struct diagnostics *diagnostics = &r->conf->diagnostics;
	struct diagnostic *d;
	struct ip ip;
	uint32_t port;

	if (ip4_parse(name, &ip)) {
		d = fail(r, name, SLUG_BAD_IP, "a domain");
		diagnostic_help(diagnostics, d, "an address has no MX");
		return;
	}
	d = fail(r, name, SLUG_BAD_IP, "an IP address");
	if (r->host->kind == HOST_MX_OF && number_read(name, 65535, &port) && port > 0)
		diagnostic_help(diagnostics, d, "did you mean 'mx port %.*s'?", SLICE_ARG(name));
}

/* A host name, folded. */
static bool
read_name(const struct reading *r, struct slice name)
{
	struct folded folded;
	struct diagnostic *d;

	if (looks_like_ip4(name)) {
		refuse_digits(r, name);
		return false;
	}
	if (mem_folded(fold_domain(name, &folded)) != FOLD_OK || folded.full.ptr[0] == '[' ||
	    looks_like_ip4(folded.full)) {
		if (refuse_foreign(r))
			return false;
		d = fail(r, name, SLUG_BAD_DOMAIN, "a host name");
		help_name(r, d, name);
		return false;
	}
	r->host->name = arena_copy(&r->conf->arena, folded.full);
	return true;
}

/* HOST, perhaps with a port behind it. */
static bool
read_host_port(const struct reading *r, const struct hop_word *word)
{
	struct ip ip;

	if (ip4_parse(word->host, &ip))
		keep_ip(r, &ip);
	else if (!read_name(r, word->host))
		return false;
	return word->port.ptr == NULL || read_port(r, word->port);
}

static void
refuse_colons(const struct reading *r)
{
	struct diagnostic *d;
	struct ip ip;

	if (refuse_foreign(r))
		return;
	d = fail(r, r->text, SLUG_BAD_IP, "a host");
	if (ip6_parse(r->text, &ip))
		diagnostic_help(&r->conf->diagnostics, d,
		    "an IPv6 address wants brackets: [%.*s]", SLICE_ARG(r->text));
}

/* What no relay can be called. */
static bool
is_relay_name(const struct reading *r)
{
	struct slice name = r->host->name, port;
	const char *colon = name.len == 0 ? NULL : memchr(name.ptr, ':', name.len);
	struct diagnostic *d;
	uint32_t n;

	if (name.len == 0) {
		diagnose(&r->conf->diagnostics, part(r, r->text), SLUG_UNDEFINED_RELAY,
		    "the name behind '@' is missing");
		return false;
	}
	if (colon == NULL)
		return true;
	d = diagnose(&r->conf->diagnostics, part(r, r->text), SLUG_UNDEFINED_RELAY,
	    "relay '%.*s' is not defined", SLICE_ARG(name));
	port = slice(colon + 1, (size_t)(name.ptr + name.len - colon - 1));
	/* Anything else may be a password: "@u:s3cret@h.example". */
	if (number_read(port, 65535, &n) && n > 0)
		diagnostic_help(&r->conf->diagnostics, d, "did you mean '%.*s port %.*s'?",
		    (int)(colon - r->text.ptr), r->text.ptr, SLICE_ARG(port));
	return false;
}

/* `MX`, `Mx:DOMAIN`: a name of these letters is written in quotes. */
static bool
is_misspelt_mx(struct slice text)
{
	return text.len >= 2 && strncasecmp(text.ptr, "mx", 2) == 0 && memcmp(text.ptr, "mx", 2) != 0 &&
	    (text.len == 2 || text.ptr[2] == ':');
}

static bool
refuse_misspelt_mx(const struct reading *r)
{
	struct diagnostic *d = fail(r, r->text, SLUG_BAD_DOMAIN, "a host name");
	struct slice rest = slice(r->text.ptr + 2, r->text.len - 2);

	diagnostic_help(&r->conf->diagnostics, d, "did you mean 'mx%.*s'?", SLICE_ARG(rest));
	return false;
}

bool
value_host(struct conf *conf, const struct source *source, struct item item,
    enum host_of of, struct host *host)
{
	struct reading r = {conf, source, item, {NULL, 0}, host};
	bool quoted = (item_flags(item) & ITEM_QUOTED) != 0;
	struct hop_word word;

	*host = (struct host){.kind = HOST_NAME, .at = item_span(item)};
	if (!value_text(conf, source, item, &r.text))
		return false;
	/* Folded already; "mx" is shorter. */
	if (of == HOST_OF_EXPECT && (item_flags(item) & ITEM_PLAIN) != 0 && r.text.len > 2 &&
	    r.text.len <= FOLD_LABEL_MAX) {
		host->name = r.text;
		return true;
	}
	if (!quoted && is_misspelt_mx(r.text))
		return refuse_misspelt_mx(&r);
	word = hop_word(r.text, !quoted);
	switch (word.kind) {
	case HOP_WORD_MX:
		host->kind = HOST_MX;
		return true;
	case HOP_WORD_MX_OF:
		host->kind = HOST_MX_OF;
		return read_name(&r, word.host);
	case HOP_WORD_RELAY:
		if (of != HOST_OF_VIA) {
			diagnostic_help(&conf->diagnostics,
			    fail(&r, r.text, SLUG_BAD_DOMAIN, "a host name"), of == HOST_OF_RELAY
			    ? "a relay leads to a host, not to another relay"
			    : "write the host that the relay leads to");
			return false;
		}
		host->kind = HOST_RELAY;
		host->name = word.host;
		return is_relay_name(&r);
	case HOP_WORD_BRACKETS:
		return read_bracketed(&r, &word);
	case HOP_WORD_HOST:
		return read_host_port(&r, &word);
	case HOP_WORD_COLONS:
		refuse_colons(&r);
		return false;
	case HOP_WORD_OPEN:
		break;
	}
	fail(&r, r.text, SLUG_BAD_IP, "an address in brackets");
	return false;
}
