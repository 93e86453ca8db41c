/* statement.h - routes as other formats have them, written as statements. */
#ifndef IMPORT_STATEMENT_H
#define IMPORT_STATEMENT_H

#include "import/import.h"

/* Where a route leads; absent slices and NULLs are not written. */
struct hop {
	enum { TO_HOST, TO_MX, TO_MX_OF } kind;
	struct slice host;	/* TO_HOST, TO_MX_OF: see host_read */
	uint32_t port;		/* 0: the usual one */
	uint32_t priority;	/* 0: not written, unless `ranked` */
	bool ranked;
	uint32_t weight;
	const char *family;	/* a word of `family` */
	struct slice local;
	struct slice login;
	struct slice password;
	struct slice secret;	/* what a file with the password is called */
	struct foreign_line *login_line;	/* NULL: one of the route's */
	const char *tls;	/* a word of `tls` */
	struct slice tls_name;
	struct slice tls_ca;
	struct slice helo;
	struct slice transport;
	const char *auth;	/* a word of `auth` */
};

/* Which mails, and what becomes of them. */
struct selectors {
	struct slice to;	/* a pattern; absent: every one */
	struct slice user;	/* a login; absent: see routes.conf(5) of `from` */
	bool any;		/* logged in or not */
	struct slice from;
};

/*
 * host_read - a name or an IP address, perhaps in brackets, as it stands behind
 * `via`; false: it is neither.
 */
bool host_read(struct import *import, struct slice text, struct slice *host);

/* The mail goes to the MX of the hop's host; an address has none, and is the host. */
void hop_by_mx(struct hop *hop);

/* Whether the login and the password can be written; else why not. */
const char *login_flaw(struct slice login, struct slice password);

/* Whether `transport` takes the word. */
bool is_transport(struct slice name);

/* port_read - 1-65535, or one of the names that mail has for ports. */
bool port_read(struct slice text, uint32_t *port);

/*
 * pattern_read - an address or a domain as it is shown; subdomains_read - all
 * names below the domain.  false: it can be none.
 */
bool pattern_read(struct import *import, struct slice text, struct slice *pattern);
bool subdomains_read(struct import *import, struct slice domain, struct slice *pattern);

/* Writes the route to each hop; a login's line is added to those of its statement. */
void write_route(struct import *import, const struct selectors *selectors,
    const struct refs *refs, const struct hop *hops, size_t count);

/* "route to X user any from Y", with a blank behind it. */
struct slice selectors_text(struct import *import, const struct selectors *selectors);

/* "via HOST:PORT option value ..."; with --secrets, the password goes to its file. */
struct slice hop_text(struct import *import, const struct hop *hop);

/*
 * reply_text - "reject TEXT" or "defer TEXT", word being one of them; code is
 * '5' or '4', which a status code in front gets, too.  *plain is false if the
 * text is no printable ASCII and was left out.
 */
struct slice reply_text(struct import *import, const char *word, char code, struct slice text,
    bool *plain);

#endif
