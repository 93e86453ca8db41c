/* The reader: opening, the ladder, routes, and what damage comes to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mini_index.h"
#include "runtime/format.h"

/* The example of routes.conf(5), and more rungs. */
static const struct mini_route ladder[] = {
	{.id = 1, .line = 1, .to = "tmail.io", .host = "mail.tmail.io", .port = 25},
	{.id = 2, .line = 2, .user = "toorop@tmail.io", .to = "*", .host = "premium", .port = 25},
	{.id = 3, .line = 3, .user = "tmail.io", .to = "*", .host = "in.mailjet.com", .port = 587,
	    .tls = TMAIL_TLS_VERIFIED, .login = "mj", .password = "s3cret"},
	{.id = 4, .line = 4, .user = "tmail.io", .to = "*", .from = "tmail.io", .host = "in2", .port = 25},
	{.id = 5, .line = 5, .to = "*", .host = "smarthost", .port = 25},
	{.id = 6, .line = 6, .to = "partner.example", .kind = TMAIL_HOP_MX},
	{.id = 7, .line = 7, .to = "*.partner.example", .host = "sub", .port = 25},
	{.id = 8, .line = 8, .to = "*.a.partner.example", .host = "suba", .port = 25},
	{.id = 9, .line = 9, .to = "bob@partner.example", .host = "bob", .port = 25},
	{.id = 10, .line = 10, .to = "[192.0.2.1]", .host = "literal", .port = 25},
	{.id = 11, .line = 11, .to = "*", .from = "<>", .host = "bounces", .port = 25},
	{.id = 12, .line = 12, .to = "spam.example", .action = TMAIL_REJECT,
	    .kind = TMAIL_HOP_NONE, .text = "5.7.1 no"},
	{.id = 13, .line = 13, .user = "*", .to = "auth.example", .host = "auth", .port = 25},
	{.id = 14, .line = 14, .user = "toorop", .to = "*", .host = "bare", .port = 25},
	{.id = 15, .line = 15, .to = "xn--bcher-kva.example", .host = "books", .port = 25},
};
enum { LADDER = sizeof(ladder) / sizeof(ladder[0]) };

static struct tmail_slice
text(const char *s)
{
	return (struct tmail_slice){s, s == NULL ? 0 : strlen(s)};
}

static struct tmail_query
query_of(const char *to, const char *user, const char *from)
{
	return (struct tmail_query){text(to), text(user), text(from)};
}

static bool
same(struct tmail_slice got, const char *wanted)
{
	if (wanted == NULL || got.ptr == NULL)
		return wanted == NULL && got.ptr == NULL && got.len == 0;
	return got.len == strlen(wanted) && memcmp(got.ptr, wanted, got.len) == 0;
}

static struct tmail_routes *
open_routes(const struct mini_route *list, size_t n, unsigned load, unsigned flags)
{
	struct mini_index index = mini_build(list, n, NULL, 0, load);
	struct tmail_routes *routes;

	assert_int_equal(mini_open(&index, flags, &routes), TMAIL_OK);
	free(index.bytes);
	return routes;
}

static void
asks(const struct tmail_routes *routes, const char *to, const char *user,
    const char *from, uint32_t id)
{
	struct tmail_query query = query_of(to, user, from);
	struct tmail_match match;
	struct tmail_route route;
	enum tmail_status status;

	status = tmail_routes_lookup(routes, &query, &match);
	assert_int_equal(status, id == 0 ? TMAIL_NO_ROUTE : TMAIL_OK);
	if (id == 0)
		return;
	assert_int_equal(tmail_match_route(routes, &match, 0, &route), TMAIL_OK);
	if (route.id != id)
		fail_msg("to %s, user %s, from %s: route %u, not %u", to, user, from,
		    route.id, id);
}

