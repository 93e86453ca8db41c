/* peers.c - tinycdb, LMDB and SQLite, asked as their manuals say. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cdb.h>
#include <lmdb.h>
#include <sqlite3.h>

#include "keys.h"
#include "subject.h"

static void *
peer_cdb_open(const char *path)
{
	struct cdb *cdb = bench_alloc(sizeof(*cdb));
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || cdb_init(cdb, fd) != 0)
		bench_fail(path, strerror(errno));
	return cdb;
}

static void
peer_cdb_close(void *handle)
{
	struct cdb *cdb = handle;

	close(cdb_fileno(cdb));
	cdb_free(cdb);
	free(cdb);
}

static uint64_t
peer_cdb_find(void *handle, const char *key, size_t len)
{
	struct cdb *cdb = handle;

	return cdb_find(cdb, key, (unsigned)len) > 0 ? cdb_datalen(cdb) : 0;
}

const struct subject subject_cdb = {
    "cdb", "table.cdb", peer_cdb_open, peer_cdb_close, peer_cdb_find, 1};

struct lmdb {
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;
};

static void
lmdb_check(const char *path, int error)
{
	if (error != 0)
		bench_fail(path, mdb_strerror(error));
}

static void
lmdb_begin(struct lmdb *lmdb, const char *path, unsigned env_flags, unsigned txn_flags)
{
	lmdb_check(path, mdb_env_create(&lmdb->env));
	lmdb_check(path, mdb_env_set_mapsize(lmdb->env, (size_t)1 << 34));
	lmdb_check(path, mdb_env_open(lmdb->env, path, MDB_NOSUBDIR | env_flags, 0600));
	lmdb_check(path, mdb_txn_begin(lmdb->env, NULL, txn_flags, &lmdb->txn));
	lmdb_check(path, mdb_dbi_open(lmdb->txn, NULL, 0, &lmdb->dbi));
}

static void *
peer_lmdb_open(const char *path)
{
	struct lmdb *lmdb = bench_alloc(sizeof(*lmdb));

	lmdb_begin(lmdb, path, MDB_RDONLY | MDB_NOLOCK, MDB_RDONLY);
	return lmdb;
}

static void
peer_lmdb_close(void *handle)
{
	struct lmdb *lmdb = handle;

	mdb_txn_abort(lmdb->txn);
	mdb_env_close(lmdb->env);
	free(lmdb);
}

static uint64_t
peer_lmdb_find(void *handle, const char *key, size_t len)
{
	struct lmdb *lmdb = handle;
	char copy[256];
	MDB_val k = {len, copy}, v;

	memcpy(copy, key, len);
	return mdb_get(lmdb->txn, lmdb->dbi, &k, &v) == 0 ? v.mv_size : 0;
}

const struct subject subject_lmdb = {
    "LMDB", "table.lmdb", peer_lmdb_open, peer_lmdb_close, peer_lmdb_find, 2};

/* A line of a table: NAME TAB VALUE. */
static int
read_line(FILE *f, char line[256], char **value)
{
	if (fgets(line, 256, f) == NULL)
		return 0;
	line[strcspn(line, "\n")] = '\0';
	*value = strchr(line, '\t');
	if (*value == NULL)
		return 0;
	*(*value)++ = '\0';
	return 1;
}

static FILE *
open_table(const char *table)
{
	FILE *f = fopen(table, "r");

	if (f == NULL)
		bench_fail(table, strerror(errno));
	return f;
}

void
lmdb_make(const char *table, const char *path)
{
	FILE *f = open_table(table);
	struct lmdb lmdb;
	char line[256], *value;

	lmdb_begin(&lmdb, path, MDB_NOSYNC | MDB_NOLOCK, 0);
	while (read_line(f, line, &value)) {
		MDB_val k = {strlen(line), line}, v = {strlen(value), value};

		lmdb_check(path, mdb_put(lmdb.txn, lmdb.dbi, &k, &v, 0));
	}
	lmdb_check(path, mdb_txn_commit(lmdb.txn));
	mdb_env_close(lmdb.env);
	fclose(f);
}

struct sqlite {
	sqlite3 *db;
	sqlite3_stmt *statement;
};

static void
sqlite_check(struct sqlite *sqlite, const char *path, int code, int good)
{
	if (code != good)
		bench_fail(path, sqlite3_errmsg(sqlite->db));
}

static void
sqlite_run(struct sqlite *sqlite, const char *path, const char *sql)
{
	sqlite_check(sqlite, path, sqlite3_exec(sqlite->db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static void
sqlite_prepare(struct sqlite *sqlite, const char *path, const char *sql)
{
	sqlite_check(sqlite, path,
	    sqlite3_prepare_v2(sqlite->db, sql, -1, &sqlite->statement, NULL), SQLITE_OK);
}

/* In one long transaction and through mmap: the best that it can do. */
static void *
peer_sqlite_open(const char *path)
{
	struct sqlite *sqlite = bench_alloc(sizeof(*sqlite));

	sqlite_check(sqlite, path,
	    sqlite3_open_v2(path, &sqlite->db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	sqlite_run(sqlite, path, "PRAGMA mmap_size=17179869184");
	sqlite_run(sqlite, path, "BEGIN");
	sqlite_prepare(sqlite, path, "SELECT relay FROM routes WHERE name=?1");
	return sqlite;
}

static void
peer_sqlite_close(void *handle)
{
	struct sqlite *sqlite = handle;

	sqlite3_finalize(sqlite->statement);
	sqlite3_close(sqlite->db);
	free(sqlite);
}

static uint64_t
peer_sqlite_find(void *handle, const char *key, size_t len)
{
	struct sqlite *sqlite = handle;
	uint64_t found = 0;

	sqlite3_bind_text(sqlite->statement, 1, key, (int)len, SQLITE_STATIC);
	if (sqlite3_step(sqlite->statement) == SQLITE_ROW)
		found = (uint64_t)sqlite3_column_bytes(sqlite->statement, 0);
	sqlite3_reset(sqlite->statement);
	return found;
}

const struct subject subject_sqlite = {
    "SQLite", "table.sqlite", peer_sqlite_open, peer_sqlite_close, peer_sqlite_find, 5};

void
sqlite_make(const char *table, const char *path)
{
	FILE *f = open_table(table);
	struct sqlite sqlite;
	char line[256], *value;

	sqlite_check(&sqlite, path, sqlite3_open(path, &sqlite.db), SQLITE_OK);
	sqlite_run(&sqlite, path, "PRAGMA synchronous=OFF; PRAGMA journal_mode=OFF;"
	    "CREATE TABLE routes(name TEXT, relay TEXT); BEGIN");
	sqlite_prepare(&sqlite, path, "INSERT INTO routes VALUES(?1,?2)");
	while (read_line(f, line, &value)) {
		sqlite3_bind_text(sqlite.statement, 1, line, -1, SQLITE_STATIC);
		sqlite3_bind_text(sqlite.statement, 2, value, -1, SQLITE_STATIC);
		sqlite_check(&sqlite, path, sqlite3_step(sqlite.statement), SQLITE_DONE);
		sqlite3_reset(sqlite.statement);
	}
	sqlite3_finalize(sqlite.statement);
	sqlite_run(&sqlite, path, "COMMIT; CREATE INDEX routes_name ON routes(name)");
	sqlite3_close(sqlite.db);
	fclose(f);
}
