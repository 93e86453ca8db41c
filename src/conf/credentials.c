#include "conf/credentials.h"

static const enum option secrets[] = {OPTION_PASSWORD, OPTION_PASSWORD_FILE, OPTION_TOKEN_FILE};
enum { SECRETS = sizeof(secrets) / sizeof(*secrets) };

/* Two secrets of one statement: the later one is at fault. */
static bool
refuse_two(struct check *check, const struct options *options, enum option a, enum option b)
{
	bool later = options->at[b].begin > options->at[a].begin;
	struct diagnostics *diagnostics = &check->conf->diagnostics;
	struct diagnostic *d = diagnose(diagnostics, options->at[later ? b : a],
	    SLUG_TWO_PASSWORDS, "both '%s' and '%s' are given", option_word(a), option_word(b));

	diagnostic_note(diagnostics, d, options->at[later ? a : b], "first given here");
	return false;
}

bool
check_credentials(struct check *check, const struct stmt *stmt, const struct options *options)
{
	struct diagnostics *diagnostics = &check->conf->diagnostics;
	enum option secret = OPTION_COUNT;
	struct span after;
	struct diagnostic *d;

	for (size_t i = 0; i < SECRETS; i++) {
		if (!options_has(options, secrets[i]))
			continue;
		if (secret != OPTION_COUNT)
			return refuse_two(check, options, secret, secrets[i]);
		secret = secrets[i];
	}
	if (options_has(options, OPTION_LOGIN) == (secret != OPTION_COUNT))
		return true;
	after = span(stmt_end(stmt), stmt_end(stmt));
	if (secret != OPTION_COUNT) {
		diagnose(diagnostics, after, SLUG_MISSING_LOGIN, "the %s has no login",
		    secret == OPTION_TOKEN_FILE ? "token" : "password");
		return false;
	}
	if (options_has(options, OPTION_AUTH) &&
	    options->number[OPTION_AUTH] == TMAIL_AUTH_EXTERNAL)
		return true;	/* check_auth says what is wrong */
	d = diagnose(diagnostics, after, SLUG_MISSING_PASSWORD, "the login has no password");
	diagnostic_help(diagnostics, d, "%s", check->source->file
		? "add 'password-file PATH', 'password STRING' or 'token-file PATH'"
		: "add '--password-file PATH', '-rpwd PASSWORD' or '--token-file PATH'");
	return false;
}

bool
is_proof(const struct proof *proof)
{
	return proof->login != NULL || (proof->auth != NULL &&
	    proof->auth->number[OPTION_AUTH] == TMAIL_AUTH_EXTERNAL);
}

/* By the client certificate alone. */
static bool
check_external(struct check *check, const struct proof *proof)
{
	struct diagnostics *diagnostics = &check->conf->diagnostics;
	struct span at = proof->auth->at[OPTION_AUTH];
	struct diagnostic *d;

	if (proof->login != NULL) {
		d = diagnose(diagnostics, at, SLUG_BAD_AUTH,
		    "'external' goes by the certificate: a login has no meaning beside it");
		diagnostic_note(diagnostics, d, proof->login->at[OPTION_LOGIN],
		    "the login is given here");
	} else if (!proof->certificate) {
		d = diagnose(diagnostics, at, SLUG_BAD_AUTH, "'external' wants a client certificate");
		diagnostic_help(diagnostics, d, "add 'tls-cert PATH'");
	} else if (proof->tls == TMAIL_TLS_OFF || proof->tls == TMAIL_TLS_OPPORTUNISTIC) {
		d = diagnose(diagnostics, proof->tls_at.end == 0 ? at : proof->tls_at, SLUG_BAD_AUTH,
		    "'external' wants TLS for certain, not '%s'", tls_words[proof->tls]);
		diagnostic_help(diagnostics, d,
		    "leave 'tls' out: 'auth external' makes it 'verified'");
	} else {
		return true;
	}
	return false;
}

bool
check_auth(struct check *check, const struct proof *proof)
{
	struct diagnostics *diagnostics = &check->conf->diagnostics;
	enum tmail_auth auth = TMAIL_AUTH_ANY;
	bool bearer, token = proof->login != NULL && options_has(proof->login, OPTION_TOKEN_FILE);
	struct diagnostic *d;

	if (proof->auth == NULL)
		return true;
	auth = (enum tmail_auth)proof->auth->number[OPTION_AUTH];
	if (auth == TMAIL_AUTH_EXTERNAL)
		return check_external(check, proof);
	bearer = auth == TMAIL_AUTH_XOAUTH2 || auth == TMAIL_AUTH_OAUTHBEARER;
	if (proof->login != NULL && bearer == token)
		return true;
	d = diagnose(diagnostics, proof->auth->at[OPTION_AUTH], SLUG_BAD_AUTH,
	    token ? "'%s' takes no token" : bearer ? "'%s' wants a token"
	    : "'%s' wants a login with a password", auth_words[auth]);
	if (token)
		diagnostic_help(diagnostics, d, "leave 'auth' out, or write oauthbearer or xoauth2");
	else if (bearer)
		diagnostic_help(diagnostics, d, "add 'login NAME token-file PATH'");
	else
		diagnostic_help(diagnostics, d, "add 'login NAME password-file PATH'");
	if (proof->login != NULL && proof->login != proof->auth)
		diagnostic_note(diagnostics, d, proof->login->at[OPTION_LOGIN],
		    "the login is given here");
	return false;
}

/* A login and a TLS mode of the same statement, or of a route and its relay. */
bool
check_login_tls(struct check *check, struct span at, enum tmail_tls tls, struct span other)
{
	struct diagnostics *diagnostics = &check->conf->diagnostics;
	struct diagnostic *d;

	if (tls == TMAIL_TLS_OFF) {
		d = diagnose(diagnostics, at, SLUG_LOGIN_IN_CLEAR,
		    "the login and its password travel in clear");
	} else if (tls == TMAIL_TLS_REQUIRED) {
		d = diagnose(diagnostics, at, SLUG_LOGIN_UNVERIFIED,
		    "the login goes to a server whose certificate nobody checks");
	} else if (tls == TMAIL_TLS_OPPORTUNISTIC) {
		d = diagnose(diagnostics, at, SLUG_LOGIN_OPPORTUNISTIC,
		    "a login wants TLS for certain, not 'opportunistic'");
		diagnostic_help(diagnostics, d, "leave 'tls' out: a login makes it 'verified'");
	} else {
		return true;
	}
	if (other.begin != at.begin)
		diagnostic_note(diagnostics, d, other, "the relay's part is here");
	return tls != TMAIL_TLS_OPPORTUNISTIC;
}
