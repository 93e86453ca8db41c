/* host.c - where `via` and `relay` lead: HOST[:PORT], @NAME, mx, mx:DOMAIN. */
#include "base/fold.h"
#include "base/utf8.h"
#include "base/number.h"
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
fail(const struct reading *r, struct slice where, const char *slug, const char *what)
{
	const char *odd = utf8_lookalike(where);
	struct diagnostic *d = diagnose(&r->conf->diagnostics, SEVERITY_ERROR, part(r, where), slug,
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
		diagnose(&r->conf->diagnostics, SEVERITY_ERROR, part(r, digits), "bad-port",
		    "the port after ':' is missing");
	else if (memchr(digits.ptr, '@', digits.len) != NULL)
		/* "u:s3cret@h.example": not to be shown. */
		diagnose(&r->conf->diagnostics, SEVERITY_ERROR, part(r, digits), "bad-port",
		    "what stands behind ':' is no port");
	else
		diagnose(&r->conf->diagnostics, SEVERITY_ERROR, part(r, digits), "bad-port",
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
read_bracketed(const struct reading *r)
{
	const char *close = memchr(r->text.ptr, ']', r->text.len);
	struct slice inner, rest;
	struct ip ip;

	if (close == NULL) {
		fail(r, r->text, "bad-ip", "an address in brackets");
		return false;
	}
	inner = slice(r->text.ptr + 1, (size_t)(close - r->text.ptr) - 1);
	rest = slice(close + 1, r->text.len - inner.len - 2);
	if (!ip6_parse(inner, &ip)) {
		struct diagnostic *d = fail(r, inner, "bad-ip", "an IPv6 address");

		if (ip4_parse(inner, &ip))
			diagnostic_help(&r->conf->diagnostics, d,
			    "an IPv4 address stands without brackets");
		else if (memchr(inner.ptr, ':', inner.len) == NULL)
			diagnostic_help(&r->conf->diagnostics, d,
			    "a name stands without brackets: its MX is never looked up");
		return false;
	}
	keep_ip(r, &ip);
	if (rest.len == 0)
		return true;
	if (rest.ptr[0] != ':') {
		fail(r, rest, "bad-port", "a port: ':PORT' may follow the brackets");
		return false;
	}
	return read_port(r, slice(rest.ptr + 1, rest.len - 1));
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
		fail(r, name, "bad-ip", "an IP address");
		return false;
	}
	if (mem_folded(fold_domain(name, &folded)) != FOLD_OK || folded.full.ptr[0] == '[' ||
	    looks_like_ip4(folded.full)) {
		fail(r, name, "bad-domain", "a host name");
		return false;
	}
	r->host->name = arena_copy(&r->conf->arena, folded.full);
	return true;
}

static bool
read_host_port(const struct reading *r)
{
	const char *colon = memrchr(r->text.ptr, ':', r->text.len);
	struct slice name = r->text;
	struct ip ip;

	if (colon != NULL && memchr(r->text.ptr, ':', (size_t)(colon - r->text.ptr)) != NULL) {
		struct diagnostic *d = fail(r, r->text, "bad-ip", "a host");

		if (ip6_parse(r->text, &ip))
			diagnostic_help(&r->conf->diagnostics, d,
			    "an IPv6 address wants brackets: [%.*s]", SLICE_ARG(r->text));
		return false;
	}
	if (colon != NULL)
		name.len = (size_t)(colon - r->text.ptr);
	if (ip4_parse(name, &ip))
		keep_ip(r, &ip);
	else if (!read_name(r, name))
		return false;
	return colon == NULL || read_port(r, slice(colon + 1, r->text.len - name.len - 1));
}

bool
value_host(struct conf *conf, const struct source *source, struct item item, bool via,
    struct host *host)
{
	struct reading r = {conf, source, item, {NULL, 0}, host};

	*host = (struct host){.kind = HOST_NAME, .at = {item.pos, item_end(item)}};
	if (!value_text(conf, source, item, &r.text))
		return false;
	if (via && (item_flags(item) & ITEM_QUOTED) == 0) {
		if (slice_is(r.text, "mx")) {
			host->kind = HOST_MX;
			return true;
		}
		if (r.text.len >= 3 && memcmp(r.text.ptr, "mx:", 3) == 0) {
			host->kind = HOST_MX_OF;
			return read_name(&r, slice(r.text.ptr + 3, r.text.len - 3));
		}
		if (r.text.ptr[0] == '@') {
			host->kind = HOST_RELAY;
			host->name = slice(r.text.ptr + 1, r.text.len - 1);
			return true;
		}
	}
	if (r.text.len > 0 && r.text.ptr[0] == '[')
		return read_bracketed(&r);
	return read_host_port(&r);
}
