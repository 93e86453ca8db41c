#include "base/ip.h"

#include <arpa/inet.h>

/* inet_pton takes a string; nothing longer is an address. */
static bool
read_bytes(int af, struct slice in, unsigned char *bytes)
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
	return read_bytes(AF_INET, in, ip->bytes);
}

bool
ip6_parse(struct slice in, struct ip *ip)
{
	*ip = (struct ip){.family = 6};
	return read_bytes(AF_INET6, in, ip->bytes);
}

bool
ip_parse(struct slice in, struct ip *ip)
{
	return ip4_parse(in, ip) || ip6_parse(in, ip);
}

size_t
ip_format(const struct ip *ip, char out[IP_TEXT_SIZE])
{
	static const unsigned char zeros[12];
	struct ip shown = *ip;

	/* libc would write ::1.2.3.4: it is given 1::102:304, and loses the digit. */
	if (ip->family == 6 && memcmp(ip->bytes, zeros, sizeof(zeros)) == 0 &&
	    (ip->bytes[12] | ip->bytes[13]) != 0)
		shown.bytes[1] = 1;
	inet_ntop(ip->family == 4 ? AF_INET : AF_INET6, shown.bytes, out, IP_TEXT_SIZE);
	if (shown.bytes[1] != ip->bytes[1])
		memmove(out, out + 1, strlen(out));
	return strlen(out);
}
