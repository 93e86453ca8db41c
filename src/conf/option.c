#include "conf/option.h"

#include "base/fold.h"
#include "base/nearest.h"
#include "base/number.h"

/* A value that is read into options. */
struct reading {
	struct conf *conf;
	const struct source *source;
	struct item item;
	struct slice text;
	enum option option;
	struct options *options;
};

static bool
refuse(const struct reading *r, enum slug slug, const char *message)
{
	diagnose(&r->conf->diagnostics, item_span(r->item), slug, "%s", message);
	return false;
}

static bool
read_number(struct reading *r)
{
	uint32_t n, least = option_rows[r->option].least;

	if (number_read(r->text, 65535, &n) && n >= least) {
		r->options->number[r->option] = (uint16_t)n;
		return true;
	}
	if (r->text.len == 0)
		r->text = slice_str("''");
	diagnose(&r->conf->diagnostics, item_span(r->item), option_rows[r->option].slug,
	    "%s %.*s is not in %u-65535", option_word(r->option), SLICE_ARG(r->text), least);
	return false;
}

static bool
read_address(struct reading *r, struct slice part, struct ip *ip)
{
	struct diagnostic *d;

	if (ip_parse(part, ip))
		return true;
	d = diagnose(&r->conf->diagnostics, value_part(r->source, r->item, r->text, part),
	    SLUG_BAD_IP, "'%.*s' is not an IP address", SLICE_ARG(part));
	if (part.len > 2 && part.ptr[0] == '[')
		diagnostic_help(&r->conf->diagnostics, d,
		    "source addresses stand without brackets");
	return false;
}

static bool
read_local(struct reading *r)
{
	size_t bars = 0, ands = 0, n = 0;
	struct local *local = &r->options->local;
	struct slice text = r->text;

	for (size_t i = 0; i < text.len; i++) {
		bars += text.ptr[i] == '|';
		ands += text.ptr[i] == '&';
	}
	if (bars > 0 && ands > 0)
		return refuse(r, SLUG_MIXED_LOCAL,
		    "'|' (round-robin) and '&' (failover) are mixed");
	if (bars + ands >= LOCALS_MAX) {
		diagnose(&r->conf->diagnostics, item_span(r->item), SLUG_TOO_MANY_ADDRESSES,
		    "more than %d source addresses", LOCALS_MAX);
		return false;
	}
	local->mode = bars > 0 ? TMAIL_LOCAL_ROUND_ROBIN : TMAIL_LOCAL_FAILOVER;
	local->list = arena_alloc(&r->conf->arena, (bars + ands + 1) * sizeof(*local->list));
	for (size_t from = 0; from <= text.len;) {
		size_t to = from;

		while (to < text.len && text.ptr[to] != '|' && text.ptr[to] != '&')
			to++;
		if (!read_address(r, slice(text.ptr + from, to - from), &local->list[n++]))
			return false;
		from = to + 1;
	}
	local->count = (uint32_t)n;
	return true;
}

static bool
read_login(struct reading *r)
{
	if (r->text.len == 0)
		return refuse(r, SLUG_BAD_LOGIN, "the login is empty");
	if (r->text.len > 255)
		return refuse(r, SLUG_BAD_LOGIN, "the login is longer than 255 bytes");
	return !value_has_control(r->text) ||
	    refuse(r, SLUG_BAD_LOGIN, "a login holds no control bytes");
}

static bool
read_password(struct reading *r)
{
	if (r->text.len == 0)
		return refuse(r, SLUG_BAD_PASSWORD, "the password is empty");
	for (size_t i = 0; i < r->text.len; i++)
		if (memchr("\0\n\r", r->text.ptr[i], 3) != NULL)
			return refuse(r, SLUG_BAD_PASSWORD,
			    "a password holds no NUL, line feed or carriage return");
	return true;
}

static bool
read_password_file(struct reading *r)
{
	return (r->text.len > 0 && r->text.ptr[0] == '/' && !value_has_control(r->text)) ||
	    refuse(r, SLUG_BAD_PATH, "password-file wants an absolute path");
}

