#include "conf/option.h"

#include "base/fold.h"
#include "base/mask.h"
#include "base/nearest.h"
#include "base/number.h"
#include "base/utf8.h"
#include "text/slip.h"

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
	const struct option_row *row = &option_rows[r->option];
	uint32_t n, most = row->most != 0 ? row->most : 65535;
	struct diagnostic *d;

	if (number_read(r->text, most, &n) && n >= row->least) {
		r->options->number[r->option] = (uint16_t)n;
		return true;
	}
	if (r->text.len == 0)
		r->text = slice_str("''");
	d = diagnose(&r->conf->diagnostics, item_span(r->item), row->slug,
	    "%s %.*s is not in %u-%u", option_word(r->option), SLICE_ARG(r->text), row->least, most);
	if (r->option == OPTION_PORT)
		slip_port(&r->conf->diagnostics, d, r->text);
	return false;
}

/* N/s, N/m or N/h. */
static bool
read_rate(struct reading *r)
{
	static const char units[] = {[RATE_SECOND] = 's', [RATE_MINUTE] = 'm', [RATE_HOUR] = 'h'};
	struct rate_word word = rate_word(r->text);
	struct diagnostic *d;
	uint32_t n;

	if (word.unit != '\0' && number_read(word.number, RATE_MAX, &n) && n > 0) {
		r->options->rate = n;
		while (units[r->options->number[r->option]] != word.unit)
			r->options->number[r->option]++;
		return true;
	}
	if (word.unit != '\0') {
		diagnose(&r->conf->diagnostics, item_span(r->item), SLUG_BAD_RATE,
		    "rate %.*s is not in 1-%d", SLICE_ARG(word.number), RATE_MAX);
		return false;
	}
	d = diagnose(&r->conf->diagnostics, item_span(r->item), SLUG_BAD_RATE,
	    "'%.*s' is not a rate", SLICE_ARG(r->text));
	diagnostic_help(&r->conf->diagnostics, d,
	    "a rate is a number per second, minute or hour: 10/s, 100/m, 1000/h");
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
	else if (memchr(part.ptr, ',', part.len) != NULL || memchr(part.ptr, ' ', part.len) != NULL)
		slip_addresses(&r->conf->diagnostics, d);
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
	local->at = arena_alloc(&r->conf->arena, (bars + ands + 1) * sizeof(*local->at));
	for (size_t from = 0; from <= text.len;) {
		size_t to = from;
		struct slice part;

		while (to < text.len && text.ptr[to] != '|' && text.ptr[to] != '&')
			to++;
		part = slice(text.ptr + from, to - from);
		local->at[n] = value_part(r->source, r->item, text, part);
		if (!read_address(r, part, &local->list[n++]))
			return false;
		from = to + 1;
	}
	local->count = (uint32_t)n;
	return true;
}

/* A quote or an unseen character that came with a text from elsewhere. */
static void
warn_odd_end(const struct reading *r)
{
	const char *begin = utf8_lookalike(utf8_first(r->text));
	const char *odd = begin != NULL ? begin : utf8_lookalike(utf8_last(r->text));
	struct diagnostic *d;

	if (odd == NULL)
		return;
	d = diagnose(&r->conf->diagnostics, item_span(r->item), SLUG_ODD_CREDENTIAL,
	    "the %s %s with %s, as a part of it", option_word(r->option),
	    begin != NULL ? "begins" : "ends", odd);
	diagnostic_help(&r->conf->diagnostics, d, "a string stands in straight quotes: \"...\"");
}

static bool
read_login(struct reading *r)
{
	if (r->text.len == 0)
		return refuse(r, SLUG_BAD_LOGIN, "the login is empty");
	if (r->text.len > 255)
		return refuse(r, SLUG_BAD_LOGIN, "the login is longer than 255 bytes");
	if (value_has_control(r->text))
		return refuse(r, SLUG_BAD_LOGIN, "a login holds no control bytes");
	if (r->text.ptr[0] == ' ' || r->text.ptr[r->text.len - 1] == ' ')
		return refuse(r, SLUG_BAD_LOGIN, "a login has no blank at either end");
	warn_odd_end(r);
	return true;
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
	warn_odd_end(r);
	return true;
}

/* The path of what is read when a mail is delivered. */
static bool
read_path(struct reading *r)
{
	bool absolute = r->text.len > 0 && r->text.ptr[0] == '/';

	if (absolute && !value_has_control(r->text))
		return true;
	diagnose(&r->conf->diagnostics, item_span(r->item), SLUG_BAD_PATH,
	    absolute ? "%s: a path holds no control bytes" : "%s wants an absolute path",
	    option_word(r->option));
	return false;
}

