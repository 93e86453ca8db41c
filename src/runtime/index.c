/*
 * index.c - opens, checks and closes an index (format.h says what is in it).
 *
 * Opening maps the file, checks the header and where sections lie, and reads
 * nothing else: it takes as long for ten million routes as for ten.  Then
 * struct tmail_routes has all that lookups need: the two tables, the secret of
 * their hash, made from the header's seed, and which rungs, and names of how
 * many bytes and labels, any route uses.
 */
#include "runtime/index.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPEN_FLAGS (TMAIL_OPEN_VERIFY | TMAIL_OPEN_SEALED)

static enum tmail_status
system_status(int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
		return TMAIL_E_MISSING;
	case EACCES:
	case EPERM:
		return TMAIL_E_PERMISSION;
	case ENOMEM:
		return TMAIL_E_MEMORY;
	default:
		return TMAIL_E_IO;
	}
}

static struct identity
identity_of(const struct stat *st)
{
	return (struct identity){st->st_dev, st->st_ino, st->st_size, st->st_mtim};
}

static bool
identity_eq(const struct identity *a, const struct identity *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	    a->mtime.tv_sec == b->mtime.tv_sec &&
	    a->mtime.tv_nsec == b->mtime.tv_nsec;
}

/* Opens a regular file only, and does not wait at a FIFO to find out. */
static enum tmail_status
open_file(const char *path, int *fd, struct stat *st)
{
	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (*fd == -1)
		return system_status(errno);
	if (fstat(*fd, st) == -1)
		return system_status(errno);
	if (!S_ISREG(st->st_mode))
		return TMAIL_E_IO;
	return TMAIL_OK;
}

/* A file that is shorter than it says it is: an index cut off, or something else. */
static enum tmail_status
check_short(int fd)
{
	char magic[INDEX_MAGIC_SIZE];
	ssize_t n = pread(fd, magic, sizeof(magic), 0);

	if (n == -1)
		return system_status(errno);
	if (n == sizeof(magic) && memcmp(magic, INDEX_MAGIC, sizeof(magic)) == 0)
		return TMAIL_E_DAMAGED;
	return TMAIL_E_FORMAT;
}

static enum tmail_status
read_file(int fd, unsigned char *to, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = pread(fd, to + done, size - done, (off_t)done);

		if (n == -1 && errno != EINTR)
			return system_status(errno);
		if (n == 0)
			return TMAIL_E_DAMAGED;
		if (n > 0)
			done += (size_t)n;
	}
	return TMAIL_OK;
}

static enum tmail_status
check_header(const unsigned char *map, size_t size)
{
	if (memcmp(map + HEADER_MAGIC, INDEX_MAGIC, INDEX_MAGIC_SIZE) != 0)
		return TMAIL_E_FORMAT;
	if (le32_get(map + HEADER_VERSION) < INDEX_OLDEST ||
	    le32_get(map + HEADER_VERSION) > INDEX_VERSION)
		return TMAIL_E_VERSION;
	if (le64_get(map + HEADER_OWN_CHECKSUM) != index_own_checksum(map) ||
	    le32_get(map + HEADER_LENGTH) != HEADER_SIZE ||
	    le64_get(map + HEADER_FILE_SIZE) != size)
		return TMAIL_E_DAMAGED;
	return TMAIL_OK;
}

/*
 * Reads the file into memory of the process's own, which nobody can change or
 * cut; what is no index is not copied.  No memory file: a child forked just now
 * would keep it from being sealed, and RLIMIT_FSIZE would kill the process.
 */
static enum tmail_status
copy_file(struct tmail_routes *routes, int fd)
{
	unsigned char header[HEADER_SIZE];
	enum tmail_status status = read_file(fd, header, sizeof(header));
	void *map;

	if (status == TMAIL_OK)
		status = check_header(header, routes->size);
	if (status != TMAIL_OK)
		return status;
	map = mmap(NULL, routes->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED)
		return system_status(errno);
	routes->map = map;
#ifdef MADV_DONTDUMP
	/* Passwords: in a core dump no more than a file's pages are. */
	(void)madvise(map, routes->size, MADV_DONTDUMP);
#endif
	status = read_file(fd, map, routes->size);
	if (status == TMAIL_OK && mprotect(map, routes->size, PROT_READ) == -1)
		status = system_status(errno);
	return status;
}

