#include "review/filter.h"

#include <stdlib.h>
#include <strings.h>

#include "answer/show.h"
#include "base/number.h"
#include "text/quote.h"
#include "text/values.h"

/* What stands in quotes, if the whole value does and list would show it so. */
static bool
unquote(char buffer[FOLD_SIZE], bool user, struct slice *text)
{
	size_t last = text->len - 1, len = 0;

	if (text->len < 2 || text->ptr[0] != '"' || text->ptr[last] != '"' ||
	    text->len > FOLD_SIZE)
		return false;
	for (size_t i = 1; i < last; i++) {
		if (text->ptr[i] == '\\' && i + 1 < last)
			i++;
		buffer[len++] = text->ptr[i];
	}
	if (!show_is_special(user, slice(buffer, len)))
		return false;
	*text = slice(buffer, len);
	return true;
}

static void
fold_selector(struct wanted *wanted, int selector, struct slice text)
{
	enum fold_status status;

	*wanted = (struct wanted){0};
	wanted->quoted = unquote(wanted->unquoted, selector == ROW_USER, &text);
	wanted->text = text;
	if (!wanted->quoted && text.len > 1 && text.ptr[0] == '$') {
		wanted->list = slice(text.ptr + 1, text.len - 1);
		return;
	}
	if (!wanted->quoted && (slice_is(text, "*") || slice_is(text, "<>")))
		return;
	if (!wanted->quoted && selector == ROW_TO && text.len > 2 && memcmp(text.ptr, "*.", 2) == 0) {
		wanted->wild = true;
		wanted->text = text = slice(text.ptr + 2, text.len - 2);
		status = fold_domain(text, &wanted->folded);
	} else if (selector == ROW_USER) {
		status = fold_login(text, &wanted->folded);
	} else {
		status = fold_address(text, &wanted->folded);
	}
	if (mem_folded(status) != FOLD_OK)
		return;
	wanted->text = wanted->folded.full.ptr != NULL ? wanted->folded.full
						       : wanted->folded.domain;
}

/* The patterns of a value between its commas, which blanks may stand around. */
static void
read_selector(struct wanted_set *set, int selector, const char *value)
{
	const char *p = value, *end, *stop, *last;
	size_t most = 1;

	*set = (struct wanted_set){NULL, 0};
	if (value == NULL || *value == '\0')
		return;
	end = value + strlen(value);
	for (const char *comma = value; comma < end; comma++)
		most += *comma == ',';
	set->list = mem_alloc(most * sizeof(*set->list));
	do {
		last = stop = quote_pattern_end(p, end);
		while (p != value && p < stop && *p == ' ')
			p++;
		while (stop != end && last > p && last[-1] == ' ')
			last--;
		fold_selector(&set->list[set->count++], selector, slice(p, (size_t)(last - p)));
		p = stop + 1;
	} while (stop != end);
}

static void
fold_host(struct filter *filter, struct slice host)
{
	struct ip ip;

	filter->host = host;
	if (ip_parse(host, &ip))
		filter->host = slice(filter->ip, ip_format(&ip, filter->ip));
	else if (mem_folded(fold_domain(host, &filter->folded_host)) == FOLD_OK)
		filter->host = filter->folded_host.full;
}

/* As routes.conf has it or as list shows it: the rest behind `word`, in any case. */
static bool
begins(struct slice *text, const char *word)
{
	size_t len = strlen(word);

	if (text->len < len || strncasecmp(text->ptr, word, len) != 0)
		return false;
	*text = slice(text->ptr + len, text->len - len);
	return true;
}

/* Takes the port that list shows behind the name, and what joins them, away. */
static void
take_port(struct filter *filter, struct slice *text)
{
	const char *end = text->ptr + text->len;
	const char *colon = text->len == 0 ? NULL : memrchr(text->ptr, ':', text->len);
	const char *digits = colon == NULL ? text->ptr : colon + 1;
	uint32_t port;

	if (!number_read(slice(digits, (size_t)(end - digits)), 65535, &port))
		return;
	filter->port = port;
	text->len = colon == NULL ? 0 : (size_t)(colon - text->ptr);
}

