/* list.c - tmail routes list: the routes, one a line, by ID. */
#include <stdlib.h>
#include <unistd.h>

#include "answer/stale.h"
#include "cli/cli.h"
#include "change/change.h"
#include "review/filter.h"
#include "answer/show.h"
#include "review/row_json.h"

static const char help[] =
    "usage: tmail routes list [OPTION...]\n\n"
    "Prints the routes of the configuration, or with --index alone those of a\n"
    "compiled index, one a line by ID; on a terminal, cut to fit the window.\n\n"
    "  -d, --destination PATTERN    only routes with this `to`, or $LIST\n"
    "  -u, --smtp-user PATTERN      ... this `user`\n"
    "  -f, --mail-from PATTERN      ... this `from`\n"
    "  -rh, --remote-host HOST      ... this host: HOST, HOST:PORT, mx, @RELAY\n"
    "  --relays                     the relays instead, in the order of the file\n"
    "  --wide                       nothing cut or left out on a terminal\n"
    "  --show-secrets               passwords in clear\n"
    "  --json                       one object a route\n"
    "  -c, --conf FILE              the configuration\n"
    "  -i, --index FILE             the index\n"
    "  -q                           no warnings\n"
    "  -h, --help                   this text\n\n"
    "examples:\n"
    "  tmail routes list -d example.org\n"
    "  tmail routes list --json | jq -r 'select(.tls == \"off\") | .id'\n";

enum cell {
	CELL_ID, CELL_TO, CELL_USER, CELL_FROM, CELL_PRIORITY, CELL_WEIGHT, CELL_LOCAL,
	CELL_REMOTE, CELL_COUNT
};

/* Columns as wide as what stands in them, within reason; cut to no less than this. */
enum { COLUMN_MAX = 40, COLUMN_LEAST = 4 };

static const char *const titles[CELL_COUNT] = {"ID", "DESTINATION", "USER", "MAIL FROM", "PRIO",
    "WEIGHT", "LOCAL IPS", "REMOTE HOST"};

struct list {
	const struct settings *settings;
	const struct filter *filter;
	struct listing listing;
	struct text text;
	unsigned widths[CELL_COUNT];	/* of columns; 0: not shown */
	size_t host;			/* where it begins in the text, behind a login */
	bool relays;		/* these are asked for, not routes */
	const struct filter_options *asked;
	size_t taken;		/* by the filter, in the end */
};

static void
add_patterns(struct list *list, const struct row *row, int selector)
{
	struct text quoted = {0};

	for (uint32_t i = 0; i < row->count[selector]; i++) {
		struct pattern pattern;
		struct slice shown;

		listing_pattern(&list->listing, row, selector, i, &pattern);
		shown = pattern_shown(&pattern, &quoted);
		if (i > 0)
			text_str(&list->text, ",");
		text_safe(&list->text, shown.ptr, shown.len);
	}
	text_release(&quoted);
}

static void
add_remote(struct list *list, const struct row *row)
{
	const struct tmail_route *route = &row->route;

	if (route->hop == TMAIL_HOP_NONE) {
		text_str(&list->text, show_action(row->match.action));
		if (row->match.text.ptr != NULL)
			text_str(&list->text, ": ");
		show_slice(&list->text, row->match.text);
		return;
	}
	if (route->login.ptr != NULL) {
		show_credentials(&list->text, route, list->settings->show_secrets);
		text_str(&list->text, "@");
		list->host = list->text.len;
	}
	show_hop(&list->text, route);
}

/* Of a relay there are but its name, and where it leads from where. */
static bool
has_cell(const struct list *list, int cell)
{
	return !list->relays || cell == CELL_ID || cell >= CELL_LOCAL;
}

static const char *
title(const struct list *list, int cell)
{
	return list->relays && cell == CELL_ID ? "RELAY" : titles[cell];
}

/* Adds what a row has to say in a cell; nothing for a selector not written. */
static void
add_cell(struct list *list, const struct row *row, enum cell cell)
{
	const struct tmail_route *route = &row->route;

	switch (cell) {
	case CELL_ID:
		if (list->relays)
			show_slice(&list->text, route->relay);
		else
			text_number(&list->text, route->id);
		return;
	case CELL_TO:
		add_patterns(list, row, ROW_TO);
		return;
	case CELL_USER:
		add_patterns(list, row, ROW_USER);
		return;
	case CELL_FROM:
		add_patterns(list, row, ROW_FROM);
		return;
	case CELL_PRIORITY:
		text_number(&list->text, route->priority);
		return;
	case CELL_WEIGHT:
		text_number(&list->text, route->weight);
		return;
	case CELL_LOCAL:
		list->listing.status = show_local(&list->text, list->listing.routes, route,
		    NULL);
		return;
	case CELL_REMOTE:
		add_remote(list, row);
		return;
	case CELL_COUNT:
		return;
	}
}