/* One of a few words, of which each but NULL may be written. */
static bool
read_word(struct reading *r)
{
	const struct option_words *row = option_rows[r->option].words;
	struct diagnostics *diagnostics = &r->conf->diagnostics;
	struct slice shown = r->text;
	const char *nearest;
	struct diagnostic *d;

	for (uint16_t i = 0; i < row->count; i++)
		if (row->list[i] != NULL && slice_is(r->text, row->list[i])) {
			r->options->number[r->option] = i;
			return true;
		}
	/* A login and its password, perhaps: secret.h hides it in the source, too. */
	if (r->option == OPTION_AUTH && memchr(r->text.ptr, ':', r->text.len) != NULL)
		shown = slice_str(SECRET_MASK);
	d = diagnose(diagnostics, item_span(r->item), option_rows[r->option].slug,
	    "unknown %s '%.*s'", row->what, SLICE_ARG(shown));
	nearest = r->option == OPTION_TLS ? slip_tls(r->text) : NULL;
	if (nearest == NULL)
		nearest = nearest_word(arena_lower(&r->conf->arena, r->text), row->list + row->first,
		    row->count - row->first);
	if (nearest != NULL)
		diagnostic_help(diagnostics, d, "did you mean '%s'?", nearest);
	else
		diagnostic_help(diagnostics, d, "%s", row->all);
	return false;
}

/* A domain, folded, or an address literal where it may be one. */
static bool
read_name(struct reading *r, bool literal)
{
	struct folded folded;
	struct diagnostic *d;

	if (mem_folded(fold_domain(r->text, &folded)) == FOLD_OK &&
	    (literal || folded.full.ptr[0] != '[')) {
		r->text = arena_copy(&r->conf->arena, folded.full);
		return true;
	}
	d = diagnose(&r->conf->diagnostics, item_span(r->item), SLUG_BAD_DOMAIN,
	    "'%.*s' is not a domain name", SLICE_ARG(r->text));
	if (literal)
		slip_literal(&r->conf->diagnostics, d, r->text);
	return false;
}