/* `mx` and what it may have behind it; of digits, which name no domain, the port. */
static bool
read_mx(struct filter *filter, struct slice text)
{
	bool of = begins(&text, "mx:") || begins(&text, "mx of ");

	if (!of && (!begins(&text, "mx") || text.len > 0))
		return false;
	take_port(filter, &text);
	of = of && (text.len > 0 || filter->port == 0);
	filter->hop = of ? TMAIL_HOP_MX_OF : TMAIL_HOP_MX;
	fold_host(filter, text);
	return true;
}

/* What routes.conf takes or list shows, or an IPv6 address without brackets. */
static void
read_hop(struct filter *filter, struct slice text)
{
	struct hop_word word = hop_word(text, false);

	filter->any_hop = text.len == 0;
	filter->hop = TMAIL_HOP_HOST;
	if (text.len > 1 && text.ptr[0] == '@') {
		filter->relay = slice(text.ptr + 1, text.len - 1);
		return;
	}
	if (read_mx(filter, text))
		return;
	if ((word.port.ptr == NULL && word.rest.len > 0) ||
	    (word.port.ptr != NULL && !number_read(word.port, 65535, &filter->port)))
		word.host = text;
	if (slice_is(word.host, "\"mx\""))
		word.host = slice_str("mx");
	fold_host(filter, word.host);
}

void
filter_init(struct filter *filter, const struct filter_options *options)
{
	read_selector(&filter->selectors[ROW_TO], ROW_TO, options->to);
	read_selector(&filter->selectors[ROW_USER], ROW_USER, options->user);
	read_selector(&filter->selectors[ROW_FROM], ROW_FROM, options->from);
	filter->port = 0;
	filter->host = filter->relay = slice(NULL, 0);
	read_hop(filter, slice_str(options->host));
}

static bool
is_wanted(const struct wanted *wanted, const struct pattern *pattern)
{
	struct slice text = pattern->text;
	bool wild = text.len > 2 && memcmp(text.ptr, "*.", 2) == 0;

	if (wanted->quoted ? !pattern->name || (wild && !pattern->quoted) : pattern->quoted)
		return false;
	if (wanted->wild && wild)
		return slice_eq(wanted->text, slice(text.ptr + 2, text.len - 2));
	return !wanted->wild && slice_eq(wanted->text, text);
}

void
filter_release(struct filter *filter)
{
	for (int i = 0; i < ROW_SELECTORS; i++)
		free(filter->selectors[i].list);
}

bool
filter_has_list(const struct filter *filter)
{
	for (int i = 0; i < ROW_SELECTORS; i++)
		for (size_t n = 0; n < filter->selectors[i].count; n++)
			if (filter->selectors[i].list[n].list.ptr != NULL)
				return true;
	return false;
}

/* Whether a selector was written with a list. */
static bool
has_list(const struct row *row, int selector, struct slice list)
{
	const struct slice *lists = row->lists;

	for (int before = 0; before < selector; before++)
		lists += row->list_count[before];
	for (uint32_t i = 0; i < row->list_count[selector]; i++)
		if (slice_eq(lists[i], list))
			return true;
	return false;
}

static bool
has_wanted(const struct wanted *wanted, const struct listing *listing, const struct row *row,
    int selector)
{
	if (wanted->list.ptr != NULL)
		return has_list(row, selector, wanted->list);
	for (uint32_t i = 0; i < row->count[selector]; i++) {
		struct pattern pattern;

		listing_pattern(listing, row, selector, i, &pattern);
		if (is_wanted(wanted, &pattern))
			return true;
	}
	return false;
}

static bool
takes_hop(const struct filter *filter, const struct row *row)
{
	const struct tmail_route *route = &row->route;
	struct slice host = slice(route->host.ptr, route->host.len);

	if (filter->any_hop)
		return true;
	if (filter->relay.ptr != NULL)
		return slice_eq(slice(route->relay.ptr, route->relay.len), filter->relay);
	return route->hop == filter->hop && slice_eq(host, filter->host) &&
	    (filter->port == 0 || filter->port == route->port);
}

bool
filter_takes(const struct filter *filter, const struct listing *listing, const struct row *row)
{
	for (int i = 0; i < ROW_SELECTORS; i++)
		for (size_t n = 0; n < filter->selectors[i].count; n++)
			if (!has_wanted(&filter->selectors[i].list[n], listing, row, i))
				return false;
	return takes_hop(filter, row);
}