static enum tmail_status
map_file(struct tmail_routes *routes, int fd)
{
	void *map = mmap(NULL, routes->size, PROT_READ, MAP_PRIVATE, fd, 0);

	if (map == MAP_FAILED)
		return system_status(errno);
	routes->map = map;
	return TMAIL_OK;
}

static bool
find_section(const struct tmail_routes *routes, int n, struct section *section)
{
	static const unsigned char sizes[SECTION_COUNT] = {
		[SECTION_NAMES + TABLE_SEEDS] = 1,
		[SECTION_NAMES + TABLE_FILTER] = FILTER_SIZE,
		[SECTION_NAMES + TABLE_LINES] = LINE_SIZE,
		[SECTION_GROUPS + TABLE_SEEDS] = 1,
		[SECTION_GROUPS + TABLE_FILTER] = FILTER_SIZE,
		[SECTION_GROUPS + TABLE_LINES] = LINE_SIZE,
		[SECTION_RECORDS] = RECORD_UNIT,
		[SECTION_ROUTES] = ROUTE_SIZE,
		[SECTION_TARGETS] = TARGET_SIZE,
		[SECTION_HOPS] = HOP_SIZE,
		[SECTION_LOCALS] = LOCAL_SIZE,
		[SECTION_FILES] = FILE_SIZE,
		[SECTION_STRINGS] = 1
	};
	const unsigned char *entry = routes->map + HEADER_SECTIONS + 16 * n;
	uint64_t offset = le64_get(entry), len = le64_get(entry + 8);

	if (offset > routes->size || len > routes->size - offset ||
	    offset % INDEX_ALIGN != 0 || len / sizes[n] > UINT32_MAX)
		return false;
	section->ptr = routes->map + offset;
	section->len = (size_t)len;
	section->count = (uint32_t)(len / sizes[n]);
	return true;
}

/* Slots are numbers of names, which the special keys and KEY_WILD leave room for. */
static bool
find_table(const struct tmail_routes *routes, int section, struct table *table)
{
	static const unsigned char no_keys[2 * LINE_SIZE];
	const struct section *s = &routes->sections[section];
	uint32_t nlines = s[TABLE_LINES].count, nseeds = s[TABLE_SEEDS].count;

	if (nlines == 0 && nseeds == 0) {
		*table = (struct table){no_keys, no_keys, no_keys, 1, LINE_SLOTS};
		return true;
	}
	if (nlines < 2 || nlines > (KEY_WILD - KEY_NAME) / LINE_SLOTS || nseeds == 0 ||
	    nseeds % FILTER_BUCKETS != 0 ||
	    s[TABLE_FILTER].len != table_filter_at(nseeds))
		return false;
	*table = (struct table){s[TABLE_SEEDS].ptr, s[TABLE_FILTER].ptr, s[TABLE_LINES].ptr,
	    nseeds, (nlines - 1) * LINE_SLOTS};
	return s[TABLE_LINES].len == table_lines_size(table->nslots);
}

static enum tmail_status
read_header(struct tmail_routes *routes)
{
	const unsigned char *map = routes->map;
	enum tmail_status status = check_header(map, routes->size);
	int i;

	if (status != TMAIL_OK)
		return status;
	for (i = 0; i < SECTION_COUNT; i++)
		if (!find_section(routes, i, &routes->sections[i]))
			return TMAIL_E_DAMAGED;
	if (routes->sections[SECTION_RECORDS].count > LIST_NUMBER + 1 ||
	    !find_table(routes, SECTION_NAMES, &routes->names) ||
	    !find_table(routes, SECTION_GROUPS, &routes->groups))
		return TMAIL_E_DAMAGED;
	hash_secret(routes->secret, le64_get(map + HEADER_SEED));
	routes->limits.rungs = le64_get(map + HEADER_RUNGS);
	routes->domain_first = (routes->limits.rungs &
	    (RUNGS_BEFORE_DOMAIN | RUNG_DOMAIN)) == RUNG_DOMAIN;
	routes->limits.wild_labels = le32_get(map + HEADER_WILD_LABELS);
	routes->limits.name_max = le16_get(map + HEADER_NAME_MAX);
	return TMAIL_OK;
}

