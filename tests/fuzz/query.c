/*
 * query.c - any bytes as the mail to route, against the naive ladder; and as
 * the lines of `tmail routes lookup -`: one line for each.
 *
 * The first byte says how the lines are to be answered; lines are what lookup
 * reads, and the fields of the first one are asked for one by one.
 */
#include "fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fold.h"
#include "cli/cli.h"
#include "conf/conf.h"
#include "image/image.h"
#include "naive.h"
#include "promise.h"

enum { PATH_SIZE = 64, FIELDS = 3 };

/* Names that meet on all kinds of rungs. */
static const struct mini_route list[] = {
    {.to = "a.example", .host = "h1", .priority = 2},
    {.to = "a.example", .host = "h2", .priority = 1},
    {.to = "a.example", .host = "h2", .priority = 1},
    {.to = "*.a.example", .host = "h3", .priority = 1},
    {.to = "*.example", .host = "h4", .priority = 1},
    {.to = "u@a.example", .host = "h5", .priority = 1},
    {.to = "*", .user = "a.example", .host = "h6", .priority = 1},
    {.to = "*", .user = "u@a.example", .host = "h7", .priority = 1},
    {.to = "*", .user = "u", .host = "h8", .priority = 1},
    {.to = "*", .user = "*", .from = "s@a.example", .host = "h9", .priority = 1},
    {.to = "*", .user = "*", .from = "a.example", .host = "h10", .priority = 1},
    {.to = "*", .from = "<>", .host = "h11", .priority = 1},
    {.to = "*.a.example", .user = "a.example", .from = "a.example", .host = "h12", .priority = 1},
    {.to = "u@a.example", .user = "u@a.example", .from = "<>", .host = "h13", .priority = 1},
    {.to = "[192.0.2.1]", .host = "h14", .priority = 1},
    {.to = "u@[IPv6:2001:db8::1]", .host = "h15", .priority = 1},
    {.to = "xn--bcher-kva.example", .host = "h16", .priority = 1},
    {.to = "*.xn--bcher-kva.example", .from = "<>", .host = "h17", .priority = 1},
    {.to = "r.example", .action = TMAIL_REJECT, .priority = 1},
    {.to = "*.r.example", .user = "*", .action = TMAIL_DEFER, .priority = 1},
};
enum { ROUTES = sizeof(list) / sizeof(list[0]) };

/* The index of these routes, made once. */
struct target {
	struct tmail_routes *routes;
	char path[PATH_SIZE];
	int in, out;
};

static void
write_route(FILE *out, size_t i)
{
	const struct mini_route *r = &list[i];

	fprintf(out, "route %zu to %s", i + 1, r->to);
	fprintf(out, " user %s", r->user == NULL ? "any" : r->user);
	if (r->from != NULL)
		fprintf(out, " from %s", r->from);
	if (r->action == TMAIL_RELAY)
		fprintf(out, " via %s", r->host);
	else
		fputs(r->action == TMAIL_REJECT ? " reject" : " defer", out);
	fprintf(out, " priority %u\n", r->priority);
}

/* The routes as a configuration; allocated. */
static struct slice
conf_text(void)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	promise(out != NULL);
	for (size_t i = 0; i < ROUTES; i++)
		write_route(out, i);
	promise(fclose(out) == 0);
	return slice(text, size);
}

static struct mini_index
compiled(struct slice text)
{
	struct overlay overlay = {.bytes = text};
	struct conf conf;
	struct image image;
	struct mini_index index;

	promise(conf_open_with(&conf, "tests/fuzz/no.conf", &overlay, 1) == SOURCE_OK);
	promise(conf_check(&conf));
	promise(image_build(&conf, &image));
	image_seal(&image);
	index = (struct mini_index){malloc(image.size), image.size};
	promise(index.bytes != NULL);
	memcpy(index.bytes, image.bytes, image.size);
	image_release(&image);
	conf_close(&conf);
	return index;
}

static void
target_open(struct target *target)
{
	struct slice text = conf_text();
	struct mini_index index = compiled(text);
	int fd = memfd_create("index", MFD_CLOEXEC);

	target->in = memfd_create("in", MFD_CLOEXEC);
	target->out = memfd_create("out", MFD_CLOEXEC);
	promise(fd >= 0 && target->in >= 0 && target->out >= 0);
	promise(dup2(target->in, STDIN_FILENO) == STDIN_FILENO);
	promise(dup2(target->out, STDOUT_FILENO) == STDOUT_FILENO);
	promise(write(fd, index.bytes, index.size) == (ssize_t)index.size);
	snprintf(target->path, PATH_SIZE, "/proc/self/fd/%d", fd);
	promise(tmail_routes_open(target->path, TMAIL_OPEN_VERIFY, &target->routes) == TMAIL_OK);
	free(index.bytes);
	free((void *)(uintptr_t)text.ptr);
}

