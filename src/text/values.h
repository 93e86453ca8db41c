/*
 * values.h - what stands inside a word.  Generated from grammar/values.re, as
 * status_code of base/status_code.h is.  No function judges a part.
 */
#ifndef TEXT_VALUES_H
#define TEXT_VALUES_H

#include <stdbool.h>

#include "base/slice.h"

/* Where a relay or `via` leads, as slices of the text. */
struct hop_word {
	enum {
		HOP_WORD_HOST,		/* HOST[:PORT], or whatever is none of the others */
		HOP_WORD_BRACKETS,	/* [HOST], then the rest */
		HOP_WORD_OPEN,		/* "[" that no "]" closes */
		HOP_WORD_COLONS,	/* several colons, as in an IPv6 address without brackets */
		HOP_WORD_MX,		/* mx */
		HOP_WORD_MX_OF,		/* mx:HOST */
		HOP_WORD_RELAY		/* @HOST */
	} kind;
	struct slice host;	/* the whole text where its place is not named */
	struct slice port;	/* behind the colon of HOST:PORT or [HOST]:PORT; absent: there is none */
	struct slice rest;	/* behind the brackets */
};

/* hop_word - cuts a text; special: `mx`, `mx:` and `@` mean what they do behind `via`. */
struct hop_word hop_word(struct slice text, bool special);

/* rate_word - cuts NUMBER/s, NUMBER/m or NUMBER/h; unit '\0': it is none. */
struct rate_word {
	struct slice number;
	char unit;
};
struct rate_word rate_word(struct slice text);

/* A host as other programs write it, for help: what it may have meant. */
struct foreign_hop {
	enum {
		FOREIGN_NONE,
		FOREIGN_URL,		/* SCHEME://[LABEL@]HOST[:PORT] of OpenSMTPD and others */
		FOREIGN_TRANSPORT,	/* SCHEME:[HOST], SCHEME:HOST:PORT of Postfix */
		FOREIGN_REPLY,		/* error:HOST, where HOST is any text, of Postfix and Sendmail */
		FOREIGN_MX,		/* HOST/MX[::PORT] of Exim */
		FOREIGN_PORT,		/* HOST::PORT of Exim */
		FOREIGN_LOGIN,		/* LOGIN[:PASSWORD]@HOST[:PORT] */
		FOREIGN_SEVERAL		/* HOST,HOST, or with | or &: host is the whole */
	} kind;
	struct slice scheme, host, port;	/* port: absent where there is none */
	bool login;				/* one stands in front of the host */
};

/* foreign_hop - cuts a text that is no host into what it may be elsewhere. */
struct foreign_hop foreign_hop(struct slice text);

/* reply_code - the length of "550 " or the like, which a text begins with; 0: there is none. */
size_t reply_code(struct slice text);

/* escape_read - undoes the escape behind a backslash; its length, 0: there is no such. */
size_t escape_read(struct slice text, char *byte);

/*
 * word_gap - the length of what a text begins with and two words may stand on
 * either side of: blanks, and a backslash in front of a line end.
 */
size_t word_gap(struct slice text);

#endif
