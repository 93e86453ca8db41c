#include "base/fold.h"

#include "base/chunk.h"
#include "base/idna.h"
#include "base/ip.h"

/* What an attempt to fold a domain as ASCII came to. */
enum ascii { ASCII_OK, ASCII_BAD, ASCII_HIGH };

size_t
fold_at(struct slice in)
{
	size_t end = in.len;

	while (end > 0) {
		size_t n = end < CHUNK_SIZE ? end : CHUNK_SIZE;
		const char *p = in.ptr + end - n;
		CHUNK c = n < CHUNK_SIZE ? chunk_load_short(p, n) : chunk_load(p);
		unsigned mask = chunk_equal(c, '@');

		if (mask != 0)
			return end - n + 31u - (unsigned)__builtin_clz(mask);
		end -= n;
	}
	return in.len;
}

/* Lower case; writes up to a chunk beyond out + len. */
static void
lower(struct slice in, char *out)
{
	size_t i;

	for (i = 0; in.len - i >= CHUNK_SIZE; i += CHUNK_SIZE)
		chunk_store(out + i, chunk_lower(chunk_load(in.ptr + i)));
	if (i < in.len)
		chunk_store(out + i,
		    chunk_lower(chunk_load_short(in.ptr + i, in.len - i)));
}

static bool
has_high(struct slice in)
{
	size_t i;

	for (i = 0; i < in.len; i++)
		if ((unsigned char)in.ptr[i] > 0x7f)
			return true;
	return false;
}

static bool
labels_fit(const char *name, size_t len)
{
	size_t label = 0, i;

	for (i = 0; i < len; i++) {
		label = name[i] == '.' ? 0 : label + 1;
		if (label > FOLD_LABEL_MAX)
			return false;
	}
	return true;
}

/*
 * Folds a domain without its trailing dot, 1 to FOLD_DOMAIN_MAX bytes.
 * Chunks overlap by a byte at least, so that each pair of neighbours lies in
 * one of them and empty labels show within a chunk.
 */
static enum ascii
fold_ascii(const char *in, size_t len, char *out)
{
	unsigned good, high, dots, pairs, all = 0xffff;

	if (len < CHUNK_SIZE) {
		CHUNK c = chunk_lower(chunk_load_short(in, len));

		chunk_store(out, c);
		all >>= CHUNK_SIZE - len;
		good = chunk_domain(c);
		high = chunk_high(c);
		dots = chunk_equal(c, '.');
		pairs = dots & dots >> 1;
	} else {
		size_t i = 0;

		for (good = all, high = pairs = 0;; i += CHUNK_SIZE - 1) {
			CHUNK c;

			if (i > len - CHUNK_SIZE)
				i = len - CHUNK_SIZE;
			c = chunk_lower(chunk_load(in + i));
			chunk_store(out + i, c);
			good &= chunk_domain(c);
			high |= chunk_high(c);
			dots = chunk_equal(c, '.');
			pairs |= dots & dots >> 1;
			if (i == len - CHUNK_SIZE)
				break;
		}
	}
	if (high != 0)
		return ASCII_HIGH;
	if ((good & all) != all || pairs != 0 || out[0] == '.' || out[len - 1] == '.')
		return ASCII_BAD;
	return len <= FOLD_LABEL_MAX || labels_fit(out, len) ? ASCII_OK : ASCII_BAD;
}

/* The same for any length, with or without a trailing dot. */
static enum ascii
fold_name(struct slice in, char *out, size_t *len)
{
	size_t n = in.len;

	if (n > 0 && in.ptr[n - 1] == '.')
		n--;
	*len = n;
	if (n - 1 < FOLD_DOMAIN_MAX)
		return fold_ascii(in.ptr, n, out);
	return has_high(in) ? ASCII_HIGH : ASCII_BAD;
}

static enum fold_status
fold_international(struct slice in, char *out, size_t *len)
{
	char ascii[IDNA_SIZE];
	enum fold_status status;
	size_t n;

	status = idna_to_ascii(in, ascii, &n);
	if (status != FOLD_OK)
		return status;
	return fold_name(slice(ascii, n), out, len) == ASCII_OK ? FOLD_OK : FOLD_BAD;
}

/* "[192.0.2.1]" or "[IPv6:2001:db8::1]". */
static enum fold_status
fold_literal(struct slice in, char *out, size_t *len)
{
	enum { TAG = sizeof("[ipv6:") - 1 };
	char head[CHUNK_SIZE];
	struct ip ip;
	size_t n = 1;

	if (in.len < 2 || in.ptr[in.len - 1] != ']')
		return FOLD_BAD;
	lower(slice(in.ptr, in.len < TAG ? in.len : TAG), head);
	if (in.len > TAG && memcmp(head, "[ipv6:", TAG) == 0) {
		if (!ip6_parse(slice(in.ptr + TAG, in.len - TAG - 1), &ip))
			return FOLD_BAD;
		memcpy(out, "[IPv6:", TAG);
		n = TAG;
	} else if (ip4_parse(slice(in.ptr + 1, in.len - 2), &ip)) {
		out[0] = '[';
	} else {
		return FOLD_BAD;
	}
	n += ip_format(&ip, out + n);
	out[n++] = ']';
	*len = n;
	return FOLD_OK;
}