static bool
read_tls(struct reading *r)
{
	struct diagnostic *d;
	const char *nearest;

	for (uint16_t i = 0; i < TLS_WORDS; i++)
		if (slice_is(r->text, tls_words[i])) {
			r->options->number[r->option] = i;
			return true;
		}
	d = diagnose(&r->conf->diagnostics, item_span(r->item), SLUG_BAD_TLS,
	    "unknown tls mode '%.*s'", SLICE_ARG(r->text));
	nearest = nearest_word(r->text, tls_words, TLS_WORDS);
	if (nearest != NULL)
		diagnostic_help(&r->conf->diagnostics, d, "did you mean '%s'?", nearest);
	else
		diagnostic_help(&r->conf->diagnostics, d,
		    "the modes are off, opportunistic, required, verified and implicit");
	return false;
}

/* A domain, folded, or an address literal where it may be one. */
static bool
read_name(struct reading *r, bool literal)
{
	struct folded folded;

	if (mem_folded(fold_domain(r->text, &folded)) == FOLD_OK &&
	    (literal || folded.full.ptr[0] != '[')) {
		r->text = arena_copy(&r->conf->arena, folded.full);
		return true;
	}
	diagnose(&r->conf->diagnostics, item_span(r->item), SLUG_BAD_DOMAIN,
	    "'%.*s' is not a domain name", SLICE_ARG(r->text));
	return false;
}

static bool
read_helo(struct reading *r)
{
	return read_name(r, true);
}

static bool
read_tls_name(struct reading *r)
{
	char out[IP_TEXT_SIZE];
	struct ip ip;

	if (!ip_parse(r->text, &ip))
		return read_name(r, false);
	r->text = arena_copy(&r->conf->arena, slice(out, ip_format(&ip, out)));
	return true;
}

/* A word handed on to another program. */
static bool
read_transport(struct reading *r)
{
	bool plain = r->text.len > 0;

	for (size_t i = 0; i < r->text.len; i++) {
		char c = r->text.ptr[i], l = (char)(c | 0x20);

		plain &= (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') ||
		    (c != '\0' && strchr("._+-", c) != NULL);
	}
	return plain || refuse(r, SLUG_BAD_TRANSPORT,
	    "a transport is a word of letters, digits, '.', '_', '+' and '-'");
}

const struct option_row option_rows[OPTION_COUNT] = {
    [OPTION_PORT] = {read_number, .number = HOP_PORT, .least = 1, .slug = SLUG_BAD_PORT},
    [OPTION_PRIORITY] = {read_number, .least = 0, .slug = SLUG_BAD_PRIORITY,
	.with = WITH_MX | WITH_REPLY},
    [OPTION_WEIGHT] = {read_number, .least = 1, .slug = SLUG_BAD_WEIGHT, .with = WITH_MX},
    [OPTION_LOCAL] = {read_local, .with = WITH_MX},
    [OPTION_LOGIN] = {read_login, .string = STRING_LOGIN},
    [OPTION_PASSWORD] = {read_password, .string = STRING_PASSWORD},
    [OPTION_PASSWORD_FILE] = {read_password_file, .string = STRING_PASSWORD_FILE},
    [OPTION_TLS] = {read_tls, .with = WITH_MX},
    [OPTION_TLS_NAME] = {read_tls_name, .string = STRING_TLS_NAME},
    [OPTION_HELO] = {read_helo, .string = STRING_HELO, .with = WITH_MX},
    [OPTION_TRANSPORT] = {read_transport, .string = STRING_TRANSPORT, .with = WITH_MX},
};

bool
option_read(struct conf *conf, const struct source *source, struct item item,
    enum statement statement, struct options *options)
{
	enum option option = (enum option)(item_role(item) - ITEM_OPTION);
	struct reading r = {.conf = conf, .source = source, .item = item, .option = option,
	    .options = options};

	if (!option_allowed(option, statement)) {
		diagnose(&conf->diagnostics, value_keyword(source, item.pos), SLUG_MISPLACED_OPTION,
		    "option '%s' has no meaning on a %s", option_word(option),
		    statement_word(statement));
		return false;
	}
	if (options_has(options, option)) {
		uint32_t first = options->at[option].begin;
		struct diagnostic *d = diagnose(&conf->diagnostics, value_keyword(source, item.pos),
		    SLUG_REPEATED_OPTION, "option '%s' stands twice", option_word(option));

		diagnostic_note(&conf->diagnostics, d,
		    value_keyword(sources_at(&conf->sources, first), first),
		    "first given here");
		return false;
	}
	options->set |= 1u << option;
	options->at[option] = item_span(item);
	if (!value_text(conf, source, item, &r.text) || !option_rows[option].read(&r))
		return false;
	options->text[option] = r.text;
	return true;
}
