#include "mini_index.h"

#include "base/ip.h"
#include "mini_buffer.h"
#include "runtime/format.h"

struct name {
	const char *text;	/* without "*." */
	unsigned roles;
	uint32_t slot;
};

/* A group, by numbers of names: see name_number. */
struct group {
	uint32_t user, to, from;
	bool wild;
	size_t *members;	/* numbers of routes */
	uint32_t count;
};

struct writer {
	const struct mini_route *routes;
	size_t nroutes;
	struct name *names;
	size_t nnames;
	struct group *groups;
	size_t ngroups;
	uint64_t rungs;
	uint32_t wild_labels;
	size_t name_max;
	struct buffer sections[SECTION_COUNT];
};

static const uint64_t hash_seed = UINT64_C(0x1234567890abcdef);

static void
put_text(struct writer *w, unsigned char *field, const char *s)
{
	le32_put(field, STRING_ABSENT);
	le32_put(field + 4, 0);
	if (s == NULL)
		return;
	le32_put(field, buffer_intern(&w->sections[SECTION_STRINGS], s, strlen(s), 1));
	le32_put(field + 4, (uint32_t)strlen(s));
}

static void
put_string(struct writer *w, unsigned char *hop, int n, const char *s)
{
	put_text(w, hop + HOP_STRINGS + 8 * n, s);
}

static void
put_locals(struct writer *w, unsigned char *hop, const struct mini_route *r)
{
	unsigned char run[MINI_LOCALS * LOCAL_SIZE] = {0};
	uint32_t n;

	for (n = 0; n < MINI_LOCALS && r->locals[n] != NULL; n++) {
		unsigned char *local = run + n * LOCAL_SIZE;
		struct slice text = slice_str(r->locals[n]);
		struct ip ip;

		must(ip_parse(text, &ip));
		local[LOCAL_FAMILY] = (unsigned char)ip.family;
		local[LOCAL_TEXT_LENGTH] = (unsigned char)text.len;
		memcpy(local + LOCAL_BYTES, ip.bytes, sizeof(ip.bytes));
		le32_put(local + LOCAL_TEXT, buffer_intern(
		    &w->sections[SECTION_STRINGS], text.ptr, text.len, 1));
		put_text(w, local + LOCAL_HELO, n == 0 ? r->greeting : NULL);
	}
	le32_put(hop + HOP_LOCAL_COUNT, n);
	if (n > 0)
		le32_put(hop + HOP_LOCAL_FIRST, buffer_intern(
		    &w->sections[SECTION_LOCALS], run, n * LOCAL_SIZE, LOCAL_SIZE));
}

static uint32_t
add_hop(struct writer *w, const struct mini_route *r)
{
	unsigned char hop[HOP_SIZE] = {0};
	int i;

	hop[HOP_ACTION] = (unsigned char)r->action;
	hop[HOP_KIND] = (unsigned char)r->kind;
	hop[HOP_TLS] = (unsigned char)r->tls;
	hop[HOP_LOCAL_MODE] = (unsigned char)r->local_mode;
	le16_put(hop + HOP_PORT, r->port);
	hop[HOP_FAMILY] = (unsigned char)r->family;
	hop[HOP_AUTH] = (unsigned char)r->auth;
	le16_put(hop + HOP_CONNECTIONS, r->connections);
	hop[HOP_RATE_UNIT] = (unsigned char)r->rate_unit;
	le32_put(hop + HOP_RATE, r->rate);
	put_text(w, hop + HOP_LIMITED, r->connections != 0 || r->rate != 0 ? r->relay : NULL);
	put_locals(w, hop, r);
	for (i = 0; i < STRING_COUNT; i++)
		put_string(w, hop, i, NULL);
	put_string(w, hop, STRING_HOST, r->host);
	put_string(w, hop, STRING_LOGIN, r->login);
	put_string(w, hop, STRING_PASSWORD, r->password);
	put_string(w, hop, STRING_TOKEN_FILE, r->token_file);
	put_string(w, hop, STRING_TLS_CERT, r->tls_cert);
	put_string(w, hop, STRING_TLS_CA, r->tls_ca);
	put_string(w, hop, STRING_MAIL_FROM, r->mail_from);
	put_string(w, hop, STRING_TEXT, r->text);
	return buffer_intern(&w->sections[SECTION_HOPS], hop, HOP_SIZE, HOP_SIZE);
}

