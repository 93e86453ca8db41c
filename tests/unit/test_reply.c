/* Replies of any bytes, and secrets in them; what goes into AUTH in base64. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "program/clock.h"
#include "smtp/base64.h"
#include "smtp/offers.h"
#include "smtp/reply.h"
#include "smtp/sasl.h"

#define SECRET "s3cret-0f-a-relay"

static const struct secrets none;

/* The reply that these bytes are, before the end of the connection. */
static enum wire_io
read_bytes(struct reply *reply, const char *bytes, size_t len, const struct secrets *secrets,
    struct offers *offers)
{
	const struct reply_lines lines = {offers_see, offers};
	struct wire wire = {.fd = -1};
	enum wire_io io;
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	assert_int_equal(write(fds[1], bytes, len), len);
	close(fds[1]);
	wire.fd = fds[0];
	*offers = (struct offers){0};
	io = reply_read(reply, &wire, secrets, &lines, clock_now() + 60000);
	wire_close(&wire);
	return io;
}

static void
expect(const char *bytes, int code, const char *text)
{
	struct reply reply;
	struct offers offers;

	assert_int_equal(read_bytes(&reply, bytes, strlen(bytes), &none, &offers), WIRE_OK);
	assert_int_equal(reply.code, code);
	assert_string_equal(reply.text, text);
}

static void
replies(void **state)
{
	struct reply reply;
	struct offers offers;

	(void)state;
	expect("250 ok\r\n", 250, "ok");
	expect("250\n", 250, "");
	expect("250 \r\r\n", 250, "");
	expect("250-a\r\n250-\r\n250 b\r\nmore", 250, "a b");
	expect("550-5.7.1 a\r\n550-5.7.1\r\n550-5.7.12 b\r\n550 5.7.1 c\r\n", 550, "5.7.1 a 5.7.12 b c");
	expect("220-a\r\n421 b\r\n", 421, "a b");
	expect("what?\r\n", 0, "no SMTP reply");
	expect("25\r\n", 0, "no SMTP reply");
	expect("2500 x\r\n", 0, "no SMTP reply");
	expect("\r\n", 0, "no SMTP reply");
	assert_int_equal(read_bytes(&reply, "250-a\r\n", 7, &none, &offers), WIRE_LOST);
	assert_int_equal(read_bytes(&reply, "250 a", 5, &none, &offers), WIRE_LOST);
}

static void
offers_of_ehlo(void **state)
{
	static const char ehlo[] = "250-x\r\n250-size 1\r\n250-AUTH=LOGIN\r\n250-auth\tPlain  X-Y CRAM-MD5 \r\n"
				   "250-PIPELININGS\r\n250-STARTTLS\r\n250 8BITMIME\r\n";
	struct reply reply;
	struct offers offers;

	(void)state;
	read_bytes(&reply, ehlo, strlen(ehlo), &none, &offers);
	assert_true(offers.size && offers.auth && offers.starttls && offers.eight_bit);
	assert_false(offers.pipelining || offers.smtputf8);
	assert_int_equal(offers.mechanisms,
	    1U << MECHANISM_LOGIN | 1U << MECHANISM_PLAIN | 1U << MECHANISM_CRAM_MD5);
	read_bytes(&reply, "550 STARTTLS\r\n", 14, &none, &offers);
	assert_false(offers.starttls);
}

static uint64_t seed = 1;

static unsigned
draw(unsigned below)
{
	seed = seed * 6364136223846793005U + 1442695040888963407U;
	return (unsigned)(seed >> 33) % below;
}

/* Bytes that replies are made of, with a secret or a piece of it here and there. */
static size_t
compose(char *out, size_t size)
{
	static const char *const words[] = {"250", "550", "-", " ", "\r\n", "\n", "\r", "5.7.1 ", "x",
	    SECRET, "s3cret-0", "\0", "AUTH PLAIN", "334 ", "\xff", "="};
	size_t len = 0, n, from, words_count = draw(60);

	while (words_count-- > 0) {
		const char *word = words[draw(sizeof(words) / sizeof(*words))];

		n = *word == '\0' ? 1 : strlen(word);
		from = draw(8) == 0 ? draw((unsigned)n) : 0;
		if (len + n > size)
			break;
		memcpy(out + len, word + from, n - from);
		len += n - from;
	}
	return len;
}

static void
any_bytes_and_no_secret(void **state)
{
	struct secrets secrets = {0};
	struct offers offers;
	struct reply reply;
	char bytes[4096], piece[9];
	unsigned i, hidden = 0;
	size_t n;

	(void)state;
	secrets_add(&secrets, SECRET);
	for (i = 0; i < 50000; i++) {
		read_bytes(&reply, bytes, compose(bytes, sizeof(bytes)), &secrets, &offers);
		assert_true(strlen(reply.text) < sizeof(reply.text));
		hidden += strcmp(reply.text, "********") == 0;
		for (n = 0; n + 8 <= strlen(SECRET); n++) {
			snprintf(piece, sizeof(piece), "%.8s", SECRET + n);
			assert_null(strstr(reply.text, piece));
		}
	}
	assert_true(hidden > 100);
	secrets_forget(&secrets);
}

static void
cut_within_a_secret(void **state)
{
	struct secrets secrets = {0};
	char text[1024], out[64];
	size_t before;

	(void)state;
	secrets_add(&secrets, SECRET);
	for (before = 0; before < 100; before++) {
		snprintf(text, sizeof(text), "%*s%s", (int)before, "", SECRET);
		secrets_show(&secrets, text, out, sizeof(out));
		assert_null(strstr(out, "s3c"));
	}
	secrets_forget(&secrets);
}

static void
base64(void **state)
{
	static const char *const pairs[][2] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"},
	    {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
	char *text, *back, all[256];
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		text = base64_encode(pairs[i][0], strlen(pairs[i][0]));
		assert_string_equal(text, pairs[i][1]);
		free(text);
		text = base64_decode(pairs[i][1], &len);
		assert_string_equal(text, pairs[i][0]);
		assert_int_equal(len, strlen(pairs[i][0]));
		free(text);
	}
	for (i = 0; i < sizeof(all); i++)
		all[i] = (char)i;
	text = base64_encode(all, sizeof(all));
	back = base64_decode(text, &len);
	assert_int_equal(len, sizeof(all));
	assert_memory_equal(back, all, sizeof(all));
	free(back);
	free(text);
	assert_null(base64_decode("Z*==", &len));
	assert_null(base64_decode("Zm 9v", &len));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(replies),
	    cmocka_unit_test(offers_of_ehlo),
	    cmocka_unit_test(any_bytes_and_no_secret),
	    cmocka_unit_test(cut_within_a_secret),
	    cmocka_unit_test(base64),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