static void
test_the_example_of_the_manual(void **state)
{
	struct tmail_routes *r = open_routes(ladder, LADDER, 8, TMAIL_OPEN_VERIFY);

	(void)state;
	asks(r, "bob@tmail.io", NULL, "x@y.example", 1);
	asks(r, "bob@tmail.io", "toorop@tmail.io", "z@y.example", 2);
	asks(r, "bob@tmail.io", "toorop@tmail.io", "toorop@tmail.io", 4);
	asks(r, "a@gmail.com", "joe@tmail.io", "z@y.example", 3);
	asks(r, "a@partner.example", NULL, "x@y.example", 6);
	asks(r, "a@gmail.com", NULL, "x@y.example", 5);
	tmail_routes_close(r);
}

static void
test_names_are_folded_in_a_query(void **state)
{
	struct tmail_routes *r = open_routes(ladder, LADDER, 8, 0);

	(void)state;
	asks(r, "BOB@Tmail.IO.", NULL, NULL, 1);
	asks(r, "tmail.io", NULL, NULL, 1);
	asks(r, "\"Bob\"@Partner.Example", NULL, NULL, 9);
	asks(r, "x@b\xc3\xbc" "cher.example", NULL, NULL, 15);
	asks(r, "x@[192.0.2.1]", NULL, NULL, 10);
	asks(r, "[192.0.2.1]", NULL, NULL, 10);
	asks(r, "x@gmail.com", "TOOROP@tmail.io.", "x@y", 2);
	asks(r, "x@gmail.com", "Toorop", "x@y", 14);
	asks(r, "x@gmail.com", "joe@Toorop", "x@y", 14);
	asks(r, "x@gmail.com", "joe@TMAIL.io", "Joe@TMAIL.io", 4);
	tmail_routes_close(r);
}

static void
test_parents_match_at_any_depth_nearest_first(void **state)
{
	struct tmail_routes *r = open_routes(ladder, LADDER, 8, 0);

	(void)state;
	asks(r, "x@partner.example", NULL, NULL, 6);
	asks(r, "x@b.partner.example", NULL, NULL, 7);
	asks(r, "x@a.partner.example", NULL, NULL, 7);
	asks(r, "x@c.a.partner.example", NULL, NULL, 8);
	asks(r, "x@d.c.a.partner.example", NULL, NULL, 8);
	asks(r, "x@d.c.b.partner.example.", NULL, NULL, 7);
	asks(r, "x@notpartner.example", NULL, NULL, 5);
	asks(r, "x@a..partner.example", NULL, NULL, 5);
	tmail_routes_close(r);
}

static void
test_what_cannot_be_folded_matches_stars(void **state)
{
	struct tmail_routes *r = open_routes(ladder, LADDER, 8, 0);

	(void)state;
	asks(r, "x@a b", NULL, NULL, 5);
	asks(r, "", NULL, NULL, 5);
	asks(r, "x@", NULL, NULL, 5);
	asks(r, "x@[1.2.3]", NULL, NULL, 5);
	asks(r, "x@b\xff", NULL, NULL, 5);
	asks(r, "x@auth..example", "u@x", "a@b", 5);
	asks(r, "x@gmail.com", "u@tmail.io", "tmail.io", 3);	/* a sender has an '@' */
	asks(r, "x@gmail.com", "u@tmail.io", "@tmail.io", 4);
	asks(r, "x@gmail.com", "u@tmail.io", "x@tmail..io", 3);
	tmail_routes_close(r);
}

static void
test_null_senders_and_logins(void **state)
{
	struct tmail_routes *r = open_routes(ladder, LADDER, 8, 0);
	struct tmail_query query = {.recipient = {"x@gmail.com", 11}};
	struct tmail_match match;

	(void)state;
	asks(r, "x@gmail.com", NULL, "", 11);
	asks(r, "x@gmail.com", NULL, "<>", 11);
	asks(r, "x@gmail.com", NULL, "<> ", 5);
	asks(r, "x@tmail.io", NULL, "<>", 1);	/* the destination comes first */
	asks(r, "x@auth.example", NULL, NULL, 5);
	asks(r, "x@auth.example", "", NULL, 5);
	asks(r, "x@auth.example", "anyone", NULL, 13);
	asks(r, "x@auth.example", "anyone", "<>", 13);
	query.login = (struct tmail_slice){"", 0};
	assert_int_equal(tmail_routes_lookup(r, &query, &match), TMAIL_OK);
	assert_true(same(match.to, "*"));
	assert_null(match.user.ptr);
	tmail_routes_close(r);
}

