#include "talk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As Postfix 3.7 asks for a recipient. */
static size_t
ask_policy(char out[TALK_MAX], const char *domain, uint64_t n)
{
	return (size_t)snprintf(out, TALK_MAX,
	    "request=smtpd_access_policy\nprotocol_state=RCPT\nprotocol_name=ESMTP\n"
	    "client_address=192.0.2.17\nclient_name=client.example.com\nclient_port=41322\n"
	    "reverse_client_name=client.example.com\nserver_address=192.0.2.25\nserver_port=587\n"
	    "helo_name=client.example.com\nsender=newsletter@example.com\nrecipient=someone@%s\n"
	    "recipient_count=0\nqueue_id=\ninstance=%llx.65f1c2a0.3d7f4.0\nsize=20480\n"
	    "etrn_domain=\nstress=\nsasl_method=PLAIN\nsasl_username=someone@example.com\n"
	    "sasl_sender=\nccert_subject=\nccert_issuer=\nccert_fingerprint=\n"
	    "ccert_pubkey_fingerprint=\nencryption_protocol=TLSv1.3\n"
	    "encryption_cipher=TLS_AES_256_GCM_SHA384\nencryption_keysize=256\npolicy_context=\n\n",
	    domain, (unsigned long long)n);
}

/* Up to two line ends in a row. */
static size_t
whole_policy(const char *in, size_t len)
{
	const char *end = memmem(in, len, "\n\n", 2);

	return end == NULL ? 0 : (size_t)(end + 2 - in);
}

static size_t
ask_socketmap(char out[TALK_MAX], const char *domain, uint64_t n)
{
	(void)n;
	return (size_t)snprintf(
	    out, TALK_MAX, "%zu:transport someone@%s,", strlen(domain) + 18, domain);
}

static size_t
whole_socketmap(const char *in, size_t len)
{
	const char *colon = memchr(in, ':', len);
	size_t all;

	if (colon == NULL)
		return 0;
	all = (size_t)(colon + 1 - in) + strtoul(in, NULL, 10) + 1;
	return all <= len ? all : 0;
}

/* The recipient in base64; login and sender are empty words. */
static size_t
ask_exim(char out[TALK_MAX], const char *domain, uint64_t n)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char address[256];
	size_t len = (size_t)snprintf(address, sizeof(address), "someone@%s", domain);
	size_t used = (size_t)snprintf(out, TALK_MAX, "route  ");

	(void)n;
	out[used++] = ' ';
	for (size_t i = 0; i < len; i += 3) {
		unsigned bits = 0;

		for (size_t j = 0; j < 3; j++)
			bits = bits << 8 | (i + j < len ? (unsigned char)address[i + j] : 0);
		for (size_t j = 0; j < 4; j++)
			out[used++] = i + j > len ? '=' : digits[bits >> (18 - 6 * j) & 63];
	}
	out[used++] = '\n';
	return used;
}

static size_t
whole_line(const char *in, size_t len)
{
	const char *end = memchr(in, '\n', len);

	return end == NULL ? 0 : (size_t)(end + 1 - in);
}

/* tcp_table(5) */
static size_t
ask_tcp(char out[TALK_MAX], const char *domain, uint64_t n)
{
	(void)n;
	return (size_t)snprintf(out, TALK_MAX, "get %s\n", domain);
}

/* Postfix's own protocol to proxymap(8): names and values that end in NUL, and an empty one. */
static size_t
ask_proxymap(char out[TALK_MAX], const char *domain, uint64_t n)
{
	const char *table = getenv("TALK_TABLE");

	(void)n;
	return (size_t)snprintf(out, TALK_MAX,
	    "request%clookup%ctable%c%s%cflags%c524353%ckey%c%s%c%c", 0, 0, 0,
	    table == NULL ? "" : table, 0, 0, 0, 0, domain, 0, 0);
}

static size_t
whole_proxymap(const char *in, size_t len)
{
	const char *end = memmem(in, len, "\0\0", 2);

	return end == NULL ? 0 : (size_t)(end + 2 - in);
}

#define GOOD(text) (text), sizeof(text) - 1

static const struct talk talks[] = {
    {"policy", ask_policy, whole_policy, GOOD("=FILTER smtp:[mx"), false, false},
    {"socketmap", ask_socketmap, whole_socketmap, GOOD("OK smtp:[mx"), false, false},
    {"exim", ask_exim, whole_line, GOOD("mx"), true, false},
    {"exim-kept", ask_exim, whole_line, GOOD("mx"), false, false},
    {"tcp", ask_tcp, whole_line, GOOD("200 "), false, false},
    {"proxymap", ask_proxymap, whole_proxymap,
	GOOD("status\0"
	     "0\0"),
	false, true},
};

const struct talk *
talk_find(const char *name)
{
	for (size_t i = 0; i < sizeof(talks) / sizeof(*talks); i++)
		if (strcmp(talks[i].name, name) == 0)
			return &talks[i];
	return NULL;
}
