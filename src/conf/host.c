/* host.c - where `via` and `relay` lead: HOST[:PORT], @NAME, mx, mx:DOMAIN. */
#include "base/fold.h"
#include "base/ip.h"
#include "base/utf8.h"
#include "base/number.h"
#include "conf/value.h"
#include "text/values.h"

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
	const char *odd = utf8_lookalike(where);
	struct diagnostic *d = diagnose(&r->conf->diagnostics, part(r, where), slug,
	    "'%.*s' is not %s", SLICE_ARG(where), what);

	if (odd != NULL)
		diagnostic_help(&r->conf->diagnostics, d, "there is %s", odd);
	return d;
}

static bool
read_port(const struct reading *r, struct slice digits)
{
	uint32_t n;

	r->host->has_port = true;
	if (number_read(digits, 65535, &n) && n > 0) {
		r->host->port = (uint16_t)n;
		return true;
	}
	if (digits.len == 0)
		diagnose(&r->conf->diagnostics, part(r, digits), SLUG_BAD_PORT,
		    "the port after ':' is missing");
	else if (memchr(digits.ptr, '@', digits.len) != NULL)
		/* "u:s3cret@h.example": not to be shown. */
		diagnose(&r->conf->diagnostics, part(r, digits), SLUG_BAD_PORT,
		    "what stands behind ':' is no port");
	else
		diagnose(&r->conf->diagnostics, part(r, digits), SLUG_BAD_PORT,
		    "port %.*s is not in 1-65535", SLICE_ARG(digits));
	return false;
}

static void
keep_ip(const struct reading *r, const struct ip *ip)
{
	char out[IP_TEXT_SIZE];

	r->host->kind = ip->family == 4 ? HOST_IP4 : HOST_IP6;
	r->host->name = arena_copy(&r->conf->arena, slice(out, ip_format(ip, out)));
}

/* [IPv6], perhaps with a port behind it. */
static bool
read_bracketed(const struct reading *r, const struct hop_word *word)
{
	struct ip ip;

	if (!ip6_parse(word->host, &ip)) {
		struct diagnostic *d = fail(r, word->host, SLUG_BAD_IP, "an IPv6 address");

		if (ip4_parse(word->host, &ip))
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

/* A host name, folded. */
static bool
read_name(const struct reading *r, struct slice name)
{
	struct folded folded;

	if (looks_like_ip4(name)) {
		fail(r, name, SLUG_BAD_IP, "an IP address");
		return false;
	}
	if (mem_folded(fold_domain(name, &folded)) != FOLD_OK || folded.full.ptr[0] == '[' ||
	    looks_like_ip4(folded.full)) {
		fail(r, name, SLUG_BAD_DOMAIN, "a host name");
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

static bool
refuse_colons(const struct reading *r)
{
	struct diagnostic *d = fail(r, r->text, SLUG_BAD_IP, "a host");
	struct ip ip;

	if (ip6_parse(r->text, &ip))
		diagnostic_help(&r->conf->diagnostics, d,
		    "an IPv6 address wants brackets: [%.*s]", SLICE_ARG(r->text));
	return false;
}

bool
value_host(struct conf *conf, const struct source *source, struct item item,
    enum host_of of, struct host *host)
{
	struct reading r = {conf, source, item, {NULL, 0}, host};
	struct hop_word word;

	*host = (struct host){.kind = HOST_NAME, .at = item_span(item)};
	if (!value_text(conf, source, item, &r.text))
		return false;
	word = hop_word(r.text, (item_flags(item) & ITEM_QUOTED) == 0);
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
		return true;
	case HOP_WORD_BRACKETS:
		return read_bracketed(&r, &word);
	case HOP_WORD_OPEN:
		fail(&r, r.text, SLUG_BAD_IP, "an address in brackets");
		return false;
	case HOP_WORD_COLONS:
		return refuse_colons(&r);
	case HOP_WORD_HOST:
		break;
	}
	return read_host_port(&r, &word);
}
