#include "text/words.h"

const char *const statement_words[STATEMENT_COUNT] = {
    [STATEMENT_ROUTE] = "route",
    [STATEMENT_RELAY] = "relay",
    [STATEMENT_LIST] = "list",
    [STATEMENT_DEFAULT] = "default",
    [STATEMENT_INCLUDE] = "include",
    [STATEMENT_SOURCE] = "source",
    [STATEMENT_EXPECT] = "expect",
};

const char *const tls_words[TLS_WORDS] = {
    [TMAIL_TLS_OFF] = "off",
    [TMAIL_TLS_OPPORTUNISTIC] = "opportunistic",
    [TMAIL_TLS_REQUIRED] = "required",
    [TMAIL_TLS_VERIFIED] = "verified",
    [TMAIL_TLS_IMPLICIT] = "implicit",
};

const char *const family_words[FAMILY_WORDS] = {
    [TMAIL_FAMILY_IPV4] = "ipv4",
    [TMAIL_FAMILY_IPV6] = "ipv6",
    [TMAIL_FAMILY_PREFER_IPV4] = "prefer-ipv4",
    [TMAIL_FAMILY_PREFER_IPV6] = "prefer-ipv6",
};

const char *const auth_words[AUTH_WORDS] = {
    [TMAIL_AUTH_PLAIN] = "plain",
    [TMAIL_AUTH_LOGIN] = "login",
    [TMAIL_AUTH_CRAM_MD5] = "cram-md5",
    [TMAIL_AUTH_XOAUTH2] = "xoauth2",
    [TMAIL_AUTH_OAUTHBEARER] = "oauthbearer",
    [TMAIL_AUTH_EXTERNAL] = "external",
};

#define WORD(number, word, statements, credential) word,
const char *const route_words[ROUTE_WORDS] = {
    "to", "user", "from", "via", "reject", "defer", "discard", OPTIONS(WORD)};

bool
is_route_word(struct slice word)
{
	for (size_t i = 0; i < ROUTE_WORDS; i++)
		if (slice_is(word, route_words[i]))
			return true;
	return false;
}

bool
option_allowed(enum option option, enum statement statement)
{
#define STATEMENTS(number, word, statements, credential) statements,
	_Static_assert(ON_DEFAULT <= UINT8_MAX, "a bit for each statement");
	static const unsigned char list[OPTION_COUNT] = {OPTIONS(STATEMENTS)};
	const uint32_t expected = 1u << OPTION_LOCAL | 1u << OPTION_LOGIN | 1u << OPTION_TLS |
	    1u << OPTION_HELO | 1u << OPTION_TRANSPORT;

	if (statement == STATEMENT_EXPECT)
		return (expected & 1u << option) != 0;
	return (list[option] & 1u << statement) != 0;
}

enum credential
option_credential(enum option option)
{
#define CREDENTIAL(number, word, statements, credential) credential,
	static const enum credential list[OPTION_COUNT] = {OPTIONS(CREDENTIAL)};

	return list[option];
}