static bool
read_helo(struct reading *r)
{
	struct diagnostic *d;
	struct ip ip;

	if (!read_name(r, true))
		return false;
	if (ip4_parse(r->text, &ip)) {
		d = diagnose(&r->conf->diagnostics, item_span(r->item), SLUG_BARE_ADDRESS,
		    "'%.*s' is greeted with as a name, not as an address", SLICE_ARG(r->text));
		diagnostic_help(&r->conf->diagnostics, d, "did you mean '[%.*s]'?",
		    SLICE_ARG(r->text));
	}
	return true;
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

/* Whether a local part can stand in MAIL FROM, quoted or not (RFC 5321, 4.1.2). */
static bool
is_local_part(struct slice text)
{
	bool quoted = text.len > 2 && text.ptr[0] == '"' && text.ptr[text.len - 1] == '"';
	const char *stop = text.ptr + text.len - quoted;

	for (const char *p = text.ptr + quoted; p < stop; p++) {
		if (quoted && *p == '\\' && p + 1 < stop)
			p++;
		else if (strchr(quoted ? "\"\\" : " \"(),:;<>@[\\]", *p) != NULL)
			return false;
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return false;
	}
	return text.len > 0 && text.len <= FOLD_LOCAL_MAX;
}

/* The domain is folded, the local part is as it was written: both go to other servers. */
static bool
read_sender(struct reading *r)
{
	size_t at = fold_at(r->text);
	struct folded folded;

	if (at < r->text.len && is_local_part(slice(r->text.ptr, at)) &&
	    mem_folded(fold_domain(slice(r->text.ptr + at + 1, r->text.len - at - 1), &folded)) ==
		FOLD_OK) {
		r->text = arena_printf(&r->conf->arena, "%.*s%.*s", (int)at + 1, r->text.ptr,
		    SLICE_ARG(folded.full));
		return true;
	}
	diagnose(&r->conf->diagnostics, item_span(r->item), SLUG_BAD_DOMAIN,
	    "'%.*s' is not an address", SLICE_ARG(r->text));
	return false;
}

static const struct option_words tls = {"tls mode", tls_words, TLS_WORDS, 0,
    "the modes are off, opportunistic, required, verified and implicit"};
static const struct option_words family = {"family", family_words, FAMILY_WORDS, 1,
    "the families are ipv4, ipv6, prefer-ipv4 and prefer-ipv6"};
static const struct option_words auth = {"mechanism", auth_words, AUTH_WORDS, 1,
    "the mechanisms are plain, login, cram-md5, xoauth2, oauthbearer and external"};

const struct option_row option_rows[OPTION_COUNT] = {
    [OPTION_PORT] = {read_number, .number = HOP_PORT, .least = 1, .slug = SLUG_BAD_PORT,
	.with = WITH_MX},
    [OPTION_PRIORITY] = {read_number, .least = 0, .slug = SLUG_BAD_PRIORITY,
	.with = WITH_MX | WITH_REPLY},
    [OPTION_WEIGHT] = {read_number, .least = 1, .slug = SLUG_BAD_WEIGHT, .with = WITH_MX},
    [OPTION_FAMILY] = {read_word, .byte = HOP_FAMILY, .words = &family, .slug = SLUG_BAD_FAMILY,
	.with = WITH_MX},
    [OPTION_LOCAL] = {read_local, .with = WITH_MX},
    [OPTION_LOGIN] = {read_login, .string = STRING_LOGIN},
    [OPTION_PASSWORD] = {read_password, .string = STRING_PASSWORD},
    [OPTION_PASSWORD_FILE] = {read_path, .string = STRING_PASSWORD_FILE},
    [OPTION_TOKEN_FILE] = {read_path, .string = STRING_TOKEN_FILE},
    [OPTION_AUTH] = {read_word, .byte = HOP_AUTH, .words = &auth, .slug = SLUG_BAD_AUTH},
    [OPTION_TLS] = {read_word, .words = &tls, .slug = SLUG_BAD_TLS, .with = WITH_MX},
    [OPTION_TLS_NAME] = {read_tls_name, .string = STRING_TLS_NAME},
    [OPTION_TLS_CERT] = {read_path, .string = STRING_TLS_CERT, .with = WITH_MX},
    [OPTION_TLS_CA] = {read_path, .string = STRING_TLS_CA, .with = WITH_MX},
    [OPTION_MAIL_FROM] = {read_sender, .string = STRING_MAIL_FROM, .with = WITH_MX},
    [OPTION_CONNECTIONS] = {read_number, .number = HOP_CONNECTIONS, .least = 1, .most = 10000,
	.slug = SLUG_BAD_CONNECTIONS, .with = WITH_MX},
    [OPTION_RATE] = {read_rate, .byte = HOP_RATE_UNIT, .with = WITH_MX},
    [OPTION_HELO] = {read_helo, .string = STRING_HELO, .with = WITH_MX},
    [OPTION_TRANSPORT] = {read_transport, .string = STRING_TRANSPORT, .with = WITH_MX},
};

/* What is wrong may be what nobody sees. */
static void
help_lookalike(const struct reading *r)
{
	const char *odd = r->option != OPTION_PASSWORD ? utf8_lookalike(r->text) : NULL;

	if (odd != NULL)
		diagnostic_help(&r->conf->diagnostics, r->conf->diagnostics.last, "there is %s", odd);
}

bool
option_read(struct conf *conf, const struct source *source, struct item item,
    enum statement statement, struct options *options)
{
	enum option option = (enum option)(item_role(item) - ITEM_OPTION);
	static const char *const names[STATEMENT_COUNT] = {[STATEMENT_ROUTE] = "a route",
	    [STATEMENT_RELAY] = "a relay", [STATEMENT_DEFAULT] = "a default",
	    [STATEMENT_SOURCE] = "a source", [STATEMENT_EXPECT] = "an expectation"};
	struct reading r = {.conf = conf, .source = source, .item = item, .option = option,
	    .options = options};

	if (!option_allowed(option, statement)) {
		struct diagnostic *d = diagnose(&conf->diagnostics, value_keyword(source, item.pos),
		    SLUG_MISPLACED_OPTION, "option '%s' has no meaning on %s",
		    option_word(option), names[statement]);

		if (statement == STATEMENT_ROUTE)
			diagnostic_help(&conf->diagnostics, d,
			    "give it to a relay: all routes through it share the limit");
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
	if (!value_text(conf, source, item, &r.text))
		return false;
	if (!option_rows[option].read(&r)) {
		help_lookalike(&r);
		return false;
	}
	options->text[option] = r.text;
	return true;
}
