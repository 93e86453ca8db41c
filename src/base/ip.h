/* ip.h - IP addresses: text to bytes and back. */
#ifndef BASE_IP_H
#define BASE_IP_H

#include "base/slice.h"

#define IP_TEXT_SIZE 46

/* family is 4 or 6; bytes in network order, 4 or 16 of them, the rest zero. */
struct ip {
	int family;
	unsigned char bytes[16];
};

/* Dotted quad, four parts, no leading zeros. */
bool ip4_parse(struct slice in, struct ip *ip);

/* IPv6 without brackets and without a zone. */
bool ip6_parse(struct slice in, struct ip *ip);

/* Either of them. */
bool ip_parse(struct slice in, struct ip *ip);

/* Writes the address as RFC 5952 has it, NUL-terminated; returns its length. */
size_t ip_format(const struct ip *ip, char out[IP_TEXT_SIZE]);

#endif
