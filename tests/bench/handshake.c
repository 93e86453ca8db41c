/*
 * handshake PORT - what OpenSSL costs any program that uses it: STARTTLS with the
 * server at 127.0.0.1, a certificate that is verified, QUIT, and nothing else.  It
 * leaves out of OpenSSL's start what src/smtp/tls.c does, and has no time limit.
 */
#include <arpa/inet.h>
#include <err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "program/prefault.h"

/* Of memory that malloc(3) gives; that is had at once, as by src/smtp/tls.c. */
#define HEAP (384 * 1024)

/* The commands are short, and so are the replies. */
static void
ask(int fd, const char *command)
{
	char reply[4096];

	if (write(fd, command, strlen(command)) < 0 || read(fd, reply, sizeof(reply)) <= 0 ||
	    reply[0] != '2')
		errx(1, "no good reply to \"%s\"", command);
}

static SSL *
prepare(int fd)
{
	SSL_CTX *context;
	SSL *tls;

	prefault_heap(HEAP);
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS | OPENSSL_INIT_NO_ADD_ALL_CIPHERS |
	    OPENSSL_INIT_NO_ATEXIT, NULL);
	context = SSL_CTX_new(TLS_client_method());
	if (context == NULL ||
	    SSL_CTX_load_verify_dir(context, X509_get_default_cert_dir()) != 1)
		errx(1, "no certificates");
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	tls = SSL_new(context);
	if (tls == NULL || SSL_set_fd(tls, fd) != 1 ||
	    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), "127.0.0.1") != 1)
		errx(1, "out of memory");
	return tls;
}

int
main(int argc, char **argv)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	SSL *tls;

	if (argc != 2)
		errx(64, "usage: handshake PORT");
	to.sin_port = htons((uint16_t)atoi(argv[1]));
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		err(1, "port %s", argv[1]);
	ask(fd, "");
	ask(fd, "EHLO here.example\r\n");
	ask(fd, "STARTTLS\r\n");
	tls = prepare(fd);
	if (SSL_connect(tls) != 1)
		errx(1, "no handshake");
	SSL_write(tls, "QUIT\r\n", 6);
	return 0;
}