static void
print_plain(struct list *list, const struct row *row)
{
	static const char *const labels[CELL_COUNT] = {"", " - Destination host: ", " - User: ",
	    " - Mail from: ", " - Priority: ", " - Weight: ", " - Local IPs: ",
	    " - Remote host: "};

	for (int cell = 0; cell < CELL_COUNT; cell++) {
		size_t before = list->text.len, begin;

		if (!has_cell(list, cell) || (cell == CELL_WEIGHT && row->route.weight == 1))
			continue;
		text_str(&list->text, labels[cell]);
		begin = list->text.len;
		add_cell(list, row, (enum cell)cell);
		if (list->text.len == begin)
			list->text.len = before;
	}
	text_line(&list->text, stdout);
}

/* Whether a cell is as it is for want of an option. */
static bool
is_usual(const struct row *row, enum cell cell)
{
	switch (cell) {
	case CELL_USER:
		return row->count[ROW_USER] == 0;
	case CELL_FROM:
		return row->count[ROW_FROM] == 0;
	case CELL_WEIGHT:
		return row->route.weight == 1;
	case CELL_LOCAL:
		return row->route.local_count == 0;
	default:
		return false;
	}
}

static void
measure(struct list *list, const struct row *row)
{
	for (int cell = 0; cell < CELL_COUNT; cell++) {
		unsigned width;

		if (!has_cell(list, cell) ||
		    (list->settings->out.columns != 0 && is_usual(row, (enum cell)cell)))
			continue;
		list->text.len = 0;
		add_cell(list, row, (enum cell)cell);
		width = text_columns(&list->text, 0);
		if (list->settings->out.columns == 0 && width > COLUMN_MAX)
			width = COLUMN_MAX;
		if (width < strlen(title(list, cell)))
			width = (unsigned)strlen(title(list, cell));
		if (width > list->widths[cell])
			list->widths[cell] = width;
	}
	list->text.len = 0;
}

/*
 * Takes from the widest column until all fit the window.  Numbers stay whole;
 * where mail goes from and to may be twice as wide as the rest.
 */
static void
fit(struct list *list)
{
	const unsigned share[CELL_COUNT] = {[CELL_ID] = list->relays, [CELL_TO] = 1,
	    [CELL_USER] = 2, [CELL_FROM] = 2, [CELL_LOCAL] = 2, [CELL_REMOTE] = 1};
	unsigned columns = list->settings->out.columns, total = 0;

	for (int cell = 0; cell < CELL_COUNT; cell++)
		if (list->widths[cell] != 0)
			total += list->widths[cell] + (cell == CELL_COUNT - 1 ? 0 : 2);
	for (; columns != 0 && total > columns; total--) {
		int widest = CELL_TO;

		for (int cell = 0; cell < CELL_COUNT; cell++)
			if (list->widths[cell] * share[cell] > list->widths[widest] * share[widest])
				widest = cell;
		if (list->widths[widest] <= COLUMN_LEAST)
			return;
		list->widths[widest]--;
	}
}

/* Ends the cell that began at `begin` of the line: cut or padded to its column. */
static void
end_cell(struct list *list, size_t begin, int cell)
{
	unsigned width = list->widths[cell];

	if (list->settings->out.columns != 0) {
		if (list->host > begin)
			text_fit(&list->text, begin, list->host, width);
		text_fit(&list->text, begin, list->text.len, width);
	}
	list->host = 0;
	if (cell == CELL_COUNT - 1)
		return;
	for (unsigned used = text_columns(&list->text, begin); used < width; used++)
		text_str(&list->text, " ");
	text_str(&list->text, "  ");
}

static void
print_aligned(struct list *list, const struct row *row)
{
	for (int cell = 0; cell < CELL_COUNT; cell++) {
		size_t begin = list->text.len;

		if (list->widths[cell] == 0)
			continue;
		add_cell(list, row, (enum cell)cell);
		if (list->text.len == begin)
			text_str(&list->text, "-");
		end_cell(list, begin, cell);
	}
	text_line(&list->text, stdout);
}

static void
print_header(struct list *list)
{
	for (int cell = 0; cell < CELL_COUNT; cell++) {
		size_t begin = list->text.len;

		if (list->widths[cell] == 0)
			continue;
		text_str(&list->text, title(list, cell));
		end_cell(list, begin, cell);
	}
	text_line(&list->text, stdout);
}

static void
print_json(struct list *list, const struct row *row)
{
	(list->relays ? row_json_relay : row_json_route)(&list->text, &list->listing, row,
	    list->settings->show_secrets);
	text_line(&list->text, stdout);
}

typedef void do_row(struct list *list, const struct row *row);

/* Calls `act` for the rows that the filter takes; counts them. */
static size_t
each_row(struct list *list, do_row *act)
{
	struct row row;

	list->taken = 0;
	list->listing.at = 0;
	while ((list->relays ? listing_next_relay : listing_next)(&list->listing, &row))
		if (filter_takes(list->filter, &list->listing, &row)) {
			act(list, &row);
			list->taken++;
		}
	return list->taken;
}

static bool
is_given(const char *value)
{
	return value != NULL && value[0] != '\0';
}

static void
do_nothing(struct list *list, const struct row *row)
{
	(void)list;
	(void)row;
}

