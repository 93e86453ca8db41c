/*
 * slugs.h - the name, severity and meaning of every diagnostic: one row each,
 * in the order of routes.conf(5).  A name stays the same in later versions.
 */
#ifndef TEXT_SLUGS_H
#define TEXT_SLUGS_H

enum severity { SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_COUNT };

/* A macro, so that a row is an enumerator and its texts at once. */
#define SLUGS(ROW) \
	ROW(ERROR, BAD_AUTH, "bad-auth", \
	    "Not a mechanism, or one that does not go with what the login has.") \
	ROW(ERROR, BAD_CHARACTER, "bad-character", \
	    "A control byte, or a character that wants a string around its word.") \
	ROW(ERROR, BAD_CONNECTIONS, "bad-connections", "A number of connections that is not in 1-10000.") \
	ROW(ERROR, BAD_CONTINUATION, "bad-continuation", \
	    "The line to continue with is missing behind a backslash.") \
	ROW(ERROR, BAD_DOMAIN, "bad-domain", "Not a domain, host name or address.") \
	ROW(ERROR, BAD_ESCAPE, "bad-escape", \
	    "A backslash in a string before something else than \", \\, t and xHH.") \
	ROW(ERROR, BAD_FAMILY, "bad-family", "Not one of the four families of addresses.") \
	ROW(ERROR, BAD_ID, "bad-id", \
	    "A route ID that is not in 1-4294967295, or no number left for a route without.") \
	ROW(ERROR, BAD_IP, "bad-ip", \
	    "Not an IP address, or an IPv6 address without brackets as a host.") \
	ROW(ERROR, BAD_LOGIN, "bad-login", \
	    "A login that is empty, too long, holds control bytes or has a blank at an end.") \
	ROW(ERROR, BAD_NAME, "bad-name", \
	    "A relay or list name with other characters than it may have.") \
	ROW(ERROR, BAD_PASSWORD, "bad-password", \
	    "A password that is empty or holds NUL, LF or CR.") \
	ROW(ERROR, BAD_PATH, "bad-path", \
	    "A path that is empty, not quoted or, of a file to be read at delivery, not absolute.") \
	ROW(ERROR, BAD_PATTERN, "bad-pattern", "A pattern that means nothing in its place.") \
	ROW(ERROR, BAD_PORT, "bad-port", "A port that is not in 1-65535.") \
	ROW(ERROR, BAD_PRIORITY, "bad-priority", "A priority that is not in 0-65535.") \
	ROW(ERROR, BAD_RATE, "bad-rate", "A rate that is not N/s, N/m or N/h.") \
	ROW(ERROR, BAD_TEXT, "bad-text", \
	    "A reply text that is not printable ASCII, or with the wrong class of status code.") \
	ROW(ERROR, BAD_TLS, "bad-tls", "Not one of the five modes of TLS.") \
	ROW(ERROR, BAD_TRANSPORT, "bad-transport", \
	    "A transport that is no word of letters, digits and . _ + -.") \
	ROW(ERROR, BAD_WEIGHT, "bad-weight", "A weight that is not in 1-65535.") \
	ROW(ERROR, DUPLICATE_ID, "duplicate-id", "The second route with the same ID.") \
	ROW(ERROR, DUPLICATE_LIST, "duplicate-list", "The second list with the same name.") \
	ROW(ERROR, DUPLICATE_RELAY, "duplicate-relay", "The second relay with the same name.") \
	ROW(ERROR, DUPLICATE_SOURCE, "duplicate-source", "The second source of the same address.") \
	ROW(ERROR, EMPTY_LIST, "empty-list", "A route uses a list that has no values.") \
	ROW(ERROR, EXPECTATION, "expectation", \
	    "A mail gets something else than is expected of it.") \
	ROW(ERROR, FAMILY_MISMATCH, "family-mismatch", \
	    "No source address is of the family of the relay's address.") \
	ROW(ERROR, INCLUDE_DEPTH, "include-depth", "Includes nested more than 16 deep.") \
	ROW(ERROR, INCLUDE_LOOP, "include-loop", \
	    "A file that includes itself, by itself or through others.") \
	ROW(ERROR, INCLUDE_TWICE, "include-twice", "A file that is included a second time.") \
	ROW(ERROR, INVALID_UTF8, "invalid-utf8", "A byte that is not valid UTF-8, or a file of UTF-16.") \
	ROW(ERROR, LOGIN_OPPORTUNISTIC, "login-opportunistic", \
	    "TLS is opportunistic where there is a login: the password could travel in clear.") \
	ROW(ERROR, MISPLACED_KEYWORD, "misplaced-keyword", \
	    "A keyword that has no meaning in this place.") \
	ROW(ERROR, MISPLACED_OPTION, "misplaced-option", \
	    "An option that has no meaning on this statement or with this action.") \
	ROW(ERROR, MISSING_ACTION, "missing-action", "A route without via, reject, defer or discard.") \
	ROW(ERROR, MISSING_BLANK, "missing-blank", "Two words with no blank between them.") \
	ROW(ERROR, MISSING_LOGIN, "missing-login", "A password without a login.") \
	ROW(ERROR, MISSING_PASSWORD, "missing-password", "A login without a password.") \
	ROW(ERROR, MISSING_VALUE, "missing-value", \
	    "The line ends where a value has to stand.") \
	ROW(ERROR, MIXED_LOCAL, "mixed-local", "Both | and & between source addresses.") \
	ROW(ERROR, NESTED_LIST, "nested-list", "A list as a value of a list.") \
	ROW(ERROR, NOT_ALONE, "not-alone", \
	    "A reject, defer or discard beside another route with the same patterns.") \
	ROW(ERROR, REPEATED_OPTION, "repeated-option", \
	    "An option given twice in one statement, or a default twice.") \
	ROW(ERROR, REPEATED_SELECTOR, "repeated-selector", \
	    "A selector given twice in one route.") \
	ROW(ERROR, SECOND_ACTION, "second-action", "A route with two actions.") \
	ROW(ERROR, SECOND_VALUE, "second-value", "Two values on one line of a list's file.") \
	ROW(ERROR, TOO_LONG, "too-long", \
	    "A word, a statement or a local part that is longer than any could be.") \
	ROW(ERROR, TOO_MANY_ADDRESSES, "too-many-addresses", \
	    "More than 255 source addresses.") \
	ROW(ERROR, TOO_MANY_COMBINATIONS, "too-many-combinations", \
	    "Too many combinations of the patterns of one route, or of all routes.") \
	ROW(ERROR, TWO_PASSWORDS, "two-passwords", "Two of password, password-file and token-file.") \
	ROW(ERROR, UNDEFINED_LIST, "undefined-list", "A list that no line defines.") \
	ROW(ERROR, UNDEFINED_RELAY, "undefined-relay", "A relay that no line defines.") \
	ROW(ERROR, UNEXPECTED_STRING, "unexpected-string", \
	    "A string where a keyword has to stand.") \
	ROW(ERROR, UNKNOWN_KEYWORD, "unknown-keyword", "A word that is no keyword.") \
	ROW(ERROR, UNKNOWN_OPTION, "unknown-option", "A word that is no option.") \
	ROW(ERROR, UNREADABLE, "unreadable", \
	    "A file that is included or holds a list cannot be read, or is a compiled index.") \
	ROW(ERROR, UNTERMINATED_STRING, "unterminated-string", \
	    "A string that is not closed on its line.") \
	ROW(WARNING, BARE_ADDRESS, "bare-address", \
	    "An IP address where an address literal stands in brackets.") \
	ROW(WARNING, BARE_NAME, "bare-name", \
	    "A host or pattern spelt as a relay or list that is defined, without @ or $.") \
	ROW(WARNING, EMPTY, "empty", \
	    "There are no routes at all: all mail follows the MX records.") \
	ROW(WARNING, EMPTY_CONTINUATION, "empty-continuation", \
	    "A backslash that continues a line with an empty one.") \
	ROW(WARNING, IDLE_ALLOW, "idle-allow", \
	    "A comment that allows what nothing warns of.") \
	ROW(WARNING, IDLE_WEIGHT, "idle-weight", \
	    "A weight that decides nothing, since the relay is alone with its priority.") \
	ROW(WARNING, LOGIN_IN_CLEAR, "login-in-clear", \
	    "The login and its password travel in clear.") \
	ROW(WARNING, LOGIN_UNVERIFIED, "login-unverified", \
	    "The login goes to a server whose certificate nobody checks.") \
	ROW(WARNING, ODD_CREDENTIAL, "odd-credential", \
	    "A typographic quote or unseen character at an end of a login or password.") \
	ROW(WARNING, ODD_PATTERN, "odd-pattern", \
	    "A pattern that is one address or login, but looks as if it stood for several.") \
	ROW(WARNING, ODD_PORT, "odd-port", \
	    "A port and a mode of TLS that wait for each other in vain.") \
	ROW(WARNING, READABLE_PASSWORD, "readable-password", \
	    "Others can read a file that has a password in it.") \
	ROW(WARNING, REPLY_CODE, "reply-code", \
	    "A reply text with a reply code in front, which the mail server adds itself.") \
	ROW(WARNING, UNFIT_ADDRESS, "unfit-address", \
	    "A source address of the other family than the relay's address.") \
	ROW(WARNING, UNREACHABLE, "unreachable", \
	    "A pattern that no mail can have: names below it would be too long.") \
	ROW(WARNING, UNUSABLE_FILE, "unusable-file", \
	    "A token-file, tls-cert or tls-ca that is not there or cannot be read.") \
	ROW(WARNING, UNUSABLE_PASSWORD_FILE, "unusable-password-file", \
	    "A password-file that is not there, cannot be read or holds no password.") \
	ROW(WARNING, UNUSED_LIST, "unused-list", "A list that no route uses.") \
	ROW(WARNING, UNUSED_RELAY, "unused-relay", "A relay that no route uses.") \
	ROW(WARNING, UNUSED_SOURCE, "unused-source", \
	    "A source whose address no route uses.") \
	ROW(WARNING, UNWEIGHTED, "unweighted", \
	    "Routes of one group and priority lead to different hosts, and no weight says how much.")

#define SLUG_NUMBER(severity, number, name, help) SLUG_##number,
enum slug { SLUGS(SLUG_NUMBER) SLUG_COUNT };
#undef SLUG_NUMBER

struct slug_row {
	enum severity severity;
	const char *name;
	const char *help;	/* one sentence: any such fault, not this one */
};
extern const struct slug_row slugs[SLUG_COUNT];

#endif