/* Folds into out, which has room for FOLD_DOMAIN_MAX bytes and a chunk. */
static enum fold_status
fold_into(struct slice in, char *out, struct slice *domain)
{
	enum fold_status status;
	size_t len;

	*domain = slice(NULL, 0);
	if (in.len > 0 && in.ptr[0] == '[') {
		status = fold_literal(in, out, &len);
	} else {
		switch (fold_name(in, out, &len)) {
		case ASCII_OK:
			status = FOLD_OK;
			break;
		case ASCII_HIGH:
			status = fold_international(in, out, &len);
			break;
		default:
			status = FOLD_BAD;
		}
	}
	if (status == FOLD_OK)
		*domain = slice(out, len);
	return status;
}

enum fold_status
fold_domain(struct slice in, struct folded *f)
{
	enum fold_status status = fold_into(in, f->buf, &f->domain);

	f->full = f->domain;
	return status;
}

/* RFC 5321's atext, and what RFC 6531 adds to it. */
static bool
is_atext(unsigned char c)
{
	return c > 0x7f || (c > ' ' && c < 0x7f && strchr("\"(),.:;<>@[\\]", c) == NULL);
}

static bool
is_dot_atom(const char *p, size_t len)
{
	bool dot = true;
	size_t i;

	for (i = 0; i < len; i++) {
		if (p[i] == '.' ? dot : !is_atext((unsigned char)p[i]))
			return false;
		dot = p[i] == '.';
	}
	return !dot;
}

/*
 * Takes the quotes and backslashes off a quoted string.  False: it is not
 * one, from the first byte to the last.
 */
static bool
unquote(struct slice in, char *out, size_t *len)
{
	size_t i, n = 0;

	if (in.len < 2 || in.ptr[in.len - 1] != '"')
		return false;
	for (i = 1; i < in.len - 1; i++) {
		if (in.ptr[i] == '"')
			return false;
		if (in.ptr[i] == '\\' && ++i == in.len - 1)
			return false;
		out[n++] = in.ptr[i];
	}
	*len = n;
	return true;
}

/* Writes text as a quoted string; it grew out of one no shorter. */
static size_t
quote(struct slice text, char *out)
{
	size_t i, n = 0;

	out[n++] = '"';
	for (i = 0; i < text.len; i++) {
		if (text.ptr[i] == '"' || text.ptr[i] == '\\')
			out[n++] = '\\';
		out[n++] = text.ptr[i];
	}
	out[n++] = '"';
	return n;
}

/* Folds a local part of at most FOLD_LOCAL_MAX bytes; returns its length. */
static size_t
fold_local(struct slice in, char *out)
{
	char text[FOLD_LOCAL_MAX];
	size_t len;

	lower(in, out);
	if (in.len == 0 || in.ptr[0] != '"' || !unquote(slice(out, in.len), text, &len))
		return in.len;
	if (!is_dot_atom(text, len))
		return quote(slice(text, len), out);
	memcpy(out, text, len);
	return len;
}

enum fold_status
fold_address(struct slice in, struct folded *f)
{
	size_t at = fold_at(in), len = 0;
	bool fits = at <= FOLD_LOCAL_MAX;
	enum fold_status status;

	f->full = slice(NULL, 0);
	if (at == in.len)
		return fold_into(in, f->buf, &f->domain);
	if (fits)
		len = fold_local(slice(in.ptr, at), f->buf);
	f->buf[len] = '@';
	status = fold_into(slice(in.ptr + at + 1, in.len - at - 1),
	    f->buf + len + 1, &f->domain);
	if (status != FOLD_OK)
		return status;
	if (!fits)
		return FOLD_LONG;
	if (len > 0)
		f->full = slice(f->buf, len + 1 + f->domain.len);
	return FOLD_OK;
}

/* Folds what follows the last '@' of a login of login_len bytes, or all of it. */
static enum fold_status
fold_realm(struct slice in, size_t login_len, char *out, struct slice *realm)
{
	enum fold_status status = fold_into(in, out, realm);

	if (status != FOLD_BAD)
		return status;
	if (login_len > FOLD_LOCAL_MAX)
		return FOLD_LONG;
	lower(in, out);
	if (in.len > 0)
		*realm = slice(out, in.len);
	return FOLD_OK;
}

enum fold_status
fold_login(struct slice in, struct folded *f)
{
	size_t at = fold_at(in), start = at < in.len ? at + 1 : 0;
	bool fits = start <= FOLD_LOCAL_MAX + 1;
	char *out = f->buf;
	enum fold_status status;

	f->full = f->domain = slice(NULL, 0);
	if (in.len == 0)
		return FOLD_OK;
	if (fits) {
		lower(slice(in.ptr, start), out);
		out += start;
	}
	status = fold_realm(slice(in.ptr + start, in.len - start), in.len, out,
	    &f->domain);
	if (status != FOLD_OK)
		return status;
	if (fits)
		f->full = slice(f->buf, start + f->domain.len);
	if (start == 0)
		f->domain = slice(NULL, 0);
	return fits ? FOLD_OK : FOLD_LONG;
}