/* Whether the value of an option, which found nothing, is the name of what is there. */
static bool
finds_signed(struct list *list, struct filter_options *asked, const char **value, char sign,
    const char *option)
{
	char name[256];
	struct filter filter;
	const struct filter *before = list->filter;
	const char *bare = *value;
	size_t found;

	if (!is_given(bare) || strlen(bare) + 2 > sizeof(name))
		return false;
	snprintf(name, sizeof(name), "%c%s", sign, bare);
	*value = name;
	filter_init(&filter, asked);
	*value = bare;
	list->filter = &filter;
	found = each_row(list, do_nothing);
	list->filter = before;
	filter_release(&filter);
	if (found > 0)
		cli_say("note: nothing has '%s' there: did you mean %s '%s'?", bare, option, name);
	return found > 0;
}

/* A relay or a list asked for without its sign. */
static void
note_sign(struct list *list)
{
	struct filter_options asked = *list->asked;

	if (list->taken > 0 || list->settings->json || list->settings->quiet ||
	    finds_signed(list, &asked, &asked.host, '@', "-rh") ||
	    finds_signed(list, &asked, &asked.to, '$', "-d") ||
	    finds_signed(list, &asked, &asked.user, '$', "-u"))
		return;
	finds_signed(list, &asked, &asked.from, '$', "-f");
}

static int
print_all(struct list *list, bool filtered)
{
	size_t count = list->relays ? list->listing.conf->relay_count : list->listing.count;

	if (list->settings->json)
		each_row(list, print_json);
	else if (count == 0 && !filtered)
		puts(list->relays ? "There are no relays" :
			"There are no routes: all mail follows the MX records");
	else if (!isatty(STDOUT_FILENO))
		each_row(list, print_plain);
	else if (each_row(list, measure) > 0) {
		fit(list);
		print_header(list);
		each_row(list, print_aligned);
	}
	text_release(&list->text);
	note_sign(list);
	if (list->listing.status != TMAIL_OK)
		return cli_index_failed(list->settings->index, list->listing.status);
	return cli_finish(0);
}

static int
list_conf(struct list *list, bool filtered)
{
	struct conf conf;
	enum source_status status = conf_open(&conf, list->settings->conf);
	int code;

	conf.keep_patterns = true;
	if (status != SOURCE_OK) {
		code = change_unreadable(&conf, status);
	} else if (!conf_check(&conf)) {
		change_render(list->settings, &conf, RENDER_NO_WARNINGS);
		code = EX_DATAERR;
	} else {
		listing_of_conf(&list->listing, &conf);
		code = print_all(list, filtered);
		listing_release(&list->listing);
		stale_warning(list->settings, &conf.sources);
	}
	conf_close(&conf);
	return code;
}

static int
list_index(struct list *list, bool filtered)
{
	int code = listing_of_index(&list->listing, list->settings);

	if (code == 0)
		code = print_all(list, filtered);
	listing_release(&list->listing);
	return code;
}

/* Where the operand should have stood. */
static int
refuse_operand(const char *word)
{
	if (word[0] != '\0' && word[strspn(word, "0123456789")] == '\0')
		return cli_usage("list takes no ID: tmail routes list | grep '^%s '", word);
	if (word[0] != '@' && strpbrk(word, ".@*$") == NULL)
		return cli_usage("list takes no operand '%s'", word);
	return cli_usage("'%s' stands behind no option: did you mean %s '%s'?", word,
	    word[0] == '@' ? "-rh" : "-d", word);
}

int
cmd_list(int argc, char **argv)
{
	struct filter_options asked = {0};
	bool wide = false;
	struct settings settings;
	struct filter filter;
	struct list list = {.settings = &settings, .filter = &filter, .asked = &asked};
	const struct cli_option options[] = {
	    {"d destination", false, &asked.to},
	    {"u smtp-user smtpUser", false, &asked.user},
	    {"f mail-from mailFrom", false, &asked.from},
	    {"rh remote-host remoteHost", false, &asked.host},
	    {"wide", true, &wide},
	    {"relays", true, &list.relays},
	    {NULL, false, NULL}};
	bool filtered;
	int operands, code = cli_settings(argc, argv, options, help, &settings, &operands);

	if (code != -1)
		return code;
	if (wide)
		settings.out.columns = 0;
	filter_init(&filter, &asked);
	filtered = is_given(asked.to) || is_given(asked.user) || is_given(asked.from) ||
	    is_given(asked.host);
	if (operands > 0)
		code = refuse_operand(argv[1]);
	else if (list.relays && filtered)
		code = cli_usage("list --relays takes no -d, -u, -f and -rh");
	else if (list.relays && settings.index_given && !settings.conf_given)
		code = cli_usage("an index knows no relays: list --relays takes no --index alone");
	else if (filter_has_list(&filter) && settings.index_given && !settings.conf_given)
		code = cli_usage("an index knows no lists: '$NAME' takes no --index alone");
	else if (settings.index_given && !settings.conf_given)
		code = list_index(&list, filtered);
	else
		code = list_conf(&list, filtered);
	filter_release(&filter);
	settings_release(&settings);
	return code;
}