static uint32_t
add_target(struct writer *w, const struct mini_route *r)
{
	unsigned char target[TARGET_SIZE];

	le32_put(target + TARGET_HOP, add_hop(w, r));
	le16_put(target + TARGET_PRIORITY, r->priority);
	le16_put(target + TARGET_WEIGHT, r->weight == 0 ? 1 : r->weight);
	put_text(w, target + TARGET_RELAY, r->relay);
	return buffer_intern(&w->sections[SECTION_TARGETS], target, TARGET_SIZE,
	    TARGET_SIZE);
}

/* Three numbers are taken by KEY_NONE, KEY_STAR and KEY_NULL. */
static uint32_t
name_number(struct writer *w, const char *text)
{
	size_t i;

	if (text == NULL)
		return KEY_NONE;
	if (strcmp(text, "*") == 0)
		return KEY_STAR;
	if (strcmp(text, "<>") == 0)
		return KEY_NULL;
	for (i = 0; i < w->nnames; i++)
		if (strcmp(w->names[i].text, text) == 0)
			return (uint32_t)i + 3;
	w->names = realloc(w->names, (w->nnames + 1) * sizeof(*w->names));
	must(w->names != NULL);
	w->names[w->nnames++] = (struct name){.text = text};
	if (strlen(text) > w->name_max)
		w->name_max = strlen(text);
	return (uint32_t)w->nnames + 2;
}

static void
add_role(struct writer *w, uint32_t number, unsigned role)
{
	if (number >= 3)
		w->names[number - 3].roles |= role;
}

static unsigned
count_labels(const char *text)
{
	unsigned n = 1;

	for (; *text != '\0'; text++)
		n += *text == '.';
	return n;
}

static bool
has_at(const char *text)
{
	return strchr(text, '@') != NULL;
}

static uint64_t
rung_of(const struct mini_route *r)
{
	unsigned user = RUNG_USER_NONE, to, from = RUNG_FROM_NONE;

	if (r->user != NULL && strcmp(r->user, "*") == 0)
		user = RUNG_USER_STAR;
	else if (r->user != NULL)
		user = has_at(r->user) ? RUNG_USER_FULL : RUNG_USER_BARE;
	if (strcmp(r->to, "*") == 0)
		to = RUNG_TO_STAR;
	else if (strncmp(r->to, "*.", 2) == 0)
		to = RUNG_TO_WILD;
	else
		to = has_at(r->to) ? RUNG_TO_ADDRESS : RUNG_TO_DOMAIN;
	if (r->from != NULL && strcmp(r->from, "<>") == 0)
		from = RUNG_FROM_NULL;
	else if (r->from != NULL)
		from = has_at(r->from) ? RUNG_FROM_ADDRESS : RUNG_FROM_DOMAIN;
	return rung_bit(user, to, from);
}

/* The one name that decides a group, and its role; 0: it goes to GROUPS. */
static unsigned
inline_role(const struct group *g, uint32_t *number)
{
	if (g->from != KEY_NONE)
		return 0;
	if (g->user == KEY_NONE && g->to >= 3) {
		*number = g->to;
		return g->wild ? ROLE_WILD : ROLE_TO;
	}
	if (g->user >= 3 && g->to == KEY_STAR) {
		*number = g->user;
		return ROLE_USER;
	}
	return 0;
}

static void
add_roles(struct writer *w, const struct group *g)
{
	uint32_t number;
	unsigned role = inline_role(g, &number);

	if (role != 0) {
		add_role(w, number, role);
		return;
	}
	add_role(w, g->user, ROLE_GROUP_USER);
	add_role(w, g->to, g->wild ? ROLE_GROUP_WILD : ROLE_GROUP_TO);
	add_role(w, g->from, ROLE_GROUP_FROM);
}

static bool
comes_before(const struct mini_route *a, const struct mini_route *b)
{
	return a->priority != b->priority ? a->priority < b->priority : a->id < b->id;
}

static void
group_insert(struct writer *w, struct group *g, size_t route)
{
	size_t i = g->count;

	g->members = realloc(g->members, (i + 1) * sizeof(*g->members));
	must(g->members != NULL);
	for (; i > 0 && comes_before(&w->routes[route], &w->routes[g->members[i - 1]]); i--)
		g->members[i] = g->members[i - 1];
	g->members[i] = route;
	g->count++;
}

