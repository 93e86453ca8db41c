/* When two names are the same: domains, addresses, logins. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fold.h"

typedef enum fold_status fold(struct slice in, struct folded *f);

static void
is(struct slice got, const char *wanted)
{
	if (wanted == NULL) {
		assert_null(got.ptr);
		return;
	}
	assert_non_null(got.ptr);
	if (!slice_is(got, wanted))
		fail_msg("'%.*s' is not '%s'", (int)got.len, got.ptr, wanted);
}

/* Folds a copy that ends where the heap block does: over-reads are seen. */
static void
check(fold *verb, struct slice in, enum fold_status status, const char *full,
    const char *domain)
{
	char *copy = malloc(in.len + 1);
	struct folded f;
	enum fold_status got;

	assert_non_null(copy);
	if (in.len > 0)
		memcpy(copy + 1, in.ptr, in.len);
	got = verb(slice(copy + 1, in.len), &f);
	if (got != status)
		fail_msg("'%.*s': status %d, not %d", (int)in.len, in.ptr, got, status);
	is(f.full, full);
	is(f.domain, domain);
	free(copy);
}

static void
domain(const char *in, const char *out)
{
	check(fold_domain, slice_str(in), FOLD_OK, out, out);
	check(fold_domain_of, slice_str(in), FOLD_OK, NULL, out);
}

static void
no_domain(const char *in)
{
	check(fold_domain, slice_str(in), FOLD_BAD, NULL, NULL);
	check(fold_domain_of, slice_str(in), FOLD_BAD, NULL, NULL);
}

static void
address(const char *in, const char *full, const char *dom)
{
	check(fold_address, slice_str(in), FOLD_OK, full, dom);
	check(fold_domain_of, slice_str(in), FOLD_OK, NULL, dom);
}

static void
login(const char *in, const char *full, const char *dom)
{
	check(fold_login, slice_str(in), FOLD_OK, full, dom);
}

/* n times c, then rest; the caller frees it. */
static char *
repeat(size_t n, char c, const char *rest)
{
	char *s = malloc(n + strlen(rest) + 1);

	assert_non_null(s);
	memset(s, c, n);
	memcpy(s + n, rest, strlen(rest) + 1);
	return s;
}

static void
test_domains_fold_to_lower_case(void **state)
{
	(void)state;
	domain("tmail.io", "tmail.io");
	domain("Tmail.IO", "tmail.io");
	domain("tmail.io.", "tmail.io");
	domain("TMAIL.IO.", "tmail.io");
	domain("a", "a");
	domain("A.", "a");
	domain("_dmarc.Example-1.test", "_dmarc.example-1.test");
	domain("-x-.0", "-x-.0");
	domain("abcdefghijklmnop", "abcdefghijklmnop");
	domain("abcdefghijklmnO.", "abcdefghijklmno");
	domain("ABCDEFGHIJKLMNOPQRSTUVWXYZ.abcdefghijklmnopqrstuvwxyz.0123456789",
	    "abcdefghijklmnopqrstuvwxyz.abcdefghijklmnopqrstuvwxyz.0123456789");
}

