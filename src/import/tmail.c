/*
 * tmail.c - the table of routes of tmail, the mail server, in an SQLite file.
 *
 * libsqlite3 is loaded here and by its name, not linked: every other command,
 * and `tmail deliver` with them, runs where it is not installed.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ip.h"
#include "import/statement.h"
#include "program/say.h"

/* What is used of sqlite3.h, whose numbers are fixed. */
enum { SQLITE_OK = 0, SQLITE_BUSY = 5, SQLITE_LOCKED = 6, SQLITE_ROW = 100, SQLITE_DONE = 101 };
enum { SQLITE_OPEN_READONLY = 1 };

struct sqlite {
	void *library, *database, *statement;
	int (*open)(const char *path, void **database, int flags, const char *vfs);
	int (*close)(void *database);
	int (*prepare)(void *database, const char *sql, int size, void **statement,
	    const char **tail);
	int (*step)(void *statement);
	int (*finalize)(void *statement);
	int (*count)(void *statement);
	const char *(*name)(void *statement, int column);
	const unsigned char *(*text)(void *statement, int column);
	int (*bytes)(void *statement, int column);
};

enum column { ID, HOST, LOCAL_IP, REMOTE_HOST, REMOTE_PORT, PRIORITY, LOGIN, PASSWORD, MAIL_FROM,
	USER, COLUMNS };
/* Without case and '_', as the library that made the table changes them. */
static const char *const column_names[COLUMNS] = {"id", "host", "localip", "remotehost",
    "remoteport", "priority", "smtpauthlogin", "smtpauthpasswd", "mailfrom", "user"};

/* A row; absent values are NULL or empty. */
struct row {
	struct foreign_line *line;
	struct slice at[COLUMNS];
};

static int
load(struct sqlite *s)
{
	const struct {
		const char *name;
		void *function;
	} wanted[] = {{"sqlite3_open_v2", &s->open}, {"sqlite3_close", &s->close},
	    {"sqlite3_prepare_v2", &s->prepare}, {"sqlite3_step", &s->step},
	    {"sqlite3_finalize", &s->finalize}, {"sqlite3_column_count", &s->count},
	    {"sqlite3_column_name", &s->name}, {"sqlite3_column_text", &s->text},
	    {"sqlite3_column_bytes", &s->bytes}};

	s->library = dlopen("libsqlite3.so.0", RTLD_NOW | RTLD_LOCAL);
	if (s->library == NULL) {
		cli_say("importing from tmail wants libsqlite3: %s", dlerror());
		return EX_UNAVAILABLE;
	}
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
		void *found = dlsym(s->library, wanted[i].name);

		if (found == NULL) {
			cli_say("importing from tmail wants libsqlite3: %s", dlerror());
			return EX_UNAVAILABLE;
		}
		/* A pointer to a function, which ISO C has no other way to set. */
		memcpy(wanted[i].function, &found, sizeof(found));
	}
	return 0;
}

static int
failed(const char *path, int status)
{
	if (status == SQLITE_BUSY || status == SQLITE_LOCKED) {
		cli_say("%s: the database is locked", path);
		return EX_TEMPFAIL;
	}
	cli_say("%s: no SQLite file with a table 'routes' of tmail", path);
	return EX_DATAERR;
}

static int
open_table(struct sqlite *s, const char *path)
{
	struct stat status;
	int code;

	/* SQLite would wait at a pipe, and says of none of these what is wrong. */
	if (stat(path, &status) != 0 || access(path, R_OK) != 0) {
		cli_say("cannot read '%s': %s", path, strerror(errno));
		return EX_NOINPUT;
	}
	if (!S_ISREG(status.st_mode)) {
		cli_say("cannot read '%s': not a regular file", path);
		return EX_NOINPUT;
	}
	code = load(s);
	if (code != 0)
		return code;
	code = s->open(path, &s->database, SQLITE_OPEN_READONLY, NULL);
	if (code == SQLITE_OK)
		code = s->prepare(s->database, "SELECT * FROM routes ORDER BY id", -1, &s->statement,
		    NULL);
	return code == SQLITE_OK ? 0 : failed(path, code);
}

static void
close_table(struct sqlite *s)
{
	if (s->statement != NULL)
		s->finalize(s->statement);
	if (s->database != NULL)
		s->close(s->database);
	if (s->library != NULL)
		dlclose(s->library);
}

static enum column
find_column(const char *name)
{
	char plain[32];
	size_t len = 0;
	int i = 0;

	for (; *name != '\0' && len < sizeof(plain) - 1; name++)
		if (*name != '_')
			plain[len++] = (char)(*name | ('A' <= *name && *name <= 'Z') << 5);
	plain[len] = '\0';
	while (i < COLUMNS && strcmp(column_names[i], plain) != 0)
		i++;
	return (enum column)i;
}

static struct row
read_row(struct import *import, const struct sqlite *s)
{
	struct row row = {.line = NULL};

	for (int i = 0; i < s->count(s->statement); i++) {
		enum column column = find_column(s->name(s->statement, i));
		const char *text = (const char *)s->text(s->statement, i);

		if (column != COLUMNS && text != NULL)
			row.at[column] = arena_copy(&import->arena,
			    slice(text, (size_t)s->bytes(s->statement, i)));
	}
	return row;
}

/* A number, or the usual one where none stands; false: out of its range. */
static bool
read_number(struct slice text, uint32_t usual, uint32_t *number)
{
	char *end;
	unsigned long n;

	*number = usual;
	if (text.len == 0)
		return true;
	n = strtoul(text.ptr, &end, 10);
	*number = (uint32_t)n;
	return text.ptr[0] >= '0' && text.ptr[0] <= '9' && *end == '\0' && n <= 65535;
}