static void
add_route(struct writer *w, size_t route)
{
	const struct mini_route *r = &w->routes[route];
	bool wild = strncmp(r->to, "*.", 2) == 0;
	struct group g = {.wild = wild}, *have;
	size_t i;

	g.user = name_number(w, r->user);
	g.to = name_number(w, wild ? r->to + 2 : r->to);
	g.from = name_number(w, r->from);
	w->rungs |= rung_of(r);
	if (wild)
		w->wild_labels |= wild_labels_bit(count_labels(r->to + 2));
	for (i = 0; i < w->ngroups; i++) {
		have = &w->groups[i];
		if (have->user == g.user && have->to == g.to &&
		    have->from == g.from && have->wild == g.wild)
			break;
	}
	if (i == w->ngroups) {
		w->groups = realloc(w->groups, ++w->ngroups * sizeof(*w->groups));
		must(w->groups != NULL);
		w->groups[i] = g;
		add_roles(w, &g);
	}
	group_insert(w, &w->groups[i], route);
}

/* A route list; returns what leads to it. */
static uint32_t
put_list(struct writer *w, const struct group *g)
{
	struct buffer *b = &w->sections[SECTION_RECORDS];
	uint32_t ref = (uint32_t)(b->len / RECORD_UNIT), i;

	buffer_u32(b, g->count |
	    (w->routes[g->members[0]].action == TMAIL_RELAY ? LIST_RELAYS : 0));
	for (i = 0; i < g->count; i++)
		buffer_u32(b, (uint32_t)g->members[i]);
	return LIST_RECORD | ref;
}

/* One relay alone needs no record. */
static bool
is_single(const struct writer *w, const struct group *g)
{
	return g->count == 1 && w->routes[g->members[0]].action == TMAIL_RELAY;
}

static void
put_routes(struct writer *w)
{
	struct buffer *b = &w->sections[SECTION_ROUTES];
	size_t i;

	for (i = 0; i < w->nroutes; i++) {
		const struct mini_route *r = &w->routes[i];

		buffer_u32(b, r->id);
		buffer_u32(b, r->line == 0 ? 1 : r->line);
		buffer_u32(b, add_target(w, r));
	}
}

/* The group that a name alone decides with this role; NULL: none. */
static const struct group *
inline_group(const struct writer *w, uint32_t number, unsigned role)
{
	uint32_t decider = KEY_NONE;
	size_t i;

	for (i = 0; i < w->ngroups; i++)
		if (inline_role(&w->groups[i], &decider) == role && decider == number)
			return &w->groups[i];
	return NULL;
}

static uint32_t
put_name_record(struct writer *w, uint32_t number)
{
	struct buffer *b = &w->sections[SECTION_RECORDS];
	const struct name *name = &w->names[number - 3];
	uint32_t ref = (uint32_t)(b->len / RECORD_UNIT);
	size_t len = strlen(name->text);
	unsigned char *p = buffer_add(b, NAME_TEXT + len);
	unsigned role;

	le16_put(p + NAME_LENGTH, (uint16_t)len);
	p[NAME_ROLES] = (unsigned char)name->roles;
	memcpy(p + NAME_STAR, "*.", 2);
	memcpy(p + NAME_TEXT, name->text, len);
	buffer_pad(b, RECORD_UNIT);
	for (role = ROLE_TO; role <= ROLE_USER; role *= 2)
		if ((name->roles & role) != 0)
			put_list(w, inline_group(w, number, role));
	return LIST_RECORD | ref;
}

static uint32_t
put_name(struct writer *w, uint32_t number)
{
	const struct name *name = &w->names[number - 3];
	const struct group *g;

	if (name->roles == ROLE_GROUP_TO && strlen(name->text) <= KEY_SHORT)
		return LIST_ROLES | name->roles;
	if (name->roles != ROLE_TO && name->roles != ROLE_USER)
		return put_name_record(w, number);
	g = inline_group(w, number, name->roles);
	if (!is_single(w, g) || strlen(name->text) > KEY_SHORT)
		return put_name_record(w, number);
	return (uint32_t)g->members[0] | (name->roles == ROLE_USER ? LIST_USER : 0);
}

/* A key of a table, and then its place. */
struct key {
	char bytes[1400];
	size_t len;
	uint32_t list;
	uint64_t hash;
	uint32_t slot;
	bool placed;
};

struct try {
	unsigned char *seeds;
	unsigned char *filter;
	unsigned char *lines;
	uint32_t nseeds;
	uint32_t nslots;
};

static size_t
entry_size(const struct key *key)
{
	return ENTRY_KEY + (key->len > KEY_SHORT ? 0 : key->len);
}

