/*
 * edits.c - any bytes as a configuration and as commands that edit it: every
 * other byte is kept, del of what add added gives the same bytes back, what is
 * written compiles, and a refused edit changes nothing.
 *
 * Behind a line "%%", to which the line end in front belongs, each line is a command of words that a TAB parts: "add",
 * "set" or "del", of the last two the ID, and then values, each with the letter
 * of its option in front.
 */
#include "fuzz.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "conf/conf.h"
#include "text/edit.h"
#include "promise.h"

enum { COMMANDS = 6, WORDS = 24, TEXT_MAX = 1 << 14, TOLD_MAX = 16 };

static const char *const options[] = {"-d", "-u", "-f", "-rh", "-rp", "-p", "-w", "-l", "-rl",
    "-rpwd", "--password-file", "--tls", "--tls-name", "--helo", "--transport", "--reject", "--defer",
    "--comment"};
enum { OPTIONS = sizeof(options) / sizeof(*options) };

#define TEMPLATE "/dev/shm/tmail-edits.XXXXXX"
static char directory[] = TEMPLATE;
static int quiet;	/* where messages go */
static char path[sizeof(directory) + 32];

static void
clean_up(void)
{
	static const char *const files[] = {"routes.conf", "routes.idx", ".routes.conf.lock",
	    ".routes.idx.lock"};

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		snprintf(path, sizeof(path), "%s/%s", directory, files[i]);
		unlink(path);
	}
	rmdir(directory);
}

/* A directory of its own, in memory, and standard streams that nobody reads. */
static void
set_up(void)
{
	promise(mkdtemp(directory) != NULL);
	promise(atexit(clean_up) == 0);
	promise(freopen("/dev/null", "r", stdin) != NULL);
	quiet = open("/dev/null", O_WRONLY);
	promise(quiet >= 0);
}

static void
write_conf(struct slice bytes)
{
	int fd;

	snprintf(path, sizeof(path), "%s/routes.conf", directory);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	promise(fd >= 0 && write(fd, bytes.ptr, bytes.len) == (ssize_t)bytes.len);
	close(fd);
}

/* The configuration as it stands; allocated. */
static struct slice
read_conf(void)
{
	struct stat status;
	char *bytes;
	int fd;

	snprintf(path, sizeof(path), "%s/routes.conf", directory);
	fd = open(path, O_RDONLY);
	promise(fd >= 0 && fstat(fd, &status) == 0);
	bytes = malloc((size_t)status.st_size + 1);
	promise(bytes != NULL && read(fd, bytes, (size_t)status.st_size) == status.st_size);
	close(fd);
	return slice(bytes, (size_t)status.st_size);
}

static void
forget(struct slice bytes)
{
	free((void *)(uintptr_t)bytes.ptr);
}

static bool
same(struct slice a, struct slice b)
{
	return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}

/* One command. */
struct command {
	char text[TEXT_MAX];
	char *words[WORDS + 3];	/* with -c and the file in front of the rest */
	int count;
	char file[sizeof(path)];
};

/* A value with the letter of its option; an operand stands for itself. */
static void
add_word(struct command *c, char *word, bool operand)
{
	unsigned option = (unsigned)(unsigned char)word[0] - 'a';

	if (operand) {
		/* No option: the fuzzer may not choose the command's files. */
		c->words[c->count++] = word[0] == '-' ? word + 1 : word;
	} else if (option < OPTIONS) {
		c->words[c->count++] = (char *)(uintptr_t)options[option];
		c->words[c->count++] = word + 1;
	}
}

static bool
read_command(struct command *c, struct slice line)
{
	char *rest, *word;

	*c = (struct command){.count = 0};
	if (line.len == 0 || line.len >= TEXT_MAX || memchr(line.ptr, '\0', line.len) != NULL)
		return false;
	memcpy(c->text, line.ptr, line.len);
	rest = c->text;
	c->words[c->count++] = strsep(&rest, "\t");
	c->words[c->count++] = (char *)(uintptr_t)"-c";
	snprintf(c->file, sizeof(c->file), "%s/routes.conf", directory);
	c->words[c->count++] = c->file;
	while ((word = strsep(&rest, "\t")) != NULL && c->count + 2 < WORDS)
		add_word(c, word, strcmp(c->words[0], "add") != 0 && c->count == 3);
	return true;
}

static int
call(struct command *c)
{
	static const struct {
		const char *name;
		int (*run)(int argc, char **argv);
	} commands[] = {{"add", cmd_add}, {"set", cmd_set}, {"del", cmd_del}};

	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (strcmp(c->words[0], commands[i].name) == 0)
			return commands[i].run(c->count, c->words);
	return -1;
}

/*
 * Runs it with its output in `told`, and what it has to say nowhere, since most
 * edits are refused; -1: there is no such command.
 */
static int
run(struct command *c, char told[TOLD_MAX])
{
	int out = memfd_create("out", MFD_CLOEXEC), saved = dup(STDERR_FILENO), code;
	ssize_t n;

	promise(out >= 0 && saved >= 0);
	promise(dup2(out, STDOUT_FILENO) == STDOUT_FILENO);
	promise(dup2(quiet, STDERR_FILENO) == STDERR_FILENO);
	code = call(c);
	promise(dup2(saved, STDERR_FILENO) == STDERR_FILENO);
	n = pread(out, told, TOLD_MAX - 1, 0);
	promise(n >= 0);
	told[n] = '\0';
	close(saved);
	close(out);
	return code;
}

/* The configuration is read and found good; conf_close is wanted. */
static void
open_good(struct conf *conf)
{
	snprintf(path, sizeof(path), "%s/routes.conf", directory);
	promise(conf_open(conf, path) == SOURCE_OK);
	promise(conf_check(conf));
}

