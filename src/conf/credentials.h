/* credentials.h - login, secret, mechanism and TLS, and what they ask of each other. */
#ifndef CONF_CREDENTIALS_H
#define CONF_CREDENTIALS_H

#include "conf/judging.h"

/* A login with exactly one of password, password-file and token-file in one statement. */
bool check_credentials(struct check *check, const struct stmt *stmt,
    const struct options *options);

/* Who proves what: each the options of one statement, or NULL. */
struct proof {
	const struct options *auth;	/* whose mechanism counts */
	const struct options *login;	/* whose login and secret count */
	bool certificate;		/* there is a tls-cert */
	enum tmail_tls tls;
	struct span tls_at;		/* if the statement being judged says so; else empty */
};

/* Whether a connection proves who we are, with a login or without. */
bool is_proof(const struct proof *proof);

/* Whether the mechanism goes with the rest. */
bool check_auth(struct check *check, const struct proof *proof);

/* at: on the statement being judged; other: on its relay, or the same place. */
bool check_login_tls(struct check *check, struct span at, enum tmail_tls tls,
    struct span other);

#endif