/* Where the entries of a line end. */
static size_t
line_end(const unsigned char *line)
{
	size_t end = LINE_ENTRIES;
	int i;

	for (i = 0; i < LINE_SLOTS; i++) {
		const unsigned char *entry = line + line[i];
		size_t len = line[i] == 0 ? 0 : entry[ENTRY_LENGTH];

		if (line[i] != 0 && line[i] + ENTRY_KEY + (len == KEY_LONG ? 0 : len) > end)
			end = line[i] + ENTRY_KEY + (len == KEY_LONG ? 0 : len);
	}
	return end;
}

static bool
put_key(struct try *t, struct key *key, unsigned char seed)
{
	unsigned char *line, *entry;
	size_t end;

	key->slot = table_slot(key->hash, seed, t->nslots);
	line = t->lines + key->slot / LINE_SLOTS * LINE_SIZE;
	end = line_end(line);
	if (line[key->slot % LINE_SLOTS] != 0 || end + entry_size(key) > LINE_SIZE)
		return false;
	line[key->slot % LINE_SLOTS] = (unsigned char)end;
	entry = line + end;
	entry[ENTRY_LENGTH] = (unsigned char)(key->len > KEY_SHORT ? KEY_LONG : key->len);
	le32_put(entry + ENTRY_LIST, key->list);
	if (key->len <= KEY_SHORT)
		memcpy(entry + ENTRY_KEY, key->bytes, key->len);
	key->placed = true;
	return true;
}

/* All keys of a bucket, or none. */
static bool
put_bucket(struct try *t, struct key *keys, size_t n, uint32_t bucket, unsigned char seed)
{
	bool fits = true;
	size_t i;

	for (i = 0; i < n && fits; i++) {
		keys[i].placed = false;
		if (table_bucket(keys[i].hash, t->nseeds) == bucket)
			fits = put_key(t, &keys[i], seed);
	}
	if (fits)
		return true;
	while (i-- > 0)
		if (keys[i].placed && table_bucket(keys[i].hash, t->nseeds) == bucket) {
			unsigned char *line = t->lines + keys[i].slot / LINE_SLOTS * LINE_SIZE;

			line[keys[i].slot % LINE_SLOTS] = 0;
		}
	return false;
}

static bool
put_keys(struct try *t, struct key *keys, size_t n)
{
	uint32_t bucket;
	unsigned seed;

	for (bucket = 0; bucket < t->nseeds; bucket++) {
		for (seed = 0; seed < 256; seed++)
			if (put_bucket(t, keys, n, bucket, (unsigned char)seed))
				break;
		if (seed == 256)
			return false;
		t->seeds[bucket] = (unsigned char)seed;
	}
	return true;
}

static void
put_table(struct writer *w, int section, struct key *keys, size_t n, unsigned load)
{
	struct buffer *seeds = &w->sections[section + TABLE_SEEDS];
	struct buffer *filter = &w->sections[section + TABLE_FILTER];
	struct buffer *lines = &w->sections[section + TABLE_LINES];
	struct try t = {.nseeds = (uint32_t)(n / load / TABLE_PARTS + 1) * TABLE_PARTS *
	    FILTER_BUCKETS};
	uint32_t nlines = (uint32_t)(n / 2 / TABLE_PARTS + 1) * TABLE_PARTS;
	size_t i;

	if (n == 0)
		return;
	buffer_add(seeds, t.nseeds);
	buffer_add(filter, table_filter_at(t.nseeds));
	t.filter = filter->bytes;
	do {
		lines->len = 0;
		t.nslots = nlines * LINE_SLOTS;
		buffer_add(lines, (size_t)table_lines_size(t.nslots));
		t.seeds = seeds->bytes;
		t.lines = lines->bytes;
		nlines += (nlines / 2 / TABLE_PARTS + 1) * TABLE_PARTS;
	} while (!put_keys(&t, keys, n));
	for (i = 0; i < n; i++) {
		unsigned char *word = t.filter + table_filter_at(table_bucket(keys[i].hash, t.nseeds));

		le64_put(word, le64_get(word) | table_filter_bits(keys[i].hash));
	}
}

static void
key_init(struct key *key, const void *bytes, size_t len, uint32_t list)
{
	unsigned char secret[HASH_SECRET_SIZE];

	must(len <= sizeof(key->bytes));
	hash_secret(secret, hash_seed);
	*key = (struct key){.len = len, .list = list};
	memcpy(key->bytes, bytes, len);
	key->hash = key_hash(secret, key->bytes, len);
}