/* Every byte: the checksum's own field included, and those it leaves out. */
static enum tmail_status
verify(const struct tmail_routes *routes)
{
	unsigned char sum[16];
	int i;

	for (i = HEADER_OWN_CHECKSUM + 8; i < HEADER_SIZE; i++)
		if (routes->map[i] != 0)
			return TMAIL_E_DAMAGED;
	index_checksum(routes->map, routes->size, sum);
	return memcmp(sum, routes->map + HEADER_CHECKSUM, sizeof(sum)) == 0 ?
	    TMAIL_OK : TMAIL_E_DAMAGED;
}

static enum tmail_status
load(struct tmail_routes *routes, int fd, const struct stat *st)
{
	enum tmail_status status;

	if (st->st_size < HEADER_SIZE)
		return check_short(fd);
	if ((uintmax_t)st->st_size > SIZE_MAX / 2)
		return TMAIL_E_MEMORY;
	routes->size = (size_t)st->st_size;
	routes->identity = identity_of(st);
	status = (routes->flags & TMAIL_OPEN_SEALED) != 0 ? copy_file(routes, fd) :
	    map_file(routes, fd);
	if (status == TMAIL_OK)
		status = read_header(routes);
	if (status == TMAIL_OK && routes->flags & TMAIL_OPEN_VERIFY)
		status = verify(routes);
	return status;
}

TMAIL_API enum tmail_status
tmail_routes_open(const char *path, unsigned flags, struct tmail_routes **out)
{
	struct tmail_routes *routes = NULL;
	enum tmail_status status;
	size_t path_size;
	struct stat st;
	int fd = -1;

	*out = NULL;
	if (path == NULL || (flags & ~OPEN_FLAGS) != 0)
		return TMAIL_E_ARGUMENT;
	status = open_file(path, &fd, &st);
	if (status != TMAIL_OK)
		goto out;
	path_size = strlen(path) + 1;
	routes = calloc(1, sizeof(*routes) + path_size);
	if (routes == NULL) {
		status = TMAIL_E_MEMORY;
		goto out;
	}
	memcpy(routes->path, path, path_size);
	routes->flags = flags;
	status = load(routes, fd, &st);
	if (status == TMAIL_OK) {
		*out = routes;
		routes = NULL;
	}
out:
	tmail_routes_close(routes);
	if (fd != -1)
		close(fd);
	return status;
}

enum tmail_status
index_attach(unsigned char *bytes, size_t size, struct tmail_routes **out)
{
	struct tmail_routes *routes = calloc(1, sizeof(*routes) + 1);
	enum tmail_status status;

	*out = NULL;
	if (routes == NULL)
		return TMAIL_E_MEMORY;
	routes->map = bytes;
	routes->size = size;
	routes->borrowed = true;
	status = size < HEADER_SIZE ? TMAIL_E_FORMAT : read_header(routes);
	if (status == TMAIL_OK)
		*out = routes;
	else
		tmail_routes_close(routes);
	return status;
}

TMAIL_API void
tmail_routes_close(struct tmail_routes *routes)
{
	if (routes == NULL)
		return;
	if (routes->map != NULL && !routes->borrowed)
		munmap(routes->map, routes->size);
	free(routes);
}

TMAIL_API enum tmail_status
tmail_routes_refresh(const struct tmail_routes *routes,
    struct tmail_routes **fresh)
{
	struct identity now;
	struct stat st;

	*fresh = NULL;
	if (stat(routes->path, &st) == -1)
		return system_status(errno);
	now = identity_of(&st);
	if (identity_eq(&now, &routes->identity))
		return TMAIL_OK;
	return tmail_routes_open(routes->path, routes->flags, fresh);
}

TMAIL_API void
tmail_routes_info(const struct tmail_routes *routes, struct tmail_info *info)
{
	const unsigned char *map = routes->map;

	info->version = le32_get(map + HEADER_VERSION);
	info->routes = le32_get(map + HEADER_ROUTES);
	info->groups = le32_get(map + HEADER_GROUPS);
	info->names = le32_get(map + HEADER_NAMES);
	info->size = routes->size;
	memcpy(info->source, map + HEADER_SOURCE, sizeof(info->source));
	memcpy(info->checksum, map + HEADER_CHECKSUM, sizeof(info->checksum));
}
