/* Addresses: what is one, and how RFC 5952 writes it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/ip.h"

static void
formats(const char *in, int family, const char *out)
{
	char text[IP_TEXT_SIZE];
	struct ip ip, again;

	assert_true(ip_parse(slice_str(in), &ip));
	assert_int_equal(ip.family, family);
	assert_int_equal(ip_format(&ip, text), strlen(out));
	assert_string_equal(text, out);
	assert_true(ip_parse(slice_str(text), &again));
	assert_memory_equal(&ip, &again, sizeof(ip));
}

static void
test_addresses_are_written_as_rfc_5952_has_them(void **state)
{
	(void)state;
	formats("192.0.2.1", 4, "192.0.2.1");
	formats("0.0.0.0", 4, "0.0.0.0");
	formats("255.255.255.255", 4, "255.255.255.255");
	formats("10.100.9.99", 4, "10.100.9.99");
	formats("::", 6, "::");
	formats("::1", 6, "::1");
	formats("::a0b", 6, "::a0b");
	formats("::1.2.3.4", 6, "::102:304");
	formats("::1:0", 6, "::1:0");
	formats("::ffff:0:0", 6, "::ffff:0.0.0.0");
	formats("::ffff:0:1:2", 6, "::ffff:0:1:2");
	formats("1::", 6, "1::");
	formats("2001:DB8::1", 6, "2001:db8::1");
	formats("2001:0db8:0000:0000:0000:0000:0000:0001", 6, "2001:db8::1");
	/* One zero group is no run; the longest run goes, the first of equals. */
	formats("2001:db8:0:1:1:1:1:1", 6, "2001:db8:0:1:1:1:1:1");
	formats("2001:0:0:1:0:0:0:1", 6, "2001:0:0:1::1");
	formats("2001:db8:0:0:1:0:0:1", 6, "2001:db8::1:0:0:1");
	formats("0:0:1:2:3:4:5:6", 6, "::1:2:3:4:5:6");
	formats("1:2:3:4:5:6:0:0", 6, "1:2:3:4:5:6::");
	formats("::ffff:192.0.2.1", 6, "::ffff:192.0.2.1");
	formats("::ffff:c000:201", 6, "::ffff:192.0.2.1");
	formats("64:ff9b::192.0.2.33", 6, "64:ff9b::c000:221");
	formats("abcd:ef01:2345:6789:abcd:ef01:2345:6789", 6,
	    "abcd:ef01:2345:6789:abcd:ef01:2345:6789");
}

/* Each choice of zero groups, with short and long ones between them. */
static void
test_all_shapes_read_back(void **state)
{
	(void)state;
	for (unsigned shape = 0; shape < 256 * 3; shape++) {
		static const unsigned char groups[3][2] = {{0, 1}, {0xff, 0xff}, {0x20, 0x20}};
		struct ip ip = {.family = 6}, again;
		char text[IP_TEXT_SIZE];
		bool mapped = true;
		size_t len;

		for (int i = 0; i < 16; i++)
			if ((shape / 3 & 1u << i / 2) != 0)
				ip.bytes[i] = groups[shape % 3][i % 2];
		for (int i = 0; i < 12; i++)
			mapped &= ip.bytes[i] == (i < 10 ? 0 : 0xff);
		len = ip_format(&ip, text);
		assert_int_equal(len, strlen(text));
		assert_true(ip_parse(slice_str(text), &again));
		assert_memory_equal(&ip, &again, sizeof(ip));
		assert_int_equal(strchr(text, '.') != NULL, mapped);
	}
}

static void
test_what_is_no_address_is_refused(void **state)
{
	static const char *const bad[] = {
		"", ".", "1", "1.2.3", "1.2.3.4.5", "1.2.3.", ".1.2.3", "1..2.3",
		"256.0.0.1", "01.2.3.4", "1.2.3.04", "1.2.3.4 ", " 1.2.3.4",
		"1.2.3.-4", "0x1.2.3.4", "1.2.3.4/24", ":", ":::", "1:2:3:4:5:6:7",
		"1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "g::", "fe80::1%eth0",
		"[::1]", "::1.2.3", "::1.2.3.256", "1:2:3:4:5:6:7:1.2.3.4",
		"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000"
	};
	struct ip ip;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(ip_parse(slice_str(bad[i]), &ip));
	assert_false(ip_parse(slice("1.2.3.4\0", 8), &ip));
	assert_false(ip_parse(slice(NULL, 0), &ip));
	assert_false(ip4_parse(slice_str("::1"), &ip));
	assert_false(ip6_parse(slice_str("1.2.3.4"), &ip));
}

static void
test_bytes_stand_in_network_order(void **state)
{
	static const unsigned char four[16] = {192, 0, 2, 1};
	static const unsigned char six[16] = {0x20, 1, 0xd, 0xb8, [15] = 1};
	struct ip ip;

	(void)state;
	assert_true(ip4_parse(slice_str("192.0.2.1"), &ip));
	assert_memory_equal(ip.bytes, four, 16);
	assert_true(ip6_parse(slice_str("2001:db8::1"), &ip));
	assert_memory_equal(ip.bytes, six, 16);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses_are_written_as_rfc_5952_has_them),
		cmocka_unit_test(test_all_shapes_read_back),
		cmocka_unit_test(test_what_is_no_address_is_refused),
		cmocka_unit_test(test_bytes_stand_in_network_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
