#include "answer/ladder_form.h"

#include "answer/show.h"
#include "runtime/scan.h"

enum {
	BLOCKS = 3,		/* of a sender: its address, its domain, none */
	LOGINS = 3,		/* in each: the login, its domain, any */
	BLOCK_COLUMNS = 20,
	BLOCK_USED = 15,	/* of these, by numbers and titles */
	TABLE_COLUMNS = BLOCKS * BLOCK_COLUMNS - (BLOCK_COLUMNS - BLOCK_USED) + 1,
	TO_LEAST = 12,
	TO_USUAL = 22
};

/* Where numbers and titles end in a block: both flush right. */
static const unsigned char number_ends[LOGINS] = {4, 10, 15}, title_ends[LOGINS] = {5, 12, 15};
static const unsigned number_end_of_all = 10;

struct drawing {
	struct answer *a;
	unsigned won, number;
	unsigned to_columns;		/* of the first column */
	unsigned column;		/* of the line, so far */
	unsigned char froms[BLOCKS], from_count;	/* kinds */
	bool login, login_domain;	/* somebody has logged in; that has a domain */
	bool begun;			/* a row was */
	unsigned char half, to_kind;	/* of the row */
	size_t to_length;
};

bool
ladder_fits(const struct answer *a)
{
	return a->explain && !a->batch && a->columns >= TO_LEAST + TABLE_COLUMNS;
}

static void
paint(struct drawing *d, const char *code)
{
	if (d->a->colour)
		text_str(&d->a->line, code);
}

static void
begin_line(struct drawing *d)
{
	if (d->a->line.len > 0)
		text_str(&d->a->line, "\n");
	d->column = 0;
}

/* Blanks, so that what takes so many columns ends at `end`. */
static void
pad(struct drawing *d, unsigned end, unsigned columns)
{
	for (; d->column + columns < end; d->column++)
		text_str(&d->a->line, " ");
	d->column += columns;
}

static void
add_word(struct drawing *d, unsigned end, const char *word)
{
	pad(d, end, (unsigned)strlen(word));
	text_str(&d->a->line, word);
}

static unsigned
block_of(const struct drawing *d, unsigned char from)
{
	unsigned block = 0;

	while (block < d->from_count && d->froms[block] != from)
		block++;
	return block;
}

static void
measure(void *arg, const struct scan_rung *rung)
{
	struct drawing *d = arg;
	struct text text = {0};
	unsigned columns;

	show_slice(&text, rung->to);
	columns = text_columns(&text, 0) + (rung->to_kind == RUNG_TO_WILD ? 3 : 1);
	text_release(&text);
	if (columns > d->to_columns)
		d->to_columns = columns;
	if (block_of(d, rung->from_kind) == d->from_count)
		d->froms[d->from_count++] = rung->from_kind;
	d->login |= rung->user_kind != RUNG_USER_NONE;
	d->login_domain |= rung->user_kind == RUNG_USER_FULL;
}

static void
draw_titles(struct drawing *d)
{
	static const char *const titles[] = {[RUNG_FROM_NONE] = "no from",
	    [RUNG_FROM_NULL] = "from <>", [RUNG_FROM_ADDRESS] = "from the sender",
	    [RUNG_FROM_DOMAIN] = "from its domain"};
	unsigned block;

	begin_line(d);
	add_word(d, 2, "to");
	for (block = 0; block < d->from_count; block++) {
		const char *title = titles[d->froms[block]];

		add_word(d, d->to_columns + block * BLOCK_COLUMNS +
		    (BLOCK_USED + (unsigned)strlen(title)) / 2, title);
	}
	if (!d->login)
		return;
	begin_line(d);
	for (block = 0; block < d->from_count; block++) {
		unsigned begin = d->to_columns + block * BLOCK_COLUMNS;

		add_word(d, begin + title_ends[0], "login");
		if (d->login_domain)
			add_word(d, begin + title_ends[1], "domain");
		add_word(d, begin + title_ends[2], "*");
	}
}

static void
begin_row(struct drawing *d, const struct scan_rung *rung)
{
	struct text *line = &d->a->line;
	size_t begin;

	if (d->begun && d->half != (rung->user_kind != RUNG_USER_NONE))
		begin_line(d);
	begin_line(d);
	begin = line->len;
	text_str(line, rung->to_kind == RUNG_TO_WILD ? "*." : "");
	show_slice(line, rung->to);
	text_fit(line, begin, line->len, d->to_columns - 1);
	d->column = text_columns(line, begin);
	d->begun = true;
	d->half = rung->user_kind != RUNG_USER_NONE;
	d->to_kind = rung->to_kind;
	d->to_length = rung->to.len;
}

/* Where in its block the number of a rung ends. */
static unsigned
number_end(const struct drawing *d, unsigned char user)
{
	switch (user) {
	case RUNG_USER_NONE:
		return number_end_of_all;
	case RUNG_USER_STAR:
		return number_ends[2];
	case RUNG_USER_BARE:
		return number_ends[d->login_domain ? 1 : 0];
	default:
		return number_ends[0];
	}
}

static void
draw(void *arg, const struct scan_rung *rung)
{
	struct drawing *d = arg;
	struct text number = {0};
	bool won = ++d->number == d->won;
	bool dot = !rung->used && !d->a->colour;

	if (!d->begun || d->to_kind != rung->to_kind || d->to_length != rung->to.len ||
	    d->half != (rung->user_kind != RUNG_USER_NONE))
		begin_row(d, rung);
	text_str(&number, won ? "[" : "");
	if (dot)
		text_str(&number, ".");
	else
		text_number(&number, d->number);
	pad(d, d->to_columns + block_of(d, rung->from_kind) * BLOCK_COLUMNS +
	    number_end(d, rung->user_kind), (unsigned)number.len);
	paint(d, won ? "\33[1;32m" : rung->used ? "" : "\33[2m");
	text_str(&number, won ? "]" : "");
	text_add(&d->a->line, number.ptr, number.len);
	d->column += won;
	paint(d, won || !rung->used ? "\33[0m" : "");
	text_release(&number);
}

enum tmail_status
ladder_draw(struct answer *a, const struct tmail_query *query, unsigned won)
{
	struct drawing d = {.a = a, .won = won};
	unsigned most = a->columns - TABLE_COLUMNS;
	enum tmail_status status = scan_ladder(a->routes, query, measure, &d);

	if (status != TMAIL_OK)
		return status;
	if (d.to_columns < TO_USUAL)
		d.to_columns = TO_USUAL;
	if (d.to_columns > most)
		d.to_columns = most;
	draw_titles(&d);
	status = scan_ladder(a->routes, query, draw, &d);
	text_str(&a->line, "\n");
	return status;
}
