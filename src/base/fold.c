#include "base/fold.h"

#include "base/chunk.h"
#include "base/hot.h"
#include "base/idna.h"
#include "base/ip.h"

/* Number of the highest bit set. */
static inline size_t
top_bit(unsigned mask)
{
	return 31u - (unsigned)__builtin_clz(mask);
}

HOT size_t
find_at(struct slice in)
{
	size_t from;
	unsigned mask;

	if (in.len < CHUNK_SIZE) {
		mask = in.len == 0 ? 0 :
		    chunk_equal(chunk_load_short(in.ptr, in.len), '@');
		return mask != 0 ? top_bit(mask) : in.len;
	}
	for (from = in.len - CHUNK_SIZE;; from = from > CHUNK_SIZE ? from - CHUNK_SIZE : 0) {
		mask = chunk_equal(chunk_load(in.ptr + from), '@');
		if (mask != 0)
			return from + top_bit(mask);
		if (from == 0)
			return in.len;
	}
}

size_t
fold_at(struct slice in)
{
	return find_at(in);
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

/* Bytes that no folded domain has, and dots side by side; *dots: all dots. */
HOT unsigned
domain_flaws(CHUNK c, unsigned all, unsigned *dots)
{
	*dots = chunk_equal(c, '.');
	return (~chunk_domain(c) & all) | (*dots & *dots >> 1);
}

/*
 * Whether a name, without a trailing dot, is a folded domain.  Chunks
 * overlap by a byte at least, so that any two neighbours lie in one of them
 * and empty labels show within a chunk.
 */
HOT bool
is_domain(const char *p, size_t len)
{
	const unsigned all = 0xffff;
	unsigned flaws, first, last;
	size_t i;

	if (len - 1 >= FOLD_DOMAIN_MAX)
		return false;
	if (len < CHUNK_SIZE) {
		flaws = domain_flaws(chunk_load_short(p, len),
		    all >> (CHUNK_SIZE - len), &first);
		last = first >> (len - 1);
	} else {
		flaws = domain_flaws(chunk_load(p), all, &first);
		for (i = CHUNK_SIZE - 1; i < len - CHUNK_SIZE; i += CHUNK_SIZE - 1)
			flaws |= domain_flaws(chunk_load(p + i), all, &last);
		flaws |= domain_flaws(chunk_load(p + len - CHUNK_SIZE), all, &last);
		last >>= CHUNK_SIZE - 1;
	}
	if ((flaws | ((first | last) & 1)) != 0)
		return false;
	return len <= FOLD_LABEL_MAX || labels_fit(p, len);
}

/* Without one trailing dot. */
HOT size_t
domain_len(struct slice in)
{
	return in.len > 0 && in.ptr[in.len - 1] == '.' ? in.len - 1 : in.len;
}

HOT bool
has_upper(const char *p, size_t len)
{
	size_t i;

	for (i = 0; len - i >= CHUNK_SIZE; i += CHUNK_SIZE)
		if (chunk_upper(chunk_load(p + i)) != 0)
			return true;
	return i < len && chunk_upper(chunk_load_short(p + i, len - i)) != 0;
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

/*
 * Folds a domain that is_domain refused into out, which has room for
 * FOLD_DOMAIN_MAX bytes and a chunk.
 */
COLD enum fold_status
fold_special(struct slice in, char *out, struct slice *domain)
{
	enum fold_status status = FOLD_BAD;
	char ascii[IDNA_SIZE];
	size_t len;

	*domain = slice(NULL, 0);
	if (in.len > 0 && in.ptr[0] == '[') {
		status = fold_literal(in, out, &len);
	} else {
		if (has_high(in)) {
			status = idna_to_ascii(in, ascii, &len);
			if (status != FOLD_OK)
				return status;
			in = slice(ascii, len);
		}
		len = domain_len(in);
		if (len > FOLD_DOMAIN_MAX)
			return FOLD_BAD;
		lower(slice(in.ptr, len), out);
		status = is_domain(out, len) ? FOLD_OK : FOLD_BAD;
	}
	if (status == FOLD_OK)
		*domain = slice(out, len);
	return status;
}

/* Folds into out only what is not folded yet. */
HOT enum fold_status
fold_into(struct slice in, char *out, struct slice *domain)
{
	size_t len = domain_len(in);

	if (!is_domain(in.ptr, len))
		return fold_special(in, out, domain);
	*domain = slice(in.ptr, len);
	return FOLD_OK;
}

enum fold_status
fold_domain(struct slice in, struct folded *f)
{
	enum fold_status status = fold_into(in, f->buf, &f->domain);

	f->full = f->domain;
	return status;
}

/*
 * The length of the domain behind an '@' in the last chunk of an address; 0:
 * there is no '@', or the domain is not folded.
 */
HOT size_t
short_domain(CHUNK c)
{
	unsigned at = chunk_equal(c, '@'), all, first, dots;

	if (at == 0)
		return 0;
	all = 0xffff & ~((2u << top_bit(at)) - 1);
	first = all & -all;
	dots = chunk_equal(c, '.') & all;
	if (((~chunk_domain(c) & all) | (dots & dots >> 1) | (dots & first) |
	    dots >> (CHUNK_SIZE - 1)) != 0)
		return 0;
	return CHUNK_SIZE - 1 - top_bit(at);
}

enum fold_status
fold_domain_of(struct slice in, struct folded *f)
{
	size_t at, len;

	f->full = slice(NULL, 0);
	if (in.len >= CHUNK_SIZE) {
		len = short_domain(chunk_load(in.ptr + in.len - CHUNK_SIZE));
		if (len != 0) {
			f->domain = slice(in.ptr + in.len - len, len);
			return FOLD_OK;
		}
	}
	at = find_at(in);
	if (at < in.len)
		in = slice(in.ptr + at + 1, in.len - at - 1);
	return fold_into(in, f->buf, &f->domain);
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

/* Copies a domain that lies elsewhere behind what stands before it. */
static void
put_domain(struct slice *domain, char *out)
{
	if (domain->ptr == out)
		return;
	memcpy(out, domain->ptr, domain->len);
	domain->ptr = out;
}

/* Folds an address that is not folded yet, or does not fit. */
COLD enum fold_status
fold_address_slowly(struct slice in, size_t at, struct folded *f)
{
	struct slice domain = slice(in.ptr + at + 1, in.len - at - 1);
	bool fits = at <= FOLD_LOCAL_MAX;
	size_t len = fits ? fold_local(slice(in.ptr, at), f->buf) : 0;
	char *out = f->buf + len + 1;
	enum fold_status status;

	f->buf[len] = '@';
	status = fold_into(domain, out, &f->domain);
	if (status != FOLD_OK)
		return status;
	put_domain(&f->domain, out);
	if (!fits)
		return FOLD_LONG;
	if (len > 0)
		f->full = slice(f->buf, len + 1 + f->domain.len);
	return FOLD_OK;
}

enum fold_status
fold_address(struct slice in, struct folded *f)
{
	size_t at = find_at(in), len;
	const char *domain = in.ptr + at + 1;

	f->full = slice(NULL, 0);
	if (at == in.len)
		return fold_into(in, f->buf, &f->domain);
	len = domain_len(slice(domain, in.len - at - 1));
	if (at == 0 || at > FOLD_LOCAL_MAX || in.ptr[0] == '"' ||
	    has_upper(in.ptr, at) || !is_domain(domain, len))
		return fold_address_slowly(in, at, f);
	f->full = slice(in.ptr, at + 1 + len);
	f->domain = slice(domain, len);
	return FOLD_OK;
}

/*
 * Folds a login that is not folded yet, does not fit, or does not end in a
 * domain; start is where its last part begins.
 */
COLD enum fold_status
fold_login_slowly(struct slice in, size_t start, struct folded *f)
{
	struct slice last = slice(in.ptr + start, in.len - start);
	bool fits = start <= FOLD_LOCAL_MAX + 1;
	char *out = f->buf;
	enum fold_status status;

	if (fits) {
		lower(slice(in.ptr, start), out);
		out += start;
	}
	status = fold_into(last, out, &f->domain);
	if (status == FOLD_BAD && in.len <= FOLD_LOCAL_MAX) {
		lower(last, out);
		if (last.len > 0)
			f->domain = slice(out, last.len);
		status = FOLD_OK;
	} else if (status == FOLD_OK) {
		put_domain(&f->domain, out);
	}
	if (status != FOLD_OK)
		return status == FOLD_BAD ? FOLD_LONG : status;
	if (fits)
		f->full = slice(f->buf, start + f->domain.len);
	if (start == 0)
		f->domain = slice(NULL, 0);
	return fits ? FOLD_OK : FOLD_LONG;
}

enum fold_status
fold_login(struct slice in, struct folded *f)
{
	size_t at = find_at(in), start = at < in.len ? at + 1 : 0, len;

	f->full = f->domain = slice(NULL, 0);
	if (in.len == 0)
		return FOLD_OK;
	len = domain_len(slice(in.ptr + start, in.len - start));
	if (start > FOLD_LOCAL_MAX + 1 || has_upper(in.ptr, start) ||
	    !is_domain(in.ptr + start, len))
		return fold_login_slowly(in, start, f);
	f->full = slice(in.ptr, start + len);
	if (start > 0)
		f->domain = slice(in.ptr + start, len);
	return FOLD_OK;
}