/* A folded name as a string; NULL: there is none. */
static const char *
name_of(struct slice name, char *buffer)
{
	if (name.ptr == NULL)
		return NULL;
	memcpy(buffer, name.ptr, name.len);
	buffer[name.len] = '\0';
	return buffer;
}

static const char *
sender_of(struct slice from, char *buffer)
{
	struct folded folded;

	if (from.ptr == NULL)
		return NULL;
	if (from.len == 0 || slice_is(from, "<>"))
		return "<>";
	if (memchr(from.ptr, '@', from.len) == NULL || fold_address(from, &folded) != FOLD_OK)
		return NULL;
	return name_of(folded.full.ptr != NULL ? folded.full : folded.domain, buffer);
}

static void
check_query(const struct target *target, const struct tmail_query *query)
{
	static struct naive naive;
	char names[FIELDS][FOLD_SIZE];
	struct slice to = slice(query->recipient.ptr, query->recipient.len);
	struct slice user = slice(query->login.ptr, query->login.len);
	struct folded folded;
	const char *login = NULL, *recipient;

	if (user.len != 0) {
		promise(fold_login(user, &folded) == FOLD_OK);
		login = name_of(folded.full, names[0]);
	}
	fold_address(to, &folded);
	recipient = name_of(folded.full.ptr != NULL ? folded.full : folded.domain, names[1]);
	naive_init(&naive, recipient, login,
	    sender_of(slice(query->sender.ptr, query->sender.len), names[2]));
	naive_check(&naive, list, ROUTES, target->routes, query);
}

/* The fields of the first line, absent where there are fewer. */
static void
check_first(const struct target *target, const char *text, size_t size)
{
	const char *end = memchr(text, '\n', size);
	size_t left = end == NULL ? size : (size_t)(end - text);
	struct tmail_slice fields[FIELDS] = {{"", 0}};

	if (left > FOLD_LOCAL_MAX || memchr(text, '\0', left) != NULL)
		return;
	for (int i = 0; i < FIELDS; i++) {
		const char *tab = memchr(text, '\t', left);
		size_t len = tab == NULL ? left : (size_t)(tab - text);

		fields[i] = (struct tmail_slice){text, len};
		if (tab == NULL)
			break;
		text += len + 1;
		left -= len + 1;
	}
	check_query(target, &(struct tmail_query){fields[0], fields[1], fields[2]});
}

static void
put_file(int fd, const char *bytes, size_t size)
{
	promise(ftruncate(fd, 0) == 0);
	promise(pwrite(fd, bytes, size, 0) == (ssize_t)size);
	promise(lseek(fd, 0, SEEK_SET) == 0);
}

static size_t
count_lines(const char *bytes, size_t size)
{
	size_t lines = 0;

	for (size_t i = 0; i < size; i++)
		lines += bytes[i] == '\n';
	return lines;
}

/* Whether a line has more than the three fields of a query. */
static bool
has_fourth_field(const char *bytes, size_t size)
{
	size_t tabs = 0;

	for (size_t i = 0; i < size && tabs < 3; i++)
		tabs = bytes[i] == '\n' ? 0 : tabs + (bytes[i] == '\t');
	return tabs == 3;
}

/* One line out for each line in, and all of it is text. */
static void
check_lines(const struct target *target, unsigned how, const char *text, size_t size)
{
	static const char *const forms[] = {"-q", "--json", "--explain", "--plan"};
	char words[5][PATH_SIZE];
	char *argv[] = {words[0], words[1], words[2], words[3], words[4], NULL};
	size_t lines = count_lines(text, size) + (size > 0 && text[size - 1] != '\n');
	char *out;
	off_t end;
	int code;

	snprintf(words[0], PATH_SIZE, "lookup");
	snprintf(words[1], PATH_SIZE, "-i");
	snprintf(words[2], PATH_SIZE, "%s", target->path);
	snprintf(words[3], PATH_SIZE, "%s", forms[how % 4]);
	snprintf(words[4], PATH_SIZE, "-");
	put_file(target->in, text, size);
	put_file(target->out, "", 0);
	code = cmd_lookup(5, argv);
	promise(code == EX_DATAERR || (code == 0 && !has_fourth_field(text, size)));
	end = lseek(target->out, 0, SEEK_END);
	promise(end >= 0);
	out = malloc((size_t)end + 1);
	promise(out != NULL && pread(target->out, out, (size_t)end, 0) == end);
	promise(count_lines(out, (size_t)end) == lines);
	promise(end == 0 || out[end - 1] == '\n');
	free(out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct target target;

	if (target.routes == NULL)
		target_open(&target);
	if (size == 0)
		return 0;
	check_first(&target, (const char *)bytes + 1, size - 1);
	check_lines(&target, bytes[0], (const char *)bytes + 1, size - 1);
	return 0;
}