static void
test_a_match_shows_its_patterns(void **state)
{
	struct tmail_routes *r = open_routes(ladder, LADDER, 8, 0);
	struct tmail_match match, zero;
	struct tmail_query query = query_of("x@C.a.Partner.example.", NULL, NULL);

	(void)state;
	memset(&zero, 0, sizeof(zero));
	assert_int_equal(tmail_routes_lookup(r, &query, &match), TMAIL_OK);
	assert_true(same(match.user, NULL));
	assert_true(same(match.to, "*.a.partner.example"));
	assert_true(same(match.from, NULL));
	assert_int_equal(match.action, TMAIL_RELAY);
	assert_int_equal(match.count, 1);
	query = query_of("x@gmail.com", "x@tmail.io", "y@tmail.io");
	assert_int_equal(tmail_routes_lookup(r, &query, &match), TMAIL_OK);
	assert_true(same(match.user, "tmail.io"));
	assert_true(same(match.to, "*"));
	assert_true(same(match.from, "tmail.io"));
	query = query_of("x@spam.example", NULL, "<>");
	assert_int_equal(tmail_routes_lookup(r, &query, &match), TMAIL_OK);
	assert_int_equal(match.action, TMAIL_REJECT);
	assert_true(same(match.text, "5.7.1 no"));
	query = query_of("x@gmail.com", NULL, "<>");
	assert_int_equal(tmail_routes_lookup(r, &query, &match), TMAIL_OK);
	assert_true(same(match.from, "<>"));
	query.recipient.ptr = NULL;
	assert_int_equal(tmail_routes_lookup(r, &query, &match), TMAIL_E_ARGUMENT);
	assert_memory_equal(&match, &zero, sizeof(zero));
	tmail_routes_close(r);
}

static void
test_an_empty_index_has_no_route(void **state)
{
	struct tmail_routes *r = open_routes(NULL, 0, 8, TMAIL_OPEN_VERIFY);
	struct tmail_info info;

	(void)state;
	asks(r, "x@tmail.io", "u@tmail.io", "f@tmail.io", 0);
	asks(r, "", NULL, "", 0);
	tmail_routes_info(r, &info);
	assert_int_equal(info.version, INDEX_VERSION);
	assert_int_equal(info.routes, 0);
	assert_memory_equal(info.source, "digest of source", 16);
	tmail_routes_close(r);
}

