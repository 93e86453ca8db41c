/*
 * ladder - whole ladders: login, sender and recipient given.
 *
 *   ladder make N DIR   writes the routes: DIR/every.conf, last.conf, mixed.conf
 *                       and, with the same routes, *.cdb and *.sqlite
 *   ladder ask N DIR    asks them; *.idx must have been compiled
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cdb.h>
#include <sqlite3.h>

#include "rungs.h"
#include "subject.h"
#include "tmail/routes.h"

/* SQLite reads its whole table ten times for a mail: beyond this, nobody waits. */
enum { ROUNDS = 15, MAILS = 100000, FEW = 100, SCAN_MAX = 100000, SCANS = 400000 };

/* The three indexes. */
static const struct ladder {
	const char *name;
	const char *question;
	void (*route)(const struct keys *, size_t, size_t, struct patterns *);
	void (*mail)(const struct keys *, size_t, uint64_t *, struct mail *);
	int last;	/* `to *` is the last rung, and always there */
} ladders[] = {
    {"every", "ladder-unknown", ladder_every, mail_unknown, 0},
    {"every", "ladder-strangers", ladder_every, mail_strangers, 0},
    {"last", "ladder-last", ladder_every, mail_unknown, 1},
    {"mixed", "ladder-mixed", ladder_mixed, mail_mixed, 1},
};
enum { LADDERS = sizeof(ladders) / sizeof(*ladders) };

static const char *
path_of(const char *dir, const char *name, const char *suffix)
{
	static char path[4096];

	snprintf(path, sizeof(path), "%s/%s%s", dir, name, suffix);
	return path;
}

/* The tables that are being written. */
struct making {
	FILE *conf;
	struct cdb_make cdb;
	int fd;
	sqlite3 *db;		/* NULL: too many routes for it */
	sqlite3_stmt *insert;
};

