#include "review/stats.h"

#include <stdlib.h>

#include "answer/json.h"
#include "runtime/route.h"
#include "runtime/scan.h"

/* As routes.idx(5) calls them. */
static const char *const section_names[SECTION_COUNT] = {
    [SECTION_NAMES + TABLE_SEEDS] = "names_seeds",
    [SECTION_NAMES + TABLE_FILTER] = "names_filter",
    [SECTION_NAMES + TABLE_LINES] = "names_lines",
    [SECTION_GROUPS + TABLE_SEEDS] = "groups_seeds",
    [SECTION_GROUPS + TABLE_FILTER] = "groups_filter",
    [SECTION_GROUPS + TABLE_LINES] = "groups_lines",
    [SECTION_RECORDS] = "records",
    [SECTION_ROUTES] = "routes",
    [SECTION_TARGETS] = "targets",
    [SECTION_HOPS] = "hops",
    [SECTION_LOCALS] = "locals",
    [SECTION_FILES] = "files",
    [SECTION_STRINGS] = "strings"
};

static int
by_name(const void *a, const void *b)
{
	const struct tmail_slice *x = a, *y = b;
	size_t len = x->len < y->len ? x->len : y->len;
	int order = len == 0 ? 0 : memcmp(x->ptr, y->ptr, len);

	return order != 0 ? order : x->len < y->len ? -1 : x->len > y->len;
}

static uint32_t
count_distinct(struct tmail_slice *names, uint32_t count)
{
	uint32_t distinct = 0;

	if (count > 1)
		qsort(names, count, sizeof(*names), by_name);
	for (uint32_t i = 0; i < count; i++)
		distinct += i == 0 || by_name(&names[i - 1], &names[i]) != 0;
	return distinct;
}

enum tmail_status
stats_count(struct stats *stats)
{
	const struct section *targets = &stats->routes->sections[SECTION_TARGETS];
	struct tmail_slice *names = mem_zero(targets->count, sizeof(*names)), name;
	enum tmail_status status = TMAIL_OK;
	uint32_t named = 0;

	for (uint32_t n = 0; n < targets->count && status == TMAIL_OK; n++) {
		const unsigned char *target = section_element(targets, n, TARGET_SIZE);

		if (!route_string(stats->routes, target + TARGET_RELAY, &names[named]))
			status = TMAIL_E_DAMAGED;
		else if (names[named].ptr != NULL)
			named++;
	}
	stats->relays = count_distinct(names, named);
	free(names);
	while (scan_file(stats->routes, stats->files, &name))
		stats->files++;
	return status;
}

/* The numbers, as people, JSON and Prometheus call them. */
enum number { ROUTES, GROUPS, NAMES, RELAYS, RUNGS, FILES, BYTES, NUMBERS };
static const struct {
	const char *label, *key, *metric, *help;
} numbers[NUMBERS] = {
    [ROUTES] = {"routes", "routes", "tmail_index_routes", "Routes of the configuration."},
    [GROUPS] = {"groups", "groups", "tmail_index_groups", "Groups of routes with the same patterns."},
    [NAMES] = {"names", "names", "tmail_index_names", "Distinct names in patterns."},
    [RELAYS] = {"relays", "relays", "tmail_index_relays", "Named relays that routes go through."},
    [RUNGS] = {"rungs in use", "rungs", "tmail_index_rungs",
	"Kinds of rungs of the ladder that some route stands on, of 64."},
    [FILES] = {"files", "files", "tmail_index_files", "Files of the configuration."},
    [BYTES] = {"bytes", "size", "tmail_index_size_bytes", "Size of the index."}
};

static uint64_t
number_of(const struct stats *stats, enum number number)
{
	struct tmail_info info;

	tmail_routes_info(stats->routes, &info);
	switch (number) {
	case ROUTES:
		return info.routes;
	case GROUPS:
		return info.groups;
	case NAMES:
		return info.names;
	case RELAYS:
		return stats->relays;
	case RUNGS:
		return (unsigned)__builtin_popcountll(stats->routes->limits.rungs);
	case FILES:
		return stats->files;
	default:
		return info.size;
	}
}

static void
add_digest(const struct stats *stats, struct text *text)
{
	static const char hex[] = "0123456789abcdef";
	struct tmail_info info;

	tmail_routes_info(stats->routes, &info);
	for (size_t i = 0; i < sizeof(info.source); i++) {
		text_add(text, &hex[info.source[i] >> 4], 1);
		text_add(text, &hex[info.source[i] & 15], 1);
	}
}

