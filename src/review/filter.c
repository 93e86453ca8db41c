#include "review/filter.h"

#include "base/number.h"
#include "text/values.h"

static void
fold_selector(struct wanted *wanted, int selector, const char *value)
{
	struct slice text = slice_str(value);
	enum fold_status status;

	*wanted = (struct wanted){.text = text};
	if (text.len == 0) {
		wanted->text = slice(NULL, 0);
		return;
	}
	if (slice_is(text, "*") || slice_is(text, "<>"))
		return;
	if (selector == ROW_TO && text.len > 2 && memcmp(text.ptr, "*.", 2) == 0) {
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

/* What routes.conf takes, or an IPv6 address without brackets. */
static void
read_hop(struct filter *filter, struct slice text)
{
	struct hop_word word = hop_word(text, true);

	filter->any_hop = text.len == 0;
	if (word.kind == HOP_WORD_MX) {
		filter->hop = TMAIL_HOP_MX;
		return;
	}
	filter->hop = word.kind == HOP_WORD_MX_OF ? TMAIL_HOP_MX_OF : TMAIL_HOP_HOST;
	if (word.kind == HOP_WORD_RELAY || (word.port.ptr == NULL && word.rest.len > 0) ||
	    (word.port.ptr != NULL && !number_read(word.port, 65535, &filter->port)))
		word.host = text;
	fold_host(filter, word.host);
}

void
filter_init(struct filter *filter, const struct filter_options *options)
{
	fold_selector(&filter->selectors[ROW_TO], ROW_TO, options->to);
	fold_selector(&filter->selectors[ROW_USER], ROW_USER, options->user);
	fold_selector(&filter->selectors[ROW_FROM], ROW_FROM, options->from);
	filter->port = 0;
	filter->host = slice(NULL, 0);
	read_hop(filter, slice_str(options->host));
}

static bool
is_wanted(const struct wanted *wanted, struct slice pattern)
{
	bool wild = pattern.len > 2 && memcmp(pattern.ptr, "*.", 2) == 0;

	if (wanted->wild && wild)
		return slice_eq(wanted->text, slice(pattern.ptr + 2, pattern.len - 2));
	return !wanted->wild && slice_eq(wanted->text, pattern);
}

static bool
takes_selector(const struct filter *filter, const struct listing *listing,
    const struct row *row, int selector)
{
	const struct wanted *wanted = &filter->selectors[selector];

	if (wanted->text.ptr == NULL)
		return true;
	for (uint32_t i = 0; i < row->count[selector]; i++) {
		struct pattern_buffer buffer;

		if (is_wanted(wanted, listing_pattern(listing, row, selector, i, &buffer)))
			return true;
	}
	return false;
}

static bool
takes_hop(const struct filter *filter, const struct tmail_route *route)
{
	struct slice host = slice(route->host.ptr, route->host.len);

	if (filter->any_hop)
		return true;
	return route->hop == filter->hop && slice_eq(host, filter->host) &&
	    (filter->port == 0 || filter->port == route->port);
}

bool
filter_takes(const struct filter *filter, const struct listing *listing, const struct row *row)
{
	for (int i = 0; i < ROW_SELECTORS; i++)
		if (!takes_selector(filter, listing, row, i))
			return false;
	return takes_hop(filter, &row->route);
}