/* "IP|IP" or "IP&IP". */
static bool
is_local(struct slice text)
{
	bool mixed = memchr(text.ptr, '|', text.len) != NULL &&
	    memchr(text.ptr, '&', text.len) != NULL;
	struct ip ip;
	size_t n = 0;

	while (text.ptr != NULL && n++ < 64)
		if (!ip_parse(cut(&text, "|&"), &ip))
			return false;
	return !mixed && text.ptr == NULL;
}

/* Whether a local IP is of the family of the remote host; a name may have both. */
static bool
reaches(struct slice local, struct slice host)
{
	struct ip to, from;

	if (host.ptr[0] == '[')
		host = slice(host.ptr + 1, host.len - 2);
	if (!ip_parse(host, &to))
		return true;
	while (local.ptr != NULL)
		if (ip_parse(cut(&local, "|&"), &from) && from.family == to.family)
			return true;
	return false;
}

/* The hop of a row; NULL, or why it cannot be said. */
static const char *
read_hop(struct import *import, const struct row *row, struct hop *hop)
{
	const struct slice *at = row->at;
	uint32_t priority;

	if (at[REMOTE_HOST].len == 0 || !host_read(import, at[REMOTE_HOST], &hop->host))
		return "the remote host is no host";
	if (!read_number(at[REMOTE_PORT], 25, &hop->port) || hop->port == 0)
		return "the remote port is not in 1-65535";
	if (!read_number(at[PRIORITY], 1, &priority))
		return "the priority is not in 0-65535";
	hop->ranked = priority != 1;
	hop->priority = hop->ranked ? priority : 0;
	if (at[LOCAL_IP].len > 0 && !is_local(at[LOCAL_IP]))
		return "the local IPs are no list with '|' or '&'";
	if (at[LOCAL_IP].len > 0 && !reaches(at[LOCAL_IP], hop->host))
		return "no local IP can reach the remote host";
	if (at[LOCAL_IP].len > 0)
		hop->local = at[LOCAL_IP];
	if (at[LOGIN].len == 0)
		return NULL;
	hop->login = at[LOGIN];
	hop->password = at[PASSWORD];
	hop->secret = hop->host;
	return login_flaw(at[LOGIN], at[PASSWORD]);
}

/* NULL, or what the row has that tmail never looked for. */
static const char *
dead(const struct row *row)
{
	const struct slice *at = row->at;

	if (at[USER].len == 0 && at[MAIL_FROM].len > 0)
		return "a sender without a user";
	if (at[MAIL_FROM].len > 0 && memchr(at[USER].ptr, '@', at[USER].len) != NULL &&
	    memchr(at[MAIL_FROM].ptr, '@', at[MAIL_FROM].len) == NULL)
		return "a whole login with a sender's domain";
	if (at[USER].len > 0 && slice_is(at[HOST], "*"))
		return "a user with destination '*'";
	return NULL;
}

static void
write_row(struct import *import, const struct row *row)
{
	struct refs refs = {.list = {row->line}, .count = 1};
	struct selectors selectors = {.any = false};
	struct hop hop = {.kind = TO_HOST};
	const char *flaw = read_hop(import, row, &hop);
	struct slice host = row->at[HOST];

	if (flaw == NULL && host.len > 0 && !slice_is(host, "*") &&
	    !pattern_read(import, host, &selectors.to))
		flaw = "the destination is no domain";
	if (flaw == NULL && row->at[MAIL_FROM].len > 0 &&
	    !pattern_read(import, row->at[MAIL_FROM], &selectors.from))
		flaw = "the sender is no address and no domain";
	if (flaw == NULL && row->at[USER].len > 0) {
		selectors.user = row->at[USER];
		if (login_flaw(selectors.user, slice_str("x")) != NULL ||
		    trim(selectors.user).len != selectors.user.len)
			flaw = "the user is no login";
	}
	if (flaw != NULL) {
		import_report(import, row->line, "%s", flaw);
		return;
	}
	if (dead(row) != NULL)
		import_remark(import, row->line, "never matched in tmail, for it has %s: now it decides",
		    dead(row));
	write_route(import, &selectors, &refs, &hop, 1);
}

static int
read_table(struct import *import, struct sqlite *s, struct foreign *file)
{
	struct row *rows = NULL;
	size_t count = 0, capacity = 0;
	int status;

	while ((status = s->step(s->statement)) == SQLITE_ROW) {
		rows = mem_grow(rows, count, &capacity, sizeof(*rows));
		rows[count++] = read_row(import, s);
	}
	file->lines = mem_zero(count + 1, sizeof(*file->lines));
	file->count = count;
	for (size_t i = 0; i < count; i++) {
		const struct slice id = rows[i].at[ID];

		file->lines[i] = (struct foreign_line){.file = file,
		    .number = (uint32_t)strtoul(id.ptr == NULL ? "0" : id.ptr, NULL, 10)};
		rows[i].line = &file->lines[i];
		if (status == SQLITE_DONE)
			write_row(import, &rows[i]);
	}
	free(rows);
	return status == SQLITE_DONE ? 0 : failed(file->path, status);
}

static int
run(struct import *import)
{
	struct foreign *file = &import->files[0];
	struct sqlite sqlite = {.library = NULL};
	int code = open_table(&sqlite, file->path);

	if (code == 0)
		code = read_table(import, &sqlite, file);
	close_table(&sqlite);
	return code;
}

const struct import_format import_tmail = {
    .name = "tmail",
    .kinds = {{"routes", NULL}, {NULL, NULL}},
    .database = true,
    .run = run};