static uint32_t
version_of(const struct stats *stats)
{
	struct tmail_info info;

	tmail_routes_info(stats->routes, &info);
	return info.version;
}

/* The label, with blanks up to a column. */
static void
add_label(struct text *text, const char *before, const char *label)
{
	size_t begin = text->len;

	text_str(text, before);
	text_str(text, label);
	text_str(text, ":");
	while (text->len - begin < 18)
		text_str(text, " ");
}

void
stats_text(const struct stats *stats, struct text *text)
{
	static const char *const words[] = {[STATS_FRESH] = "no", [STATS_STALE] = "yes",
	    [STATS_UNKNOWN] = "not known"};

	for (int i = 0; i < NUMBERS; i++) {
		add_label(text, "", numbers[i].label);
		text_number(text, number_of(stats, (enum number)i));
		text_str(text, "\n");
	}
	for (int i = 0; i < SECTION_COUNT; i++) {
		add_label(text, "  ", section_names[i]);
		text_number(text, stats->routes->sections[i].len);
		text_str(text, "\n");
	}
	add_label(text, "", "format");
	text_number(text, version_of(stats));
	text_str(text, "\n");
	add_label(text, "", "digest");
	add_digest(stats, text);
	text_str(text, "\n");
	add_label(text, "", "stale");
	text_str(text, words[stats->stale]);
	text_str(text, "\n");
}

void
stats_json(const struct stats *stats, struct text *text)
{
	static const char *const words[] = {[STATS_FRESH] = "false", [STATS_STALE] = "true",
	    [STATS_UNKNOWN] = "null"};

	json_raw(text, NULL, "{");
	for (int i = 0; i < NUMBERS; i++)
		json_number(text, numbers[i].key, number_of(stats, (enum number)i));
	json_raw(text, "sections", "{");
	for (int i = 0; i < SECTION_COUNT; i++)
		json_number(text, section_names[i], stats->routes->sections[i].len);
	text_str(text, "}");
	json_number(text, "format", version_of(stats));
	json_raw(text, "digest", "\"");
	add_digest(stats, text);
	text_str(text, "\"");
	json_raw(text, "stale", words[stats->stale]);
	text_str(text, "}\n");
}

static void
begin_metric(struct text *text, const char *metric, const char *help)
{
	text_str(text, "# HELP ");
	text_str(text, metric);
	text_str(text, " ");
	text_str(text, help);
	text_str(text, "\n# TYPE ");
	text_str(text, metric);
	text_str(text, " gauge\n");
	text_str(text, metric);
}

static void
add_value(struct text *text, uint64_t n)
{
	text_str(text, " ");
	text_number(text, n);
	text_str(text, "\n");
}

static void
add_sections(const struct stats *stats, struct text *text)
{
	static const char metric[] = "tmail_index_section_bytes";

	for (int i = 0; i < SECTION_COUNT; i++) {
		if (i == 0)
			begin_metric(text, metric, "Bytes of the index by section.");
		else
			text_str(text, metric);
		text_str(text, "{section=\"");
		text_str(text, section_names[i]);
		text_str(text, "\"}");
		add_value(text, stats->routes->sections[i].len);
	}
}

void
stats_prometheus(const struct stats *stats, struct text *text)
{
	int64_t written = stats->routes->identity.mtime.tv_sec;

	begin_metric(text, "tmail_index_info", "Format of the index, and digest of its configuration.");
	text_str(text, "{format=\"");
	text_number(text, version_of(stats));
	text_str(text, "\",digest=\"");
	add_digest(stats, text);
	text_str(text, "\"}");
	add_value(text, 1);
	for (int i = 0; i < NUMBERS; i++) {
		begin_metric(text, numbers[i].metric, numbers[i].help);
		add_value(text, number_of(stats, (enum number)i));
	}
	add_sections(stats, text);
	begin_metric(text, "tmail_index_written_timestamp_seconds", "When the index was written.");
	add_value(text, written < 0 ? 0 : (uint64_t)written);
	if (stats->stale == STATS_UNKNOWN)
		return;
	begin_metric(text, "tmail_index_stale",
	    "Whether the configuration was changed since the index was made of it.");
	add_value(text, stats->stale == STATS_STALE);
}