/* Every ID of a configuration that was read before stands behind its `route`. */
static struct slice
numbered(const struct conf *conf)
{
	const struct source *source = conf->sources.list[0];
	const char *from = source->text - (source->bom ? 3 : 0);
	struct conf_cursor cursor = {0};
	struct stmt stmt;
	uint32_t n = 0;
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	promise(out != NULL);
	while (conf_next(conf, &cursor, &stmt)) {
		const char *to = source->text + (stmt.pos - source->begin) + strlen("route");

		if (stmt.kind != STATEMENT_ROUTE || cursor.unit->source != source)
			continue;
		if (item_role(stmt_items(&stmt)[0]) != ITEM_ID) {
			fwrite(from, 1, (size_t)(to - from), out);
			fprintf(out, " %u", conf->model.routes[n].id);
			from = to;
		}
		n++;
	}
	fwrite(from, 1, (size_t)(source->text + source->size - from), out);
	promise(fclose(out) == 0);
	return slice(text, size);
}

/* All of `whole` but bytes begin..end of it are kept, in front and behind. */
static void
check_kept(struct slice whole, size_t begin, size_t end, struct slice now)
{
	size_t behind = whole.len - end;

	promise(now.len >= begin + behind);
	promise(memcmp(now.ptr, whole.ptr, begin) == 0);
	promise(memcmp(now.ptr + now.len - behind, whole.ptr + end, behind) == 0);
}

/* Where the lines of a route are in the file; false: there is no such route. */
static bool
lines_of(const struct conf *conf, uint32_t id, struct span *lines)
{
	const struct source *source = conf->sources.list[0];
	struct conf_cursor cursor = {0};
	struct stmt stmt;
	uint32_t n = 0, bom = source->bom ? 3 : 0;

	while (conf_next(conf, &cursor, &stmt)) {
		if (stmt.kind != STATEMENT_ROUTE || conf->model.routes[n++].id != id)
			continue;
		*lines = edit_lines(source, &stmt);
		lines->begin += bom - source->begin;
		lines->end += bom - source->begin;
		return true;
	}
	return false;
}

/* A new line somewhere, which `del` takes away again. */
static void
check_added(struct slice before, struct slice after, const char *told)
{
	struct command del;
	char line[TOLD_MAX + 8], nothing[TOLD_MAX];
	size_t front = 0, behind = 0;
	struct slice again;

	while (front < before.len && front < after.len && before.ptr[front] == after.ptr[front])
		front++;
	while (behind < before.len - front && behind < after.len &&
	    before.ptr[before.len - behind - 1] == after.ptr[after.len - behind - 1])
		behind++;
	promise(front + behind == before.len);
	snprintf(line, sizeof(line), "del\t%.*s", (int)strcspn(told, "\n"), told);
	promise(read_command(&del, slice_str(line)));
	promise(run(&del, nothing) == 0);
	again = read_conf();
	promise(same(again, before));
	forget(again);
	write_conf(after);
}

/* What the command did to a configuration whose routes all have their IDs. */
static void
check_edit(const struct command *c, struct slice before, struct slice after, const char *told)
{
	struct conf conf;
	struct span lines;
	uint32_t routes;

	if (strcmp(c->words[0], "add") == 0) {
		check_added(before, after, told);
		return;
	}
	write_conf(before);
	open_good(&conf);
	routes = conf.routes;
	promise(lines_of(&conf, (uint32_t)strtoul(c->words[3], NULL, 10), &lines));
	conf_close(&conf);
	/* The line end in front goes with a last line that had none. */
	if (strcmp(c->words[0], "del") == 0 && lines.begin > 0 && before.ptr[lines.end - 1] != '\n')
		lines.begin -= lines.begin > 1 && before.ptr[lines.begin - 2] == '\r' ? 2 : 1;
	check_kept(before, lines.begin, lines.end, after);
	write_conf(after);
	open_good(&conf);
	promise(conf.routes == routes - (strcmp(c->words[0], "del") == 0));
	conf_close(&conf);
}

static void
check_command(struct slice line)
{
	struct command command;
	struct slice before = read_conf(), after, expected;
	struct conf conf;
	char told[TOLD_MAX];
	int code = -1;

	if (read_command(&command, line))
		code = run(&command, told);
	after = read_conf();
	if (code != 0) {
		promise(code != EX_SOFTWARE && code != EXIT_NOT_COMPILED);
		promise(same(before, after));
	} else {
		open_good(&conf);
		promise(conf.numbered);
		conf_close(&conf);
		write_conf(before);
		open_good(&conf);
		expected = numbered(&conf);
		conf_close(&conf);
		write_conf(after);
		check_edit(&command, expected, after, told);
		forget(expected);
	}
	forget(after);
	forget(before);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const char mark[] = "\n%%\n";
	static bool ready;
	const char *text = (const char *)bytes, *stop = text + size, *end;

	if (!ready)
		set_up();
	ready = true;
	end = memmem(text, size, mark, strlen(mark));
	/* The fuzzer may not number files elsewhere. */
	if (end == NULL || memmem(text, size, "include", strlen("include")) != NULL)
		return 0;
	write_conf(slice(text, (size_t)(end - text)));
	text = end + strlen(mark);
	for (int i = 0; i < COMMANDS && text < stop; i++) {
		end = memchr(text, '\n', (size_t)(stop - text));
		end = end == NULL ? stop : end;
		check_command(slice(text, (size_t)(end - text)));
		text = end < stop ? end + 1 : stop;
	}
	return 0;
}
