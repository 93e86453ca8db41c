/*
 * image.c - lays the index out: what does not fit into entries goes to records,
 * each name and group gets its place in a table, then all is written.
 */
#include "image/layout.h"

#include <stdlib.h>

#include "store/parallel.h"

static void
write_routes(void *arg, size_t begin, size_t end)
{
	const struct layout *l = arg;
	unsigned char *p = l->image->bytes + l->offset[SECTION_ROUTES] + begin * ROUTE_SIZE;

	for (size_t i = begin; i < end; i++, p += ROUTE_SIZE) {
		const struct model_route *route = &l->model->routes[i];

		le32_put(p + ROUTE_ID, route->id);
		le32_put(p + ROUTE_LINE, route->line);
		le32_put(p + ROUTE_TARGET, route->target);
	}
}

static void
write_pool(const struct layout *l, unsigned section, const struct pool *pool)
{
	if (pool->used != 0)
		memcpy(l->image->bytes + l->offset[section], pool->bytes, pool->used);
}

/* Files with statements, in the order of their line counts. */
static void
write_files(struct layout *l)
{
	const struct sources *sources = &l->conf->sources;
	unsigned char *p = l->image->bytes + l->offset[SECTION_FILES];

	for (size_t i = 0; i < sources->count; i++) {
		const struct source *source = sources->list[i];

		if (source->values)
			continue;
		le32_put(p + FILE_NAME, pool_offset(&l->model->strings,
		    pool_intern(&l->model->strings, source->name)));
		le32_put(p + FILE_NAME_LENGTH, (uint32_t)source->name.len);
		le32_put(p + FILE_BASE, source->line_base);
		p += FILE_SIZE;
	}
}

static size_t
intern_files(struct layout *l)
{
	const struct sources *sources = &l->conf->sources;
	size_t n = 0;

	for (size_t i = 0; i < sources->count; i++)
		if (!sources->list[i]->values) {
			pool_intern(&l->model->strings, sources->list[i]->name);
			n++;
		}
	return n;
}

static void
set_table_sections(struct layout *l, int section, const struct placing *table)
{
	l->length[section + TABLE_SEEDS] = table->nseeds;
	l->length[section + TABLE_FILTER] = table_filter_at(table->nseeds);
	l->length[section + TABLE_LINES] = table_lines_size(table->nslots);
}

static void
set_sections(struct layout *l)
{
	uint64_t end = HEADER_SIZE;

	set_table_sections(l, SECTION_NAMES, &l->names);
	set_table_sections(l, SECTION_GROUPS, &l->groups);
	for (int i = 0; i < SECTION_COUNT; i++) {
		l->offset[i] = end;
		end += (l->length[i] + INDEX_ALIGN - 1) & ~(uint64_t)(INDEX_ALIGN - 1);
	}
	l->image->size = (size_t)end;
	if (l->image->size != end)
		mem_exhausted();
}

static void
write_sections(struct layout *l)
{
	const struct model *model = l->model;

	set_sections(l);
	l->image->bytes = mem_pages(l->image->size);
	write_entries(l);
	parallel_blocks(model->route_count, LAYOUT_BLOCK, write_routes, l);
	write_records(l);
	write_pool(l, SECTION_TARGETS, &model->targets);
	write_pool(l, SECTION_HOPS, &model->hops);
	write_pool(l, SECTION_LOCALS, &model->locals);
	write_pool(l, SECTION_STRINGS, &model->strings);
	write_files(l);
}

static void
write_header(const struct layout *l)
{
	unsigned char *h = l->image->bytes;
	const struct model *model = l->model;

	memcpy(h + HEADER_MAGIC, INDEX_MAGIC, INDEX_MAGIC_SIZE);
	le32_put(h + HEADER_VERSION, INDEX_VERSION);
	le32_put(h + HEADER_LENGTH, HEADER_SIZE);
	le64_put(h + HEADER_FILE_SIZE, l->image->size);
	le64_put(h + HEADER_SEED, l->seed);
	le64_put(h + HEADER_RUNGS, model->rungs);
	le32_put(h + HEADER_WILD_LABELS, model->wild_labels);
	le16_put(h + HEADER_NAME_MAX, (uint16_t)l->name_max);
	le32_put(h + HEADER_ROUTES, (uint32_t)model->route_count);
	le32_put(h + HEADER_GROUPS, (uint32_t)model->groups.count + model->inline_groups);
	le32_put(h + HEADER_NAMES, (uint32_t)model->names.count);
	for (int i = 0; i < SECTION_COUNT; i++) {
		le64_put(h + HEADER_SECTIONS + i * 16, l->offset[i]);
		le64_put(h + HEADER_SECTIONS + i * 16 + 8, l->length[i]);
	}
}

void
image_readable(struct image *image)
{
	unsigned char *h = image->bytes;

	le64_put(h + HEADER_OWN_CHECKSUM, index_own_checksum(h));
}

void
image_seal(void *arg)
{
	struct image *image = arg;
	unsigned char *h = image->bytes;

	sources_digest(&image->conf->sources, h + HEADER_SOURCE);
	index_checksum(h, image->size, h + HEADER_CHECKSUM);
	image_readable(image);
}

static void
measure(struct layout *l)
{
	struct model *model = l->model;

	l->fits = layout_records(l);
	l->length[SECTION_ROUTES] = (uint64_t)model->route_count * ROUTE_SIZE;
	l->length[SECTION_FILES] = intern_files(l) * FILE_SIZE;
	l->length[SECTION_TARGETS] = model->targets.used;
	l->length[SECTION_HOPS] = model->hops.used;
	l->length[SECTION_LOCALS] = model->locals.used;
	l->length[SECTION_STRINGS] = model->strings.used;
	l->fits = l->fits && model->strings.used < UINT32_MAX &&
	    model->hops.used < UINT32_MAX && model->locals.used < UINT32_MAX &&
	    model->targets.count <= ROUTE_TARGET_MASK;
}

bool
image_build(struct conf *conf, struct image *image)
{
	struct layout *l = mem_zero(1, sizeof(*l));
	bool fits;

	l->conf = conf;
	l->model = &conf->model;
	l->image = image;
	*image = (struct image){.conf = conf};
	measure(l);
	fits = l->fits;
	if (fits) {
		layout_place(l);
		write_sections(l);
		write_header(l);
	}
	placing_release(&l->names);
	placing_release(&l->groups);
	free(l->group_lists);
	free(l->buffer.list);
	free(l);
	return fits;
}

void
image_release(struct image *image)
{
	mem_pages_free(image->bytes, image->size);
	*image = (struct image){0};
}
