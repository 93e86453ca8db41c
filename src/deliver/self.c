#include "deliver/self.h"

#include <netinet/in.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

static bool
same_name(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);

	if (n > 0 && a[n - 1] == '.')
		n--;
	if (m > 0 && b[m - 1] == '.')
		m--;
	return n == m && n > 0 && strncasecmp(a, b, n) == 0;
}

bool
self_is_named(const struct self *self, const char *name)
{
	size_t i;

	for (i = 0; i < self->source_count; i++)
		if (self->sources[i].helo != NULL && same_name(name, self->sources[i].helo))
			return true;
	return same_name(name, self->helo) || same_name(name, self->hostname) ||
	    same_name(name, self->full);
}

/* "::ffff:192.0.2.1" is 192.0.2.1. */
static struct ip
unmapped(const struct ip *ip)
{
	static const unsigned char prefix[12] = {[10] = 0xFF, [11] = 0xFF};
	struct ip v4 = {.family = 4};

	if (ip->family != 6 || memcmp(ip->bytes, prefix, sizeof(prefix)) != 0)
		return *ip;
	memcpy(v4.bytes, ip->bytes + sizeof(prefix), 4);
	return v4;
}

bool
self_is_nowhere(const struct ip *ip)
{
	static const unsigned char zeros[15];
	struct ip plain = unmapped(ip);

	if (plain.family == 4)
		return plain.bytes[0] == 127 || plain.bytes[0] == 0;
	return memcmp(plain.bytes, zeros, sizeof(zeros)) == 0 && plain.bytes[15] <= 1;
}

static bool
same_address(const struct sockaddr *address, const struct ip *ip)
{
	const struct sockaddr_in6 *v6 = (const void *)address;
	const struct sockaddr_in *v4 = (const void *)address;

	if (address->sa_family == AF_INET6)
		return ip->family == 6 && memcmp(&v6->sin6_addr, ip->bytes, 16) == 0;
	return address->sa_family == AF_INET && ip->family == 4 &&
	    memcmp(&v4->sin_addr, ip->bytes, 4) == 0;
}

bool
self_has(const struct ifaddrs *interfaces, const struct ip *ip)
{
	struct ip plain = unmapped(ip);

	for (; interfaces != NULL; interfaces = interfaces->ifa_next)
		if (interfaces->ifa_addr != NULL && same_address(interfaces->ifa_addr, &plain))
			return true;
	return false;
}
