#include "smtp/tls.h"

#include <dirent.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program/clock.h"
#include "program/password_file.h"
#include "program/prefault.h"
#include "smtp/crypto.h"

/* What OpenSSL 3.0 takes for one connection. */
#define HEAP (512 * 1024)

/* Whether the directory has certificates by the hash of their names, "4a6481c9.0". */
static bool
is_hashed(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	size_t len;
	bool found = false;

	if (dir == NULL)
		return false;
	while (!found && (entry = readdir(dir)) != NULL) {
		len = strlen(entry->d_name);
		found = len == 10 && strcmp(entry->d_name + 8, ".0") == 0;
	}
	closedir(dir);
	return found;
}

/*
 * Those whom the system trusts.  To read its whole bundle costs more than all
 * the rest of a delivery, so the one in question is looked up by its hash,
 * where the system has them so and nobody has named another bundle.
 */
static bool
trust_system(SSL_CTX *context)
{
	const char *file = getenv(X509_get_default_cert_file_env());
	const char *dir = getenv(X509_get_default_cert_dir_env());

	if (dir == NULL)
		dir = X509_get_default_cert_dir();
	if (file == NULL && is_hashed(dir))
		return SSL_CTX_load_verify_dir(context, dir) == 1;
	return SSL_CTX_set_default_verify_paths(context) == 1;
}

static bool
set_trust(SSL_CTX *context, const struct tls_wish *wish, char *why)
{
	const char *fault;

	if (!wish->verify)
		return true;
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	if (wish->ca_file == NULL) {
		if (trust_system(context))
			return true;
		snprintf(why, TLS_WHY_MAX, "cannot use the system's certificate authorities");
		return false;
	}
	if (!file_readable(wish->ca_file, &fault)) {
		snprintf(why, TLS_WHY_MAX, "cannot use the certificate authorities in %s: %s",
		    wish->ca_file, fault);
		return false;
	}
	/* One in the middle of a chain may vouch, too, where it is named. */
	X509_STORE_set_flags(SSL_CTX_get_cert_store(context), X509_V_FLAG_PARTIAL_CHAIN);
	if (SSL_CTX_load_verify_file(context, wish->ca_file) == 1)
		return true;
	snprintf(why, TLS_WHY_MAX, "cannot use the certificate authorities in %s: there are none in it",
	    wish->ca_file);
	return false;
}

/* Nobody is there to be asked, though there may be a terminal. */
static int
no_password(char *buffer, int size, int writing, void *asked)
{
	(void)buffer;
	(void)size;
	(void)writing;
	*(bool *)asked = true;
	return -1;
}

/* The reason that OpenSSL has given, if it is no matter of what stands in the file. */
static const char *
because(const char *otherwise)
{
	unsigned long code = ERR_peek_last_error();
	const char *text = NULL;

	if (ERR_GET_LIB(code) == ERR_LIB_X509)
		return "the key is not that of the certificate";
	OPENSSL_init_ssl(OPENSSL_INIT_LOAD_SSL_STRINGS, NULL);
	if (ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_RFLAGS(code) == 0)
		text = ERR_reason_error_string(code);
	return text != NULL ? text : otherwise;
}

/* What is wrong with our own certificate and key; NULL: nothing. */
static const char *
use_own(SSL_CTX *context, const char *path)
{
	bool asked = false;
	const char *fault;

	if (!file_readable(path, &fault))
		return fault;
	SSL_CTX_set_default_passwd_cb(context, no_password);
	SSL_CTX_set_default_passwd_cb_userdata(context, &asked);
	ERR_clear_error();
	if (SSL_CTX_use_certificate_chain_file(context, path) != 1)
		return because("there is no certificate in it");
	if (SSL_CTX_use_PrivateKey_file(context, path, SSL_FILETYPE_PEM) != 1)
		return asked ? "the key has a password" : because("there is no key in it");
	/* A key of another kind, such as EC beside RSA, is taken, and no certificate sent. */
	if (SSL_CTX_check_private_key(context) != 1)
		return "the key is not that of the certificate";
	return NULL;
}

static bool
set_own(SSL_CTX *context, const struct tls_wish *wish, char *why)
{
	const char *fault = wish->cert_file == NULL ? NULL : use_own(context, wish->cert_file);

	if (fault != NULL)
		snprintf(why, TLS_WHY_MAX, "cannot use the certificate and key in %s: %s",
		    wish->cert_file, fault);
	return fault == NULL;
}

/* The name to find in the certificate, and to ask for. */
static bool
set_name(SSL *tls, const struct tls_wish *wish)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(tls);
	char name[256];
	struct ip ip;
	size_t len = strlen(wish->name);

	if (ip_parse(slice_str(wish->name), &ip))
		return X509_VERIFY_PARAM_set1_ip(param, ip.bytes, ip.family == 6 ? 16 : 4) == 1;
	if (len > 1 && wish->name[len - 1] == '.')
		len--;
	if (len >= sizeof(name))
		return false;
	snprintf(name, sizeof(name), "%.*s", (int)len, wish->name);
	X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return X509_VERIFY_PARAM_set1_host(param, name, 0) == 1 &&
	    SSL_set_tlsext_host_name(tls, name) == 1;
}

/* Keeps what the other side has against us: a further try would not find it any more. */
static void
note_alert(SSL *tls)
{
	unsigned long code = ERR_peek_last_error();

	if (ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) >= SSL_AD_REASON_OFFSET)
		SSL_set_app_data(tls, (void *)(uintptr_t)code);
}