static void
test_routes_come_with_their_values(void **state)
{
	static const struct mini_route list[] = {
		{.id = 9, .line = 105, .to = "a", .host = "low", .port = 26, .priority = 5,
		    .weight = 3, .local_mode = TMAIL_LOCAL_FAILOVER,
		    .locals = {"192.0.2.1", "2001:db8::1"}},
		{.id = 3, .line = 7, .to = "a", .host = "first", .port = 25, .priority = 1,
		    .login = "mj", .password = "x y", .tls = TMAIL_TLS_IMPLICIT},
		{.id = 1, .line = 100, .to = "a", .host = "late", .port = 25, .priority = 5},
	};
	static const struct mini_file files[] = {{"routes.conf", 0}, {"a.conf", 10}, {"b.conf", 100}};
	struct mini_index index = mini_build(list, 3, files, 3, 8);
	struct tmail_query query = query_of("x@a", NULL, NULL);
	struct tmail_address address;
	struct tmail_routes *r;
	struct tmail_match match;
	struct tmail_route route;
	static const unsigned char four[16] = {192, 0, 2, 1};

	(void)state;
	assert_int_equal(mini_open(&index, TMAIL_OPEN_SEALED, &r), TMAIL_OK);
	assert_int_equal(tmail_routes_lookup(r, &query, &match), TMAIL_OK);
	assert_int_equal(match.count, 3);
	assert_int_equal(tmail_match_route(r, &match, 0, &route), TMAIL_OK);
	assert_int_equal(route.id, 3);
	assert_true(same(route.file, "routes.conf"));
	assert_int_equal(route.line, 7);
	assert_true(same(route.host, "first"));
	assert_true(same(route.login, "mj"));
	assert_true(same(route.password, "x y"));
	assert_true(same(route.helo, NULL));
	assert_int_equal(route.tls, TMAIL_TLS_IMPLICIT);
	assert_int_equal(route.weight, 1);
	assert_int_equal(route.local_count, 0);
	assert_int_equal(tmail_route_local(r, &route, 0, &address), TMAIL_E_ARGUMENT);
	assert_int_equal(tmail_match_route(r, &match, 1, &route), TMAIL_OK);
	assert_int_equal(route.id, 1);
	assert_true(same(route.file, "a.conf"));
	assert_int_equal(route.line, 90);
	assert_int_equal(tmail_match_route(r, &match, 2, &route), TMAIL_OK);
	assert_int_equal(route.id, 9);
	assert_int_equal(route.port, 26);
	assert_int_equal(route.priority, 5);
	assert_int_equal(route.weight, 3);
	assert_true(same(route.file, "b.conf"));
	assert_int_equal(route.line, 5);
	assert_int_equal(route.local, TMAIL_LOCAL_FAILOVER);
	assert_int_equal(route.local_count, 2);
	assert_int_equal(tmail_route_local(r, &route, 0, &address), TMAIL_OK);
	assert_int_equal(address.family, 4);
	assert_memory_equal(address.bytes, four, 16);
	assert_true(same(address.text, "192.0.2.1"));
	assert_int_equal(tmail_route_local(r, &route, 1, &address), TMAIL_OK);
	assert_int_equal(address.family, 6);
	assert_true(same(address.text, "2001:db8::1"));
	assert_int_equal(tmail_route_local(r, &route, 2, &address), TMAIL_E_ARGUMENT);
	assert_int_equal(tmail_match_route(r, &match, 3, &route), TMAIL_E_ARGUMENT);
	tmail_routes_close(r);
	free(index.bytes);
}

static void
test_opening_tells_what_is_wrong(void **state)
{
	char dir[] = "/tmp/tmail-reader-XXXXXX", path[64], link[64];
	struct mini_index index = mini_build(ladder, LADDER, NULL, 0, 8);
	struct tmail_routes *r = (struct tmail_routes *)1;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/routes.idx", dir);
	snprintf(link, sizeof(link), "%s/link", dir);
	assert_int_equal(tmail_routes_open(path, 0, &r), TMAIL_E_MISSING);
	assert_null(r);
	assert_int_equal(tmail_routes_open(NULL, 0, &r), TMAIL_E_ARGUMENT);
	assert_int_equal(tmail_routes_open(path, 4, &r), TMAIL_E_ARGUMENT);
	assert_int_equal(tmail_routes_open(dir, 0, &r), TMAIL_E_IO);
	assert_int_equal(tmail_routes_open("/dev/null", 0, &r), TMAIL_E_IO);
	assert_int_equal(tmail_routes_open("/dev/null/x", 0, &r), TMAIL_E_MISSING);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(tmail_routes_open(path, 0, &r), TMAIL_E_IO);
	assert_int_equal(unlink(path), 0);
	mini_write(&index, path);
	assert_int_equal(symlink("routes.idx", link), 0);
	assert_int_equal(tmail_routes_open(link, TMAIL_OPEN_VERIFY, &r), TMAIL_OK);
	tmail_routes_close(r);
	le32_put(index.bytes + HEADER_VERSION, INDEX_OLDEST - 1);
	mini_write(&index, path);
	assert_int_equal(tmail_routes_open(path, 0, &r), TMAIL_E_VERSION);
	le32_put(index.bytes + HEADER_VERSION, INDEX_VERSION + 1);
	mini_write(&index, path);
	assert_int_equal(tmail_routes_open(path, 0, &r), TMAIL_E_VERSION);
	index.bytes[0] ^= 1;
	mini_write(&index, path);
	assert_int_equal(tmail_routes_open(path, 0, &r), TMAIL_E_FORMAT);
	assert_null(r);
	unlink(link);
	unlink(path);
	rmdir(dir);
	free(index.bytes);
}

