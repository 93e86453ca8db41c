#include "smtp/address.h"

#include <stdio.h>
#include <stdint.h>
#include <string.h>

/* The length of the UTF-8 sequence at p if it is a good one and no control character, else 0. */
static size_t
character(const unsigned char *p)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t c = p[0];
	size_t n, i;

	if (c < 0x80)
		return c >= 0x20 && c != 0x7F ? 1 : 0;
	n = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
	if (c < 0xC2 || c > 0xF4)
		return 0;
	c &= 0x7FU >> n;
	for (i = 1; i < n; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3F);
	}
	/* C1 controls, overlong forms, surrogates */
	if (c < 0xA0 || c < least[n] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		return 0;
	return n;
}

static bool
text_ok(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t n;

	while (*p != '\0') {
		n = character(p);
		if (n == 0)
			return false;
		p += n;
	}
	return true;
}

static bool
is_ascii(struct slice s)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] >= 0x80)
			return false;
	return true;
}

static bool
is_plain(struct slice s)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if (s.ptr[i] == ' ' || s.ptr[i] == '<' || s.ptr[i] == '>')
			return false;
	return true;
}

/* A quoted-string of RFC 5321 that is the whole of s: every quote inside is escaped. */
static bool
is_quoted(struct slice s)
{
	size_t i;

	if (s.len < 2 || s.ptr[0] != '"' || s.ptr[s.len - 1] != '"')
		return false;
	for (i = 1; i < s.len - 1; i++) {
		if (s.ptr[i] == '"')
			return false;
		if (s.ptr[i] == '\\' && ++i == s.len - 1)
			return false;
	}
	return true;
}

bool
name_ok(const char *name)
{
	struct slice s = slice_str(name);

	return s.len != 0 && s.len <= NAME_MAX_LENGTH && is_ascii(s) && is_plain(s) && text_ok(name);
}

bool
login_ok(const char *login)
{
	for (; *login != '\0'; login++)
		if ((unsigned char)*login < 0x20 || *login == 0x7F)
			return false;
	return true;
}

/* Splits at the last '@'; without one there is no domain. */
static void
split(const char *in, struct slice *local, struct slice *domain)
{
	const char *at = strrchr(in, '@');

	*local = at == NULL ? slice_str(in) : slice(in, (size_t)(at - in));
	*domain = at == NULL ? slice(NULL, 0) : slice_str(at + 1);
}

static const char *
put_domain(struct address *address, struct slice local, struct slice domain)
{
	struct folded folded;
	enum fold_status status = fold_domain(domain, &folded);

	if (status == FOLD_MEMORY)
		return "out of memory";
	if (status == FOLD_OK)
		snprintf(address->domain, sizeof(address->domain), "%.*s",
		    (int)folded.domain.len, folded.domain.ptr);
	else if (is_ascii(domain))
		snprintf(address->domain, sizeof(address->domain), "%s", domain.ptr);
	else
		return "its domain is not one";
	/* The dot that some write behind the root has no place in SMTP, where servers refuse it. */
	if (is_ascii(domain) && status == FOLD_OK && domain.ptr[domain.len - 1] == '.')
		address->text[strlen(address->text) - 1] = '\0';
	if (!is_ascii(domain))
		snprintf(address->text, sizeof(address->text), "%.*s@%s", (int)local.len,
		    local.ptr, address->domain);
	return NULL;
}

const char *
address_parse(struct address *address, const char *in)
{
	struct slice local, domain;

	memset(address, 0, sizeof(*address));
	if (strlen(in) > ADDRESS_MAX)
		return "it is too long";
	if (!text_ok(in))
		return "it holds a control byte or is not UTF-8";
	split(in, &local, &domain);
	if (!is_plain(domain) || (!is_plain(local) && !is_quoted(local)))
		return "it holds a blank, '<' or '>' outside quotes";
	snprintf(address->text, sizeof(address->text), "%s", in);
	address->utf8 = !is_ascii(local);
	if (domain.ptr == NULL)
		return NULL;
	if (local.len == 0 || domain.len == 0)
		return "it lacks a local part or a domain";
	return put_domain(address, local, domain);
}