static void
put_names(struct writer *w, unsigned load)
{
	struct key *keys = calloc(w->nnames + 1, sizeof(*keys));
	size_t i;

	must(keys != NULL);
	for (i = 0; i < w->nnames; i++)
		key_init(&keys[i], w->names[i].text, strlen(w->names[i].text),
		    put_name(w, (uint32_t)i + 3));
	put_table(w, SECTION_NAMES, keys, w->nnames, load);
	for (i = 0; i < w->nnames; i++)
		w->names[i].slot = keys[i].slot;
	free(keys);
}

static uint32_t
key_of(const struct writer *w, uint32_t number)
{
	return number < 3 ? number : KEY_NAME + w->names[number - 3].slot;
}

static void
put_groups(struct writer *w, unsigned load)
{
	struct key *keys = calloc(w->ngroups + 1, sizeof(*keys));
	size_t i, n = 0;
	uint32_t decider;

	must(keys != NULL);
	for (i = 0; i < w->ngroups; i++) {
		const struct group *g = &w->groups[i];
		unsigned char key[GROUP_SIZE];

		if (inline_role(g, &decider) != 0)
			continue;
		le32_put(key + GROUP_USER, key_of(w, g->user));
		le32_put(key + GROUP_TO, key_of(w, g->to) | (g->wild ? KEY_WILD : 0));
		le32_put(key + GROUP_FROM, key_of(w, g->from));
		key_init(&keys[n++], key, sizeof(key),
		    is_single(w, g) ? (uint32_t)g->members[0] : put_list(w, g));
	}
	put_table(w, SECTION_GROUPS, keys, n, load);
	free(keys);
}

static void
put_files(struct writer *w, const struct mini_file *files, size_t n)
{
	static const struct mini_file only = {"routes.conf", 0};
	size_t i;

	for (i = 0; i < (n == 0 ? 1 : n); i++) {
		const struct mini_file *f = n == 0 ? &only : &files[i];
		unsigned char *p = buffer_add(&w->sections[SECTION_FILES], FILE_SIZE);

		le32_put(p + FILE_NAME, buffer_intern(&w->sections[SECTION_STRINGS],
		    f->name, strlen(f->name), 1));
		le32_put(p + FILE_NAME_LENGTH, (uint32_t)strlen(f->name));
		le32_put(p + FILE_BASE, f->base);
	}
}

static struct mini_index
assemble(struct writer *w)
{
	struct buffer file = {NULL, 0};
	struct mini_index index;
	unsigned char *h;
	int i;

	buffer_add(&file, HEADER_SIZE);
	for (i = 0; i < SECTION_COUNT; i++) {
		struct buffer *s = &w->sections[i];

		buffer_pad(&file, INDEX_ALIGN);
		le64_put(file.bytes + HEADER_SECTIONS + 16 * i, file.len);
		le64_put(file.bytes + HEADER_SECTIONS + 16 * i + 8, s->len);
		if (s->len > 0)
			memcpy(buffer_add(&file, s->len), s->bytes, s->len);
		free(s->bytes);
	}
	h = file.bytes;
	memcpy(h + HEADER_MAGIC, INDEX_MAGIC, INDEX_MAGIC_SIZE);
	le32_put(h + HEADER_VERSION, INDEX_VERSION);
	le32_put(h + HEADER_LENGTH, HEADER_SIZE);
	le64_put(h + HEADER_FILE_SIZE, file.len);
	le64_put(h + HEADER_SEED, hash_seed);
	memcpy(h + HEADER_SOURCE, "digest of source", 16);
	le64_put(h + HEADER_RUNGS, w->rungs);
	le32_put(h + HEADER_WILD_LABELS, w->wild_labels);
	le16_put(h + HEADER_NAME_MAX, (uint16_t)w->name_max);
	le32_put(h + HEADER_ROUTES, (uint32_t)w->nroutes);
	le32_put(h + HEADER_GROUPS, (uint32_t)w->ngroups);
	le32_put(h + HEADER_NAMES, (uint32_t)w->nnames);
	index = (struct mini_index){file.bytes, file.len};
	mini_seal(&index);
	return index;
}

struct mini_index
mini_build(const struct mini_route *routes, size_t n,
    const struct mini_file *files, size_t nfiles, unsigned load)
{
	struct writer w = {.routes = routes, .nroutes = n};
	struct mini_index index;
	size_t i;

	for (i = 0; i < n; i++)
		add_route(&w, i);
	put_files(&w, files, nfiles);
	put_routes(&w);
	put_names(&w, load);
	put_groups(&w, load);
	index = assemble(&w);
	for (i = 0; i < w.ngroups; i++)
		free(w.groups[i].members);
	free(w.groups);
	free(w.names);
	return index;
}