static ssize_t
judge(SSL *tls, int rc, short *events)
{
	if (rc > 0)
		return rc;
	switch (SSL_get_error(tls, rc)) {
	case SSL_ERROR_WANT_READ:
		*events = POLLIN;
		return 0;
	case SSL_ERROR_WANT_WRITE:
		*events = POLLOUT;
		return 0;
	default:
		note_alert(tls);
		return -1;
	}
}

static ssize_t
put(const struct wire *wire, const char *data, size_t len, short *events)
{
	ERR_clear_error();
	return judge(wire->tls_state,
	    SSL_write(wire->tls_state, data, len < INT32_MAX ? (int)len : INT32_MAX), events);
}

static ssize_t
take(const struct wire *wire, char *data, size_t len, short *events)
{
	ERR_clear_error();
	return judge(wire->tls_state, SSL_read(wire->tls_state, data, (int)len), events);
}

static const char *
version(const struct wire *wire)
{
	return SSL_get_version(wire->tls_state);
}

static const char *
alert(const struct wire *wire)
{
	uintptr_t code = (uintptr_t)SSL_get_app_data((SSL *)wire->tls_state);

	if (code == 0)
		return NULL;
	OPENSSL_init_ssl(OPENSSL_INIT_LOAD_SSL_STRINGS, NULL);
	return ERR_reason_error_string(code);
}

static void
hang_up(const struct wire *wire)
{
	ERR_clear_error();
	SSL_shutdown(wire->tls_state);
	SSL_free(wire->tls_state);
}

static const struct wire_tls methods = {put, take, version, alert, hang_up};

/*
 * Without what a delivery never uses: the texts of errors, the table of ciphers by
 * name, which TLS does not look into, and freeing at exit all that the system frees
 * anyway.  The system's openssl.cnf, which may say what is safe enough, is read.
 */
static bool
start_library(void)
{
	return OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS |
		       OPENSSL_INIT_NO_ADD_ALL_CIPHERS | OPENSSL_INIT_NO_ATEXIT,
		   NULL) == 1;
}

static SSL *
prepare(const struct wire *wire, const struct tls_wish *wish, char *why)
{
	SSL_CTX *context;
	SSL *tls = NULL;

	prefault_heap(HEAP);
	context = start_library() ? SSL_CTX_new(TLS_client_method()) : NULL;
	snprintf(why, TLS_WHY_MAX, "out of memory");
	if (context == NULL)
		return NULL;
	SSL_CTX_set_mode(context,
	    SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	if (set_trust(context, wish, why) && set_own(context, wish, why)) {
		tls = SSL_new(context);
		if (tls != NULL && (SSL_set_fd(tls, wire->fd) != 1 || !set_name(tls, wish))) {
			SSL_free(tls);
			tls = NULL;
		}
	}
	SSL_CTX_free(context);
	return tls;
}

static const char *
certificate_fault(long result)
{
	switch (result) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return "has expired";
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return "is not valid yet";
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		return "is signed by itself alone";
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_CERT_UNTRUSTED:
		return "is of no authority that is trusted here";
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		return "is for another name";
	default:
		return NULL;
	}
}

/* What OpenSSL has to say: the last error that it has a text for. */
static void
tell_reason(char *why)
{
	const char *text, *reason = NULL;
	unsigned long code, last = 0;

	OPENSSL_init_ssl(OPENSSL_INIT_LOAD_SSL_STRINGS, NULL);
	while ((code = ERR_get_error()) != 0) {
		last = code;
		text = ERR_reason_error_string(code);
		reason = text != NULL ? text : reason;
	}
	if (reason != NULL)
		snprintf(why, TLS_WHY_MAX, "%s", reason);
	else if (last != 0)
		snprintf(why, TLS_WHY_MAX, "OpenSSL's error %08lX", last);
	else
		snprintf(why, TLS_WHY_MAX, "connection lost");
}

/* Why the handshake failed. */
static void
tell(const SSL *tls, const struct tls_wish *wish, char *why)
{
	long result = SSL_get_verify_result(tls);

	if (wish->verify && result != X509_V_OK) {
		if (certificate_fault(result) != NULL)
			snprintf(why, TLS_WHY_MAX, "the certificate %s: %s",
			    certificate_fault(result), wish->name);
		else
			snprintf(why, TLS_WHY_MAX, "the certificate is no good: %s",
			    X509_verify_cert_error_string(result));
	} else {
		tell_reason(why);
	}
}

/* One try after the other, until it is done or cannot be. */
static enum wire_io
shake_hands(const struct wire *wire, SSL *tls, int64_t deadline)
{
	enum wire_io io = WIRE_OK;
	short events;
	ssize_t n;

	while (io == WIRE_OK) {
		ERR_clear_error();
		n = judge(tls, SSL_connect(tls), &events);
		if (n > 0)
			return WIRE_OK;
		io = n < 0 ? WIRE_LOST : wire_wait(wire, events, deadline);
	}
	return io;
}

enum wire_io
tls_start(struct wire *wire, const struct tls_wish *wish, int64_t deadline,
    char why[TLS_WHY_MAX])
{
	SSL *tls = prepare(wire, wish, why);
	enum wire_io io;

	if (tls == NULL)
		return WIRE_UNUSED;
	io = shake_hands(wire, tls, deadline);
	if (io == WIRE_OK) {
		wire->tls = &methods;
		wire->tls_state = tls;
		return WIRE_OK;
	}
	if (io == WIRE_TIMEOUT)
		snprintf(why, TLS_WHY_MAX, "timed out");
	else
		tell(tls, wish, why);
	SSL_free(tls);
	return io;
}

__attribute__((visibility("default"))) extern const struct crypto_tls tmail_tls;

const struct crypto_tls tmail_tls = {tls_start};