static void
test_refresh_sees_another_file(void **state)
{
	char dir[] = "/tmp/tmail-reader-XXXXXX", path[64], next[64];
	struct mini_index one = mini_build(ladder, LADDER, NULL, 0, 8);
	struct mini_index two = mini_build(ladder, 4, NULL, 0, 8);
	struct tmail_routes *r, *fresh;
	struct tmail_info info;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/routes.idx", dir);
	snprintf(next, sizeof(next), "%s/next", dir);
	mini_write(&one, path);
	assert_int_equal(tmail_routes_open(path, 0, &r), TMAIL_OK);
	assert_int_equal(tmail_routes_refresh(r, &fresh), TMAIL_OK);
	assert_null(fresh);
	mini_write(&two, next);
	assert_int_equal(rename(next, path), 0);
	assert_int_equal(tmail_routes_refresh(r, &fresh), TMAIL_OK);
	assert_non_null(fresh);
	tmail_routes_info(fresh, &info);
	assert_int_equal(info.routes, 4);
	asks(r, "x@spam.example", NULL, NULL, 12);	/* the old one is good yet */
	asks(fresh, "x@spam.example", NULL, NULL, 0);
	tmail_routes_close(fresh);
	two.bytes[0] ^= 1;
	mini_write(&two, next);
	assert_int_equal(rename(next, path), 0);
	assert_int_equal(tmail_routes_refresh(r, &fresh), TMAIL_E_FORMAT);
	assert_null(fresh);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(tmail_routes_refresh(r, &fresh), TMAIL_E_MISSING);
	asks(r, "x@spam.example", NULL, NULL, 12);
	tmail_routes_close(r);
	rmdir(dir);
	free(one.bytes);
	free(two.bytes);
}

static void
test_a_sealed_index_outlives_its_file(void **state)
{
	char path[] = "/tmp/tmail-reader-XXXXXX";
	struct mini_index index = mini_build(ladder, LADDER, NULL, 0, 8);
	struct tmail_routes *r;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd != -1);
	mini_write(&index, path);
	assert_int_equal(tmail_routes_open(path, TMAIL_OPEN_SEALED | TMAIL_OPEN_VERIFY, &r),
	    TMAIL_OK);
	assert_int_equal(ftruncate(fd, 0), 0);
	asks(r, "x@spam.example", NULL, NULL, 12);
	tmail_routes_close(r);
	close(fd);
	unlink(path);
	free(index.bytes);
}

/* A copy is no file: a limit of those stops neither it nor the process. */
static void
test_a_copy_is_no_file(void **state)
{
	char path[] = "/tmp/tmail-reader-XXXXXX";
	struct mini_index index = mini_build(ladder, LADDER, NULL, 0, 8);
	struct tmail_routes *r;
	struct rlimit limit, small;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd != -1);
	mini_write(&index, path);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small = limit;
	small.rlim_cur = 1;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(tmail_routes_open(path, TMAIL_OPEN_SEALED, &r), TMAIL_OK);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	asks(r, "x@spam.example", NULL, NULL, 12);
	tmail_routes_close(r);
	close(fd);
	unlink(path);
	free(index.bytes);
}

/* Whether what is there is left out of a core dump, proc(5). */
static bool
undumped(const void *ptr)
{
	FILE *maps = fopen("/proc/self/smaps", "r");
	unsigned long begin, end, at = (unsigned long)ptr;
	bool there = false, found = false;
	char line[512];

	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps) != NULL)
		if (sscanf(line, "%lx-%lx ", &begin, &end) == 2)
			there = begin <= at && at < end;
		else if (there && strncmp(line, "VmFlags:", 8) == 0)
			found = strstr(line, " dd") != NULL;
	fclose(maps);
	return found;
}

