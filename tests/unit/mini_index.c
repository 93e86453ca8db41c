#include "mini_index.h"

#include "base/ip.h"
#include "mini_buffer.h"
#include "runtime/format.h"

struct name {
	const char *text;	/* without "*." */
	unsigned roles;
	uint32_t ref;
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
	unsigned probes;
	struct buffer sections[SECTION_COUNT];
};

static const uint64_t seed = UINT64_C(0x1234567890abcdef);

static void
put_string(struct writer *w, unsigned char *hop, int n, const char *s)
{
	unsigned char *field = hop + HOP_STRINGS + 8 * n;

	le32_put(field, STRING_ABSENT);
	if (s == NULL)
		return;
	le32_put(field, buffer_intern(&w->sections[SECTION_STRINGS], s, strlen(s), 1));
	le32_put(field + 4, (uint32_t)strlen(s));
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
	put_locals(w, hop, r);
	for (i = 0; i < STRING_COUNT; i++)
		put_string(w, hop, i, NULL);
	put_string(w, hop, STRING_HOST, r->host);
	put_string(w, hop, STRING_LOGIN, r->login);
	put_string(w, hop, STRING_PASSWORD, r->password);
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

static void
put_members(struct writer *w, const struct group *g)
{
	struct buffer *b = &w->sections[SECTION_RECORDS];
	uint32_t i;

	for (i = 0; i < g->count; i++) {
		const struct mini_route *r = &w->routes[g->members[i]];

		buffer_u32(b, r->id);
		buffer_u32(b, r->line == 0 ? 1 : r->line);
		buffer_u32(b, add_target(w, r) |
		    (i == 0 && g->count > 1 ? MEMBER_MORE : 0));
		if (i == 0 && g->count > 1)
			buffer_u32(b, g->count);
	}
}

static void
put_name(struct writer *w, uint32_t number)
{
	struct buffer *b = &w->sections[SECTION_RECORDS];
	struct name *name = &w->names[number - 3];
	bool wild = (name->roles & (ROLE_WILD | ROLE_GROUP_WILD)) != 0;
	size_t len = strlen(name->text), i;
	unsigned char *p;
	unsigned role;

	name->ref = (uint32_t)(b->len / RECORD_UNIT);
	p = buffer_add(b, NAME_TEXT + len + (wild ? 2 : 0));
	le16_put(p + NAME_LENGTH, (uint16_t)len);
	p[NAME_ROLES] = (unsigned char)name->roles;
	if (wild)
		memcpy(p + NAME_TEXT, "*.", 2);
	memcpy(p + NAME_TEXT + (wild ? 2 : 0), name->text, len);
	buffer_pad(b, RECORD_UNIT);
	for (role = ROLE_TO; role <= ROLE_USER; role *= 2)
		for (i = 0; i < w->ngroups; i++) {
			uint32_t decider;

			if (inline_role(&w->groups[i], &decider) == role &&
			    decider == number)
				put_members(w, &w->groups[i]);
		}
}

static uint32_t
key_of(const struct writer *w, uint32_t number)
{
	return number < 3 ? number : w->names[number - 3].ref;
}

static bool
place(struct buffer *table, uint32_t nbuckets, uint64_t hash, uint32_t ref)
{
	uint32_t home = bucket_home(hash, nbuckets), i;
	int slot;

	for (i = 0; i <= PROBES_MAX; i++) {
		unsigned char *bucket = table->bytes +
		    (home + i) % nbuckets * BUCKET_SIZE;

		for (slot = 0; slot < BUCKET_SLOTS; slot++) {
			unsigned char *at = bucket + BUCKET_REFS + 4 * slot;

			if (le32_get(at) != 0)
				continue;
			le32_put(at, ref);
			bucket[slot] = bucket_fingerprint(hash);
			bucket = table->bytes + home * BUCKET_SIZE;
			if (bucket[BUCKET_REACH] < i)
				bucket[BUCKET_REACH] = (unsigned char)i;
			return true;
		}
	}
	return false;
}

struct key {
	uint64_t hash;
	uint32_t ref;
};

static void
put_table(struct writer *w, int section, const struct key *keys, size_t n,
    unsigned load)
{
	struct buffer *b = &w->sections[section];
	uint32_t nbuckets = (uint32_t)(n / load) + 1;
	size_t i, done = 0;

	while (n > 0 && done < n) {
		b->len = 0;
		buffer_add(b, nbuckets * BUCKET_SIZE);
		for (done = 0; done < n; done++)
			if (!place(b, nbuckets, keys[done].hash, keys[done].ref))
				break;
		nbuckets++;
	}
	for (i = BUCKET_REACH; i < b->len; i += BUCKET_SIZE)
		if (b->bytes[i] > w->probes)
			w->probes = b->bytes[i];
}

static void
put_records(struct writer *w, unsigned load)
{
	struct buffer *b = &w->sections[SECTION_RECORDS];
	struct key *names = calloc(w->nnames + 1, sizeof(*names));
	struct key *groups = calloc(w->ngroups + 1, sizeof(*groups));
	size_t i, ngroups = 0;
	uint32_t decider;

	must(names != NULL && groups != NULL);
	buffer_add(b, 3 * RECORD_UNIT);
	for (i = 0; i < w->nnames; i++) {
		put_name(w, (uint32_t)i + 3);
		names[i].ref = w->names[i].ref;
		names[i].hash = hash64(w->names[i].text, strlen(w->names[i].text), seed);
	}
	for (i = 0; i < w->ngroups; i++) {
		const struct group *g = &w->groups[i];
		size_t at = b->len;

		if (inline_role(g, &decider) != 0)
			continue;
		buffer_u32(b, key_of(w, g->user));
		buffer_u32(b, key_of(w, g->to) | (g->wild ? KEY_WILD : 0));
		buffer_u32(b, key_of(w, g->from));
		groups[ngroups].ref = (uint32_t)(at / RECORD_UNIT);
		groups[ngroups++].hash = hash64(b->bytes + at, GROUP_MEMBERS, seed);
		put_members(w, g);
	}
	put_table(w, SECTION_NAMES, names, w->nnames, load);
	put_table(w, SECTION_GROUPS, groups, ngroups, load);
	free(names);
	free(groups);
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
	le64_put(h + HEADER_SEED, seed);
	memcpy(h + HEADER_SOURCE, "digest of source", 16);
	le64_put(h + HEADER_RUNGS, w->rungs);
	le32_put(h + HEADER_WILD_LABELS, w->wild_labels);
	le16_put(h + HEADER_NAME_MAX, (uint16_t)w->name_max);
	h[HEADER_PROBES] = (unsigned char)w->probes;
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
	put_records(&w, load);
	index = assemble(&w);
	for (i = 0; i < w.ngroups; i++)
		free(w.groups[i].members);
	free(w.groups);
	free(w.names);
	return index;
}
