#include "review/filter.h"

#include "base/number.h"

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

/* HOST, HOST:PORT, [IPv6], [IPv6]:PORT, or an IPv6 address without brackets. */
static void
read_host(struct filter *filter, struct slice text)
{
	const char *colon = memrchr(text.ptr, ':', text.len);
	const char *bracket = memchr(text.ptr, ']', text.len);
	struct slice host = text;
	struct ip ip;

	if (colon != NULL && (bracket == NULL || colon > bracket) && !ip6_parse(text, &ip) &&
	    number_read(slice(colon + 1, (size_t)(text.ptr + text.len - colon) - 1), 65535,
		&filter->port))
		host.len = (size_t)(colon - text.ptr);
	if (host.len > 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']')
		host = slice(host.ptr + 1, host.len - 2);
	fold_host(filter, host);
}

static void
read_hop(struct filter *filter, struct slice text)
{
	filter->any_hop = text.len == 0;
	if (text.len == 0)
		return;
	filter->hop = TMAIL_HOP_HOST;
	if (slice_is(text, "mx")) {
		filter->hop = TMAIL_HOP_MX;
	} else if (text.len > 3 && memcmp(text.ptr, "mx:", 3) == 0) {
		filter->hop = TMAIL_HOP_MX_OF;
		fold_host(filter, slice(text.ptr + 3, text.len - 3));
	} else {
		read_host(filter, text);
	}
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
	uint32_t count = row->count[selector];

	if (wanted->text.ptr == NULL)
		return true;
	if (selector == ROW_TO && count == 0)
		count = 1;
	for (uint32_t i = 0; i < count; i++) {
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
filter_takes(const struct filter *filter, const struct listing *listing, const struct row *row,
    const struct tmail_route *route)
{
	for (int i = 0; i < ROW_SELECTORS; i++)
		if (!takes_selector(filter, listing, row, i))
			return false;
	return takes_hop(filter, route);
}