static void
test_what_is_no_domain_is_bad(void **state)
{
	static const char *const bad[] = {
		"", ".", "..", "a..", ".a", "a..b", "a b", "a/b", "a@b@", "a,b", "a*b",
		"*", "*.tmail.io", "a\x7f", "a\x01", "a:25", "(a)", "[", "]", "[]",
		"0123456789abcde..f", "0123456789abcdef..", ".0123456789abcdef",
		"0123456789abcdef012345678.90abcd..ef", "a`b", "a{b", "a^b", "a\tb"
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check(fold_domain, slice_str(bad[i]), FOLD_BAD, NULL, NULL);
	check(fold_domain, slice("a\0b", 3), FOLD_BAD, NULL, NULL);
	check(fold_domain, slice("a\0", 2), FOLD_BAD, NULL, NULL);
	check(fold_domain, slice(NULL, 0), FOLD_BAD, NULL, NULL);
}

/* Every byte at every place of names of every chunk arrangement. */
static void
test_each_byte_is_judged_at_each_place(void **state)
{
	static const size_t lengths[] = {1, 2, 3, 4, 7, 8, 15, 16, 17, 31, 32, 33, 46, 47, 62};
	size_t i, at;
	int c;

	(void)state;
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		for (at = 0; at < lengths[i]; at++)
			for (c = 0; c < 128; c++) {
				char name[64], wanted[64];
				bool edge = at == 0 || (at == lengths[i] - 1);
				bool good = strchr("abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.", c) != NULL &&
				    c != 0 && (c != '.' || !edge);

				memset(name, 'x', sizeof(name));
				name[at] = (char)c;
				memcpy(wanted, name, lengths[i]);
				wanted[lengths[i]] = '\0';
				if (c >= 'A' && c <= 'Z')
					wanted[at] = (char)(c + 32);
				if (c == '.' && at > 0 && at == lengths[i] - 1) {
					good = true;
					wanted[at] = '\0';
				}
				check(fold_domain, slice(name, lengths[i]),
				    good ? FOLD_OK : FOLD_BAD, good ? wanted : NULL,
				    good ? wanted : NULL);
			}
}

static void
test_two_dots_are_seen_at_each_place(void **state)
{
	char name[80];
	size_t len, at;

	(void)state;
	for (len = 3; len < sizeof(name); len++)
		for (at = 0; at + 1 < len; at++) {
			memset(name, 'x', sizeof(name));
			if (len > 60)
				name[30] = '.';
			name[at] = name[at + 1] = '.';
			check(fold_domain, slice(name, len), FOLD_BAD, NULL, NULL);
		}
}

static void
test_labels_and_names_have_their_limits(void **state)
{
	char *l63 = repeat(63, 'a', ""), *l64 = repeat(64, 'a', "");
	char *l63b = repeat(63, 'a', ".b"), *l64b = repeat(64, 'a', ".b");
	char name[300], longer[310];

	(void)state;
	domain(l63, l63);
	no_domain(l64);
	domain(l63b, l63b);
	no_domain(l64b);
	snprintf(name, sizeof(name), "%s.%s.%s.%.61s", l63, l63, l63, l63);
	assert_int_equal(strlen(name), FOLD_DOMAIN_MAX);
	domain(name, name);
	snprintf(longer, sizeof(longer), "%s.", name);
	domain(longer, name);
	longer[0] = 'A';
	domain(longer, name);
	snprintf(longer, sizeof(longer), "%s..", name);
	no_domain(longer);
	snprintf(longer, sizeof(longer), "%sa", name);
	no_domain(longer);
	snprintf(longer, sizeof(longer), "A%s", name);
	no_domain(longer);
	free(l63);
	free(l64);
	free(l63b);
	free(l64b);
}

static void
test_literals_fold_to_their_address(void **state)
{
	(void)state;
	domain("[192.0.2.1]", "[192.0.2.1]");
	domain("[IPv6:2001:db8::1]", "[IPv6:2001:db8::1]");
	domain("[ipV6:2001:0DB8:0:0:0:0:0:1]", "[IPv6:2001:db8::1]");
	domain("[IPV6:::ffff:c000:201]", "[IPv6:::ffff:192.0.2.1]");
	domain("[IPv6:::]", "[IPv6:::]");
	no_domain("[192.0.2.01]");
	no_domain("[192.0.2.1");
	no_domain("[192.0.2.1].");
	no_domain("192.0.2.1]");
	no_domain("[2001:db8::1]");
	no_domain("[IPv6:192.0.2.1]");
	no_domain("[IPv6:]");
	no_domain("[IPv6]");
	no_domain("[IPv7:2001:db8::1]");
	no_domain("[tmail.io]");
	no_domain("[IPv6:fe80::1%eth0]");
	address("bob@[IPV6:2001:db8:0::1]", "bob@[IPv6:2001:db8::1]", "[IPv6:2001:db8::1]");
	login("bob@[192.0.2.1]", "bob@[192.0.2.1]", "[192.0.2.1]");
}

static void
test_u_labels_become_a_labels(void **state)
{
	(void)state;
	domain("b\xc3\xbc" "cher.example", "xn--bcher-kva.example");
	domain("B\xc3\x9c" "CHER.Example.", "xn--bcher-kva.example");
	domain("xn--bcher-kva.example", "xn--bcher-kva.example");
	domain("XN--bcher-KVA.example", "xn--bcher-kva.example");
	domain("bu\xcc\x88" "cher.example", "xn--bcher-kva.example");	/* not NFC */
	domain("fa\xc3\x9f.de", "xn--fa-hia.de");	/* non-transitional */
	domain("b\xc3\xbc" "cher\xe3\x80\x82" "example", "xn--bcher-kva.example");
	domain("tmail\xef\xbc\x8eio\xe3\x80\x82", "tmail.io");
	domain("\xef\xbd\x94\xef\xbc\xad" "ail.io", "tmail.io");	/* full width */
	domain("_b\xc3\xbc.example", "xn--_b-yka.example");
	address("B\xc3\x9cRO@b\xc3\xbc" "cher.example",
	    "b\xc3\x9cro@xn--bcher-kva.example", "xn--bcher-kva.example");
	login("Joe@b\xc3\xbc" "cher.example", "joe@xn--bcher-kva.example",
	    "xn--bcher-kva.example");
}

static void
test_what_idna_refuses_is_bad(void **state)
{
	char *many = repeat(2000, '\xc3', ".example");

	(void)state;
	no_domain("b\xc3");			/* cut off */
	no_domain("b\xff.example");
	no_domain("\xed\xa0\x80.example");	/* a surrogate */
	no_domain("b\xc3\xbc..example");
	no_domain("b\xc3\xbc.example\xe3\x80\x82\xe3\x80\x82");
	no_domain("b\xc3\xbc b.example");
	no_domain("b\xc3\xbc!.example");
	no_domain("\xe2\x98\x83!.example");
	no_domain("\xcc\x88" "a.example");	/* a leading mark */
	no_domain("[\xc3\xbc]");
	no_domain(many);
	check(fold_domain, slice("b\xc3\xbc\0.example", 12), FOLD_BAD, NULL, NULL);
	free(many);
}

static void
test_errno_is_kept(void **state)
{
	struct folded f;

	(void)state;
	errno = E2BIG;
	assert_int_equal(fold_domain(slice_str("b\xc3\xbc.example"), &f), FOLD_OK);
	assert_int_equal(fold_domain(slice_str("b\xff.example"), &f), FOLD_BAD);
	assert_int_equal(fold_domain(slice_str("[::1]"), &f), FOLD_BAD);
	assert_int_equal(errno, E2BIG);
}

static void
test_addresses_split_at_the_last_at(void **state)
{
	(void)state;
	address("bob@tmail.io", "bob@tmail.io", "tmail.io");
	address("Bob+Tag@Tmail.IO.", "bob+tag@tmail.io", "tmail.io");
	address("bob@tmail.io.", "bob@tmail.io", "tmail.io");
	address("a@b@tmail.io", "a@b@tmail.io", "tmail.io");
	address("@tmail.io", NULL, "tmail.io");
	address("tmail.io", NULL, "tmail.io");
	address("TMAIL.io.", NULL, "tmail.io");
	address("averyverylonglocalpart.with.dots@sub.tmail.io",
	    "averyverylonglocalpart.with.dots@sub.tmail.io", "sub.tmail.io");
	address("averyverylonglocalpart.with.dotS@sub.tmail.io",
	    "averyverylonglocalpart.with.dots@sub.tmail.io", "sub.tmail.io");
	check(fold_address, slice_str("bob@"), FOLD_BAD, NULL, NULL);
	check(fold_address, slice_str("@"), FOLD_BAD, NULL, NULL);
	check(fold_address, slice_str(""), FOLD_BAD, NULL, NULL);
	check(fold_address, slice_str("bob@a b"), FOLD_BAD, NULL, NULL);
	check(fold_address, slice_str("Bob@a..b"), FOLD_BAD, NULL, NULL);
}

static void
test_needless_quotes_are_dropped(void **state)
{
	(void)state;
	address("\"bob\"@x", "bob@x", "x");
	address("\"Bob.Smith\"@X", "bob.smith@x", "x");
	address("\"b\\ob\"@x", "bob@x", "x");
	address("\"bob smith\"@x", "\"bob smith\"@x", "x");
	address("\"b\\ob\\ smith\"@x", "\"bob smith\"@x", "x");
	address("\"a@b\"@x", "\"a@b\"@x", "x");
	address("\"a\\\"b\\\\c\"@x", "\"a\\\"b\\\\c\"@x", "x");
	address("\".bob\"@x", "\".bob\"@x", "x");
	address("\"bob.\"@x", "\"bob.\"@x", "x");
	address("\"b..ob\"@x", "\"b..ob\"@x", "x");
	address("\"\"@x", "\"\"@x", "x");
	address("\"b\xc3\xbc\"@x", "b\xc3\xbc@x", "x");
	/* No quoted string: byte for byte. */
	address("\"bob@x", "\"bob@x", "x");
	address("\"Bob\"b@x", "\"bob\"b@x", "x");
	address("\"b\"ob\"@x", "\"b\"ob\"@x", "x");
	address("\"bob\\\"@x", "\"bob\\\"@x", "x");
	address("\"@x", "\"@x", "x");
	address("b\"o\"b@x", "b\"o\"b@x", "x");
}

static void
test_long_local_parts_leave_the_domain(void **state)
{
	char *fits = repeat(FOLD_LOCAL_MAX, 'a', "@tmail.io");
	char *over = repeat(FOLD_LOCAL_MAX + 1, 'a', "@tmail.io");
	char *upper = repeat(FOLD_LOCAL_MAX, 'a', "@Tmail.io");
	char *quoted = repeat(FOLD_LOCAL_MAX, '"', "@Tmail.io");
	char *kept = repeat(FOLD_LOCAL_MAX, '"', "@tmail.io");
	char *bare = repeat(FOLD_LOCAL_MAX, '!', "");
	char *bare_over = repeat(FOLD_LOCAL_MAX + 1, '!', "");
	char *last_over = repeat(FOLD_LOCAL_MAX - 3, 'a', "@!!!");

	(void)state;
	address(fits, fits, "tmail.io");
	address(upper, fits, "tmail.io");
	address(quoted, kept, "tmail.io");
	check(fold_address, slice_str(over), FOLD_LONG, NULL, "tmail.io");
	login(fits, fits, "tmail.io");
	check(fold_login, slice_str(over), FOLD_LONG, NULL, "tmail.io");
	login(bare, bare, NULL);
	check(fold_login, slice_str(bare_over), FOLD_LONG, NULL, NULL);
	check(fold_login, slice_str(last_over), FOLD_LONG, NULL, NULL);
	last_over[0] = '@';
	login(last_over + 1, last_over + 1, "!!!");
	free(fits);
	free(over);
	free(upper);
	free(quoted);
	free(kept);
	free(bare);
	free(bare_over);
	free(last_over);
}

static void
test_a_login_is_never_bad(void **state)
{
	(void)state;
	login("Toorop@Tmail.IO", "toorop@tmail.io", "tmail.io");
	login("toorop", "toorop", NULL);
	login("TOOROP.", "toorop", NULL);
	login("Tmail.IO.", "tmail.io", NULL);
	login("a@b@TMAIL.io.", "a@b@tmail.io", "tmail.io");
	login("DOM\\User", "dom\\user", NULL);
	login("a b@Corp Net", "a b@corp net", "corp net");
	login("Joe@..", "joe@..", "..");
	login("Joe@x.y..", "joe@x.y..", "x.y..");
	login("Joe@", "joe@", NULL);
	login("@X", "@x", "x");
	login("@", "@", NULL);
	login("\"Bob\"@x", "\"bob\"@x", "x");
	login("B\xff@y\xff", "b\xff@y\xff", "y\xff");
	login("A\xc3\x9c", "xn--a-eha", NULL);
	check(fold_login, slice("", 0), FOLD_OK, NULL, NULL);
	check(fold_login, slice(NULL, 0), FOLD_OK, NULL, NULL);
}

static uint64_t seed = 7;

static unsigned
draw(unsigned n)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned)((seed >> 33) % n);
}