static void
test_a_copy_is_in_no_core(void **state)
{
	const struct mini_route route = {.id = 1, .line = 1, .to = "*", .host = "h", .port = 25,
	    .login = "l", .password = "s3cret"};
	struct tmail_routes *r = open_routes(&route, 1, 8, TMAIL_OPEN_SEALED);
	struct tmail_query query = query_of("a.example", NULL, NULL);
	struct tmail_match match;
	struct tmail_route found;
	/* An emulator shows neither that one. */
	char *like = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)state;
	assert_true(like != MAP_FAILED && madvise(like, 4096, MADV_DONTDUMP) == 0);
	assert_int_equal(tmail_routes_lookup(r, &query, &match), TMAIL_OK);
	assert_int_equal(tmail_match_route(r, &match, 0, &found), TMAIL_OK);
	assert_int_equal(undumped(found.password.ptr), undumped(like));
	assert_false(undumped(&found));
	munmap(like, 4096);
	tmail_routes_close(r);
}

/* Bytes that count towards RLIMIT_DATA. */
static rlim_t
data_size(void)
{
	FILE *status = fopen("/proc/self/status", "r");
	unsigned long size = 0;
	char line[256];

	assert_non_null(status);
	while (fgets(line, sizeof(line), status) != NULL)
		if (sscanf(line, "VmData: %lu", &size) == 1)
			break;
	fclose(status);
	return (rlim_t)size * 1024;
}

/* Nothing is copied: there is no memory for it here. */
static void
test_what_is_no_index_is_not_copied(void **state)
{
	char path[] = "/tmp/tmail-reader-XXXXXX";
	struct mini_index index = mini_build(ladder, LADDER, NULL, 0, 8);
	int fd = mkstemp(path);
	struct tmail_routes *r;
	struct rlimit limit, small;
	/* As large as can be mapped where addresses have 32 bits. */
	off_t huge = sizeof(size_t) > 4 ? (off_t)4 << 30 : (off_t)1 << 30;

	(void)state;
	assert_true(fd != -1);
	assert_int_equal(ftruncate(fd, huge), 0);
	assert_int_equal(getrlimit(RLIMIT_DATA, &limit), 0);
	small = limit;
	small.rlim_cur = data_size() + (64 << 20);
	assert_int_equal(setrlimit(RLIMIT_DATA, &small), 0);
	assert_int_equal(tmail_routes_open(path, TMAIL_OPEN_SEALED, &r), TMAIL_E_FORMAT);
	assert_int_equal(pwrite(fd, index.bytes, index.size, 0), index.size);
	assert_int_equal(tmail_routes_open(path, TMAIL_OPEN_SEALED, &r), TMAIL_E_DAMAGED);
	assert_int_equal(pwrite(fd, "\xff", 1, HEADER_VERSION), 1);
	assert_int_equal(tmail_routes_open(path, TMAIL_OPEN_SEALED, &r), TMAIL_E_VERSION);
	/* What is one is. */
	assert_int_equal(pwrite(fd, index.bytes, index.size, 0), index.size);
	assert_int_equal(ftruncate(fd, (off_t)index.size), 0);
	assert_int_equal(tmail_routes_open(path, TMAIL_OPEN_SEALED, &r), TMAIL_OK);
	tmail_routes_close(r);
	assert_int_equal(setrlimit(RLIMIT_DATA, &limit), 0);
	close(fd);
	unlink(path);
	free(index.bytes);
}

static void
test_each_status_has_its_text(void **state)
{
	int i, j;

	(void)state;
	for (i = TMAIL_OK; i <= TMAIL_E_SPACE + 1; i++)
		for (j = i + 1; j <= TMAIL_E_SPACE + 1; j++)
			assert_string_not_equal(tmail_status_text((enum tmail_status)i),
			    tmail_status_text((enum tmail_status)j));
	assert_non_null(tmail_status_text((enum tmail_status)-1));
}

static const struct mini_route full = {.id = 7, .to = "a.example", .host = "r.example",
    .port = 587, .login = "u", .tls = TMAIL_TLS_VERIFIED, .relay = "pool",
    .token_file = "/t", .tls_cert = "/c", .tls_ca = "/ca", .mail_from = "b@c.example",
    .family = TMAIL_FAMILY_PREFER_IPV6, .auth = TMAIL_AUTH_OAUTHBEARER, .connections = 10000,
    .rate = 1000000, .rate_unit = RATE_HOUR, .local_mode = TMAIL_LOCAL_FAILOVER,
    .locals = {"192.0.2.1", "192.0.2.2"}, .greeting = "out1.example"};

