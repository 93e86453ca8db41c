#include "base/ip.h"

#include <arpa/inet.h>

/* inet_pton takes a string; nothing longer is an address. */
static bool
parse(int af, struct slice in, unsigned char *bytes)
{
	char text[IP_TEXT_SIZE];

	if (in.len == 0 || in.len >= sizeof(text) ||
	    memchr(in.ptr, '\0', in.len) != NULL)
		return false;
	memcpy(text, in.ptr, in.len);
	text[in.len] = '\0';
	return inet_pton(af, text, bytes) == 1;
}

bool
ip4_parse(struct slice in, struct ip *ip)
{
	*ip = (struct ip){.family = 4};
	return parse(AF_INET, in, ip->bytes);
}

bool
ip6_parse(struct slice in, struct ip *ip)
{
	*ip = (struct ip){.family = 6};
	return parse(AF_INET6, in, ip->bytes);
}

bool
ip_parse(struct slice in, struct ip *ip)
{
	return ip4_parse(in, ip) || ip6_parse(in, ip);
}

static char *
put_decimal(char *p, unsigned n)
{
	if (n >= 100)
		*p++ = (char)('0' + n / 100);
	if (n >= 10)
		*p++ = (char)('0' + n / 10 % 10);
	*p++ = (char)('0' + n % 10);
	return p;
}

static char *
put_quad(char *p, const unsigned char *bytes)
{
	int i;

	for (i = 0; i < 4; i++) {
		if (i > 0)
			*p++ = '.';
		p = put_decimal(p, bytes[i]);
	}
	return p;
}

static char *
put_group(char *p, unsigned n)
{
	int shift = 12;

	while (shift > 0 && n >> shift == 0)
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		*p++ = "0123456789abcdef"[n >> shift & 15];
	return p;
}

static unsigned
group(const struct ip *ip, int i)
{
	return (unsigned)ip->bytes[2 * i] << 8 | ip->bytes[2 * i + 1];
}

/* The longest run of two or more zero groups, the first of equals (RFC 5952, 4.2). */
static int
longest_zeros(const struct ip *ip, int *first)
{
	int best = 1, run = 0, i;

	*first = -1;
	for (i = 0; i < 8; i++) {
		run = group(ip, i) == 0 ? run + 1 : 0;
		if (run > best) {
			best = run;
			*first = i - run + 1;
		}
	}
	return best;
}

static char *
put_groups(char *p, const struct ip *ip)
{
	int first, zeros = longest_zeros(ip, &first), i = 0;

	while (i < 8) {
		if (i == first) {
			*p++ = ':';
			*p++ = ':';
			i += zeros;
			continue;
		}
		if (i > 0 && i != first + zeros)
			*p++ = ':';
		p = put_group(p, group(ip, i++));
	}
	return p;
}

size_t
ip_format(const struct ip *ip, char out[IP_TEXT_SIZE])
{
	static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
	char *p = out;

	if (ip->family == 4) {
		p = put_quad(p, ip->bytes);
	} else if (memcmp(ip->bytes, mapped, sizeof(mapped)) == 0) {
		memcpy(p, "::ffff:", 7);
		p = put_quad(p + 7, ip->bytes + 12);
	} else {
		p = put_groups(p, ip);
	}
	*p = '\0';
	return (size_t)(p - out);
}