static void
make_begin(struct making *m, const char *dir, const char *name, size_t size)
{
	const char *path = path_of(dir, name, ".conf");

	m->conf = fopen(path, "w");
	if (m->conf == NULL)
		bench_fail(path, strerror(errno));
	path = path_of(dir, name, ".cdb");
	m->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (m->fd < 0 || cdb_make_start(&m->cdb, m->fd) != 0)
		bench_fail(path, strerror(errno));
	m->db = NULL;
	if (size > SCAN_MAX)
		return;
	path = path_of(dir, name, ".sqlite");
	unlink(path);
	if (sqlite3_open(path, &m->db) != SQLITE_OK ||
	    sqlite3_exec(m->db, "CREATE TABLE routes(user TEXT, host TEXT, sender TEXT, relay TEXT);"
		"BEGIN", NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(m->db, "INSERT INTO routes VALUES(?1,?2,?3,?4)", -1, &m->insert,
		NULL) != SQLITE_OK)
		bench_fail(path, sqlite3_errmsg(m->db));
}

static void
make_route(struct making *m, const struct patterns *p, const char *relay)
{
	char key[RUNG_MAX];
	size_t len = rung_key(p->user, p->to, p->from, key);
	const char *user = p->user[0] != '\0' ? p->user : "any";

	fprintf(m->conf, "route user %s to %s%s%s via %s\n", user, p->to,
	    p->from[0] != '\0' ? " from " : "", p->from, relay);
	if (cdb_make_add(&m->cdb, key, (unsigned)len, relay, (unsigned)strlen(relay)) != 0)
		bench_fail("cdb", strerror(errno));
	if (m->db == NULL)
		return;
	sqlite3_bind_text(m->insert, 1, p->user, -1, SQLITE_STATIC);
	sqlite3_bind_text(m->insert, 2, p->to, -1, SQLITE_STATIC);
	sqlite3_bind_text(m->insert, 3, p->from, -1, SQLITE_STATIC);
	sqlite3_bind_text(m->insert, 4, relay, -1, SQLITE_STATIC);
	if (sqlite3_step(m->insert) != SQLITE_DONE)
		bench_fail("sqlite", sqlite3_errmsg(m->db));
	sqlite3_reset(m->insert);
}

static void
make_end(struct making *m)
{
	if (ferror(m->conf) || fclose(m->conf) != 0 || cdb_make_finish(&m->cdb) != 0)
		bench_fail("ladder", strerror(errno));
	close(m->fd);
	if (m->db == NULL)
		return;
	sqlite3_finalize(m->insert);
	sqlite3_exec(m->db, "COMMIT", NULL, NULL, NULL);
	sqlite3_close(m->db);
}

static void
make_all(const struct keys *keys, size_t size, const char *dir)
{
	static const struct patterns star = {.to = "*"};

	for (int i = 0; i < LADDERS; i++) {
		struct making making;
		char relay[BENCH_RELAY_MAX];

		if (i > 0 && ladders[i].name == ladders[i - 1].name)
			continue;
		make_begin(&making, dir, ladders[i].name, size);
		for (size_t n = 0; n < size - (ladders[i].last ? 1 : 0); n++) {
			struct patterns patterns;

			ladders[i].route(keys, size, n, &patterns);
			bench_relay(n, relay);
			make_route(&making, &patterns, relay);
		}
		if (ladders[i].last)
			make_route(&making, &star, "smarthost.example.net");
		make_end(&making);
	}
}

/* What one of the three subjects needs for one mail. */
struct asking {
	struct tmail_routes *routes;
	struct cdb cdb;
	sqlite3 *db;
	sqlite3_stmt *select;
};

static uint64_t
ask_query(const struct asking *asking, const struct tmail_query *query)
{
	struct tmail_match match;

	return tmail_routes_lookup(asking->routes, query, &match) == TMAIL_OK ? match.count : 0;
}

static uint64_t
ask_ours(struct asking *asking, const struct mail *mail)
{
	struct tmail_query query = {
	    .recipient = {mail->recipient, strlen(mail->recipient)},
	    .login = {mail->login, strlen(mail->login)},
	    .sender = {mail->sender, strlen(mail->sender)}};

	return ask_query(asking, &query);
}

static uint64_t
find_cdb(void *arg, const char *key, size_t len)
{
	struct cdb *cdb = arg;

	return cdb_find(cdb, key, (unsigned)len) > 0 ? cdb_datalen(cdb) : 0;
}

static uint64_t
ask_cdb(struct asking *asking, const struct mail *mail)
{
	return rungs_climb(mail, find_cdb, &asking->cdb);
}

static uint64_t
select_one(struct asking *asking, const char *user, const char *host, const char *sender)
{
	uint64_t found = 0;

	sqlite3_bind_text(asking->select, 1, user, -1, SQLITE_STATIC);
	sqlite3_bind_text(asking->select, 2, host, -1, SQLITE_STATIC);
	sqlite3_bind_text(asking->select, 3, sender, -1, SQLITE_STATIC);
	if (sqlite3_step(asking->select) == SQLITE_ROW)
		found = (uint64_t)sqlite3_column_bytes(asking->select, 0);
	sqlite3_reset(asking->select);
	return found;
}

/* As tmail did it before: up to ten SELECTs over a table without an index. */
static uint64_t
ask_sqlite(struct asking *asking, const struct mail *mail)
{
	const char *hosts[] = {strchr(mail->recipient, '@') + 1, "*"};
	const char *at = strchr(mail->login, '@');
	const char *users[] = {mail->login, at == NULL ? "" : at + 1};
	const char *senders[] = {mail->sender, ""};
	uint64_t found = 0;

	for (int i = 0; i < 8 && at != NULL && found == 0; i++)
		found = select_one(asking, users[i & 1], hosts[i >> 2], senders[i >> 1 & 1]);
	for (int i = 0; i < 2 && found == 0; i++)
		found = select_one(asking, "", hosts[i], "");
	return found;
}

static void
ask_begin(struct asking *asking, const char *dir, const char *name, size_t size)
{
	const char *path = path_of(dir, name, ".idx");
	enum tmail_status status = tmail_routes_open(path, 0, &asking->routes);
	int fd;

	if (status != TMAIL_OK)
		bench_fail(path, tmail_status_text(status));
	path = path_of(dir, name, ".cdb");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || cdb_init(&asking->cdb, fd) != 0)
		bench_fail(path, strerror(errno));
	asking->db = NULL;
	if (size > SCAN_MAX)
		return;
	path = path_of(dir, name, ".sqlite");
	if (sqlite3_open_v2(path, &asking->db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
	    sqlite3_exec(asking->db, "PRAGMA mmap_size=1073741824; BEGIN", NULL, NULL, NULL) !=
		SQLITE_OK ||
	    sqlite3_prepare_v2(asking->db,
		"SELECT relay FROM routes WHERE user=?1 AND host=?2 AND sender=?3", -1,
		&asking->select, NULL) != SQLITE_OK)
		bench_fail(path, sqlite3_errmsg(asking->db));
}

static void
ask_end(struct asking *asking)
{
	tmail_routes_close(asking->routes);
	close(cdb_fileno(&asking->cdb));
	cdb_free(&asking->cdb);
	if (asking->db == NULL)
		return;
	sqlite3_finalize(asking->select);
	sqlite3_close(asking->db);
}

static double
ask_all(struct asking *asking, uint64_t (*ask)(struct asking *, const struct mail *),
    const struct mail *mails, size_t count)
{
	uint64_t begin = bench_now(), found = 0;

	for (size_t i = 0; i < count; i++)
		found += ask(asking, &mails[i]);
	if (found == 1)		/* so that the loop is not optimized away */
		bench_fail("ladder", "a wrong answer");
	return (double)(bench_now() - begin) / (double)count;
}

/* The same for ours, of mails in a row, each string behind its length. */
static double
ask_row(struct asking *asking, const unsigned char *row, size_t count)
{
	uint64_t begin = bench_now(), found = 0;

	for (size_t i = 0; i < count; i++) {
		const char *text = (const char *)row + 3;
		struct tmail_query query = {.login = {text, row[0]},
		    .sender = {text + row[0], row[1]},
		    .recipient = {text + row[0] + row[1], row[2]}};

		found += ask_query(asking, &query);
		row += 3 + row[0] + row[1] + row[2];
	}
	if (found == 1)
		bench_fail("ladder", "a wrong answer");
	return (double)(bench_now() - begin) / (double)count;
}

/* Few enough mails that all they read fits the nearest cache: only work is left. */
static double
ask_few(struct asking *asking, const unsigned char *row)
{
	double ns = 0;

	for (int i = 0; i < MAILS / FEW; i++)
		ns += ask_row(asking, row, FEW);
	return ns / (MAILS / FEW);
}

static unsigned char *
lay_in_row(const struct mail *mails, size_t count)
{
	unsigned char *row = bench_alloc(count * sizeof(*mails)), *p = row;

	for (size_t i = 0; i < count; i++) {
		const char *texts[] = {mails[i].login, mails[i].sender, mails[i].recipient};
		unsigned char *lengths = p;

		p += 3;
		for (int n = 0; n < 3; n++) {
			lengths[n] = (unsigned char)strlen(texts[n]);
			memcpy(p, texts[n], lengths[n]);
			p += lengths[n];
		}
	}
	return row;
}

/* Ours and the ladder over cdb must agree; mails that match where none should are left out. */
static void
draw_mails(const struct ladder *ladder, struct asking *asking, const struct keys *keys,
    size_t size, struct mail *mails)
{
	uint64_t state = BENCH_SEED;

	for (size_t i = 0; i < MAILS;) {
		uint64_t ours, theirs;

		ladder->mail(keys, size, &state, &mails[i]);
		ours = ask_ours(asking, &mails[i]);
		theirs = ask_cdb(asking, &mails[i]);
		if ((ours == 0) != (theirs == 0) || (ladder->last && ours == 0))
			bench_fail(ladder->question, "a wrong answer");
		i += ladder->last || ours == 0;
	}
}

static void
compare(const struct ladder *ladder, const struct keys *keys, size_t size, const char *dir)
{
	static struct mail mails[MAILS];
	double ours[ROUNDS], few[ROUNDS], cdb[ROUNDS], sqlite[ROUNDS];
	struct asking asking;
	unsigned char *row;

	ask_begin(&asking, dir, ladder->name, size);
	draw_mails(ladder, &asking, keys, size, mails);
	row = lay_in_row(mails, MAILS);
	for (int i = 0; i < ROUNDS; i++) {
		/* Not counted: the others have had the caches. */
		ask_row(&asking, row, MAILS);
		ours[i] = ask_row(&asking, row, MAILS);
		few[i] = ask_few(&asking, row);
		cdb[i] = ask_all(&asking, ask_cdb, mails, MAILS / 10);
		if (asking.db != NULL)
			sqlite[i] = ask_all(&asking, ask_sqlite, mails, SCANS / size);
	}
	bench_result(size, ladder->question, "tmail", "ns", bench_least(ours, ROUNDS));
	bench_result(size, ladder->question, "in cache", "ns", bench_least(few, ROUNDS));
	bench_result(size, ladder->question, "cdb", "ns", bench_least(cdb, ROUNDS));
	if (asking.db != NULL)
		bench_result(size, ladder->question, "SQLite", "ns", bench_least(sqlite, ROUNDS));
	free(row);
	ask_end(&asking);
}

int
main(int argc, char **argv)
{
	struct keys keys;
	size_t size;

	if (argc != 4 || (size = strtoul(argv[2], NULL, 10)) < 100) {
		fputs("usage: ladder make|ask N DIR\n", stderr);
		return 2;
	}
	keys_make(&keys, ladder_names(size) * 2);
	if (strcmp(argv[1], "make") == 0)
		make_all(&keys, size, argv[3]);
	else
		for (int i = 0; i < LADDERS; i++)
			compare(&ladders[i], &keys, size, argv[3]);
	keys_free(&keys);
	return 0;
}