static void
fill_first(const struct tmail_routes *routes, struct tmail_route *route, enum tmail_status wanted)
{
	struct tmail_query query = query_of("a.example", NULL, NULL);
	struct tmail_match match;

	assert_int_equal(tmail_routes_lookup(routes, &query, &match), TMAIL_OK);
	assert_int_equal(tmail_match_route(routes, &match, 0, route), wanted);
}

static void
test_each_option_is_read(void **state)
{
	struct tmail_routes *r = open_routes(&full, 1, 8, TMAIL_OPEN_VERIFY);
	struct tmail_route route;
	struct tmail_address address;

	(void)state;
	fill_first(r, &route, TMAIL_OK);
	assert_true(same(route.relay, "pool"));
	assert_true(same(route.token_file, "/t"));
	assert_true(same(route.tls_cert, "/c"));
	assert_true(same(route.tls_ca, "/ca"));
	assert_true(same(route.mail_from, "b@c.example"));
	assert_true(same(route.password_file, NULL));
	assert_int_equal(route.family, TMAIL_FAMILY_PREFER_IPV6);
	assert_int_equal(route.auth, TMAIL_AUTH_OAUTHBEARER);
	assert_int_equal(route.connections, 10000);
	assert_int_equal(route.rate, 1000000);
	assert_int_equal(route.rate_seconds, 3600);
	assert_int_equal(tmail_route_local(r, &route, 0, &address), TMAIL_OK);
	assert_true(same(address.helo, "out1.example"));
	assert_int_equal(tmail_route_local(r, &route, 1, &address), TMAIL_OK);
	assert_true(same(address.helo, NULL));
	tmail_routes_close(r);
}

/* A number that no reader of this format knows is damage, never something else. */
static void
test_a_number_out_of_its_range_is_damage(void **state)
{
	static const struct {
		int at, least;
	} fields[] = {{HOP_TLS, TMAIL_TLS_IMPLICIT + 1}, {HOP_FAMILY, TMAIL_FAMILY_PREFER_IPV6 + 1},
	    {HOP_AUTH, TMAIL_AUTH_EXTERNAL + 1}, {HOP_RATE_UNIT, RATE_HOUR + 1},
	    {HOP_LOCAL_MODE, TMAIL_LOCAL_FAILOVER + 1}, {HOP_KIND, TMAIL_HOP_NONE + 1}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		struct mini_index index = mini_build(&full, 1, NULL, 0, 8);
		unsigned char *hop = index.bytes +
		    le64_get(index.bytes + HEADER_SECTIONS + 16 * SECTION_HOPS);
		struct tmail_routes *r;
		struct tmail_route route;

		hop[fields[i].at] = (unsigned char)fields[i].least;
		mini_seal(&index);
		assert_int_equal(mini_open(&index, TMAIL_OPEN_VERIFY, &r), TMAIL_OK);
		fill_first(r, &route, TMAIL_E_DAMAGED);
		tmail_routes_close(r);
		free(index.bytes);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_example_of_the_manual),
		cmocka_unit_test(test_names_are_folded_in_a_query),
		cmocka_unit_test(test_parents_match_at_any_depth_nearest_first),
		cmocka_unit_test(test_what_cannot_be_folded_matches_stars),
		cmocka_unit_test(test_null_senders_and_logins),
		cmocka_unit_test(test_a_match_shows_its_patterns),
		cmocka_unit_test(test_an_empty_index_has_no_route),
		cmocka_unit_test(test_routes_come_with_their_values),
		cmocka_unit_test(test_each_option_is_read),
		cmocka_unit_test(test_a_number_out_of_its_range_is_damage),
		cmocka_unit_test(test_opening_tells_what_is_wrong),
		cmocka_unit_test(test_refresh_sees_another_file),
		cmocka_unit_test(test_a_sealed_index_outlives_its_file),
		cmocka_unit_test(test_a_copy_is_no_file),
		cmocka_unit_test(test_a_copy_is_in_no_core),
		cmocka_unit_test(test_what_is_no_index_is_not_copied),
		cmocka_unit_test(test_each_status_has_its_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