/* What is folded already is taken as it stands, what is not is copied. */
static void
test_copied_and_uncopied_names_are_the_same(void **state)
{
	static fold *const verbs[] = {fold_domain, fold_domain_of, fold_address, fold_login};
	static const char bytes[] = "abcxyz0189-_.@\"[]! ";
	int round;

	(void)state;
	for (round = 0; round < 200000; round++) {
		char in[48], upper[48];
		struct folded a, b;
		size_t len = draw(sizeof(in)), i;
		unsigned verb = draw(4);

		for (i = 0; i < len; i++) {
			in[i] = bytes[draw(draw(8) == 0 ? sizeof(bytes) - 1 : 14)];
			upper[i] = in[i] >= 'a' && in[i] <= 'z' && draw(2) == 0 ?
			    (char)(in[i] - 32) : in[i];
		}
		assert_int_equal(verbs[verb](slice(in, len), &a),
		    verbs[verb](slice(upper, len), &b));
		assert_true((a.full.ptr == NULL) == (b.full.ptr == NULL));
		assert_true((a.domain.ptr == NULL) == (b.domain.ptr == NULL));
		assert_true(slice_eq(a.full, b.full));
		assert_true(slice_eq(a.domain, b.domain));
	}
}

/* A folded name folds to itself. */
static void
test_folding_twice_is_folding_once(void **state)
{
	static fold *const verbs[] = {fold_domain, fold_address, fold_login};
	static const char *const bytes = "aAzZ09-_.@\"\\ \xc3\xbc\x9f[";
	int round;

	(void)state;
	for (round = 0; round < 100000; round++) {
		char in[24];
		struct folded a, b;
		size_t len = draw(sizeof(in)), i;
		unsigned verb = draw(3);

		for (i = 0; i < len; i++)
			in[i] = bytes[draw((unsigned)strlen(bytes))];
		if (verbs[verb](slice(in, len), &a) != FOLD_OK || a.full.ptr == NULL)
			continue;
		assert_int_equal(verbs[verb](a.full, &b), FOLD_OK);
		assert_true(slice_eq(a.full, b.full));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_domains_fold_to_lower_case),
		cmocka_unit_test(test_what_is_no_domain_is_bad),
		cmocka_unit_test(test_each_byte_is_judged_at_each_place),
		cmocka_unit_test(test_two_dots_are_seen_at_each_place),
		cmocka_unit_test(test_labels_and_names_have_their_limits),
		cmocka_unit_test(test_literals_fold_to_their_address),
		cmocka_unit_test(test_u_labels_become_a_labels),
		cmocka_unit_test(test_what_idna_refuses_is_bad),
		cmocka_unit_test(test_errno_is_kept),
		cmocka_unit_test(test_addresses_split_at_the_last_at),
		cmocka_unit_test(test_needless_quotes_are_dropped),
		cmocka_unit_test(test_long_local_parts_leave_the_domain),
		cmocka_unit_test(test_a_login_is_never_bad),
		cmocka_unit_test(test_copied_and_uncopied_names_are_the_same),
		cmocka_unit_test(test_folding_twice_is_folding_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
