#include "conf/option.h"

#include "base/fold.h"
#include "base/nearest.h"
#include "base/number.h"

/* A number from least to most, for an option or a port. */
static bool
number_in(struct conf *conf, struct slice text, struct span at, const char *what,
    enum slug slug, uint32_t least, uint16_t *number)
{
	uint32_t n;

	if (number_read(text, 65535, &n) && n >= least) {
		*number = (uint16_t)n;
		return true;
	}
	if (text.len == 0)
		text = slice_str("''");
	diagnose(&conf->diagnostics, at, slug, "%s %.*s is not in %u-65535", what, SLICE_ARG(text),
	    least);
	return false;
}

/* Letters, digits and a few signs: words handed on to other programs. */
static bool
is_plain_word(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i], l = (char)(c | 0x20);

		if ((l < 'a' || l > 'z') && (c < '0' || c > '9') && strchr("._+-", c) == NULL)
			return false;
	}
	return text.len > 0;
}

static bool
read_address(struct conf *conf, struct slice part, struct span at, struct ip *ip)
{
	struct diagnostic *d;

	if (ip_parse(part, ip))
		return true;
	d = diagnose(&conf->diagnostics, at, SLUG_BAD_IP,
	    "'%.*s' is not an IP address", SLICE_ARG(part));
	if (part.len > 2 && part.ptr[0] == '[')
		diagnostic_help(&conf->diagnostics, d, "source addresses stand without brackets");
	return false;
}

static bool
read_local(struct conf *conf, const struct source *source, struct item item, struct slice text,
    struct options *options)
{
	size_t bars = 0, ands = 0, n = 0;
	struct local *local = &options->local;

	for (size_t i = 0; i < text.len; i++) {
		bars += text.ptr[i] == '|';
		ands += text.ptr[i] == '&';
	}
	if (bars > 0 && ands > 0) {
		diagnose(&conf->diagnostics, item_span(item), SLUG_MIXED_LOCAL,
		    "'|' (round-robin) and '&' (failover) are mixed");
		return false;
	}
	if (bars + ands >= LOCALS_MAX) {
		diagnose(&conf->diagnostics, item_span(item), SLUG_TOO_MANY_ADDRESSES,
		    "more than %d source addresses", LOCALS_MAX);
		return false;
	}
	local->mode = bars > 0 ? TMAIL_LOCAL_ROUND_ROBIN : TMAIL_LOCAL_FAILOVER;
	local->list = arena_alloc(&conf->arena, (bars + ands + 1) * sizeof(*local->list));
	for (size_t from = 0; from <= text.len;) {
		size_t to = from;
		struct slice part;

		while (to < text.len && text.ptr[to] != '|' && text.ptr[to] != '&')
			to++;
		part = slice(text.ptr + from, to - from);
		if (!read_address(conf, part, value_part(source, item, text, part),
			&local->list[n++]))
			return false;
		from = to + 1;
	}
	local->count = (uint32_t)n;
	return true;
}

static const char *const tls_words[] = {
    [TMAIL_TLS_OFF] = "off", [TMAIL_TLS_OPPORTUNISTIC] = "opportunistic",
    [TMAIL_TLS_REQUIRED] = "required", [TMAIL_TLS_VERIFIED] = "verified",
    [TMAIL_TLS_IMPLICIT] = "implicit"};
enum { TLS_WORDS = sizeof(tls_words) / sizeof(*tls_words) };

static bool
read_tls(struct conf *conf, struct slice text, struct span at, enum tmail_tls *tls)
{
	struct diagnostic *d;
	const char *nearest;

	for (int i = 0; i < TLS_WORDS; i++)
		if (slice_is(text, tls_words[i])) {
			*tls = (enum tmail_tls)i;
			return true;
		}
	d = diagnose(&conf->diagnostics, at, SLUG_BAD_TLS,
	    "unknown tls mode '%.*s'", SLICE_ARG(text));
	nearest = nearest_word(text, tls_words, TLS_WORDS);
	if (nearest != NULL)
		diagnostic_help(&conf->diagnostics, d, "did you mean '%s'?", nearest);
	else
		diagnostic_help(&conf->diagnostics, d,
		    "the modes are off, opportunistic, required, verified and implicit");
	return false;
}

/* A domain or address literal, folded, for helo and tls-name. */
static bool
read_name(struct conf *conf, struct slice text, struct span at, bool literal,
    struct slice *name)
{
	struct folded folded;
	struct ip ip;

	if (!literal && ip_parse(text, &ip)) {
		char out[IP_TEXT_SIZE];

		*name = arena_copy(&conf->arena, slice(out, ip_format(&ip, out)));
		return true;
	}
	if (mem_folded(fold_domain(text, &folded)) == FOLD_OK &&
	    (literal || folded.full.ptr[0] != '[')) {
		*name = arena_copy(&conf->arena, folded.full);
		return true;
	}
	diagnose(&conf->diagnostics, at, SLUG_BAD_DOMAIN, "'%.*s' is not a domain name",
	    SLICE_ARG(text));
	return false;
}

static bool
refuse(struct conf *conf, struct span at, enum slug slug, const char *message)
{
	diagnose(&conf->diagnostics, at, slug, "%s", message);
	return false;
}

static bool
check_login(struct conf *conf, struct slice text, struct span at)
{
	if (text.len == 0)
		return refuse(conf, at, SLUG_BAD_LOGIN, "the login is empty");
	if (text.len > 255)
		return refuse(conf, at, SLUG_BAD_LOGIN, "the login is longer than 255 bytes");
	return !value_has_control(text) ||
	    refuse(conf, at, SLUG_BAD_LOGIN, "a login holds no control bytes");
}

static bool
check_password(struct conf *conf, struct slice text, struct span at)
{
	if (text.len == 0)
		return refuse(conf, at, SLUG_BAD_PASSWORD, "the password is empty");
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] == '\0' || text.ptr[i] == '\n' || text.ptr[i] == '\r')
			return refuse(conf, at, SLUG_BAD_PASSWORD,
			    "a password holds no NUL, line feed or carriage return");
	return true;
}

static bool
read_option(struct conf *conf, const struct source *source, struct item item, struct slice text,
    enum option option, struct options *options)
{
	struct span at = item_span(item);

	options->text[option] = text;
	switch (option) {
	case OPTION_PORT:
		return number_in(conf, text, at, "port", SLUG_BAD_PORT, 1, &options->port);
	case OPTION_PRIORITY:
		return number_in(conf, text, at, "priority", SLUG_BAD_PRIORITY, 0,
		    &options->priority);
	case OPTION_WEIGHT:
		return number_in(conf, text, at, "weight", SLUG_BAD_WEIGHT, 1, &options->weight);
	case OPTION_LOCAL:
		return read_local(conf, source, item, text, options);
	case OPTION_LOGIN:
		return check_login(conf, text, at);
	case OPTION_PASSWORD:
		return check_password(conf, text, at);
	case OPTION_PASSWORD_FILE:
		if (text.len == 0 || text.ptr[0] != '/' || value_has_control(text))
			return refuse(conf, at, SLUG_BAD_PATH,
			    "password-file wants an absolute path");
		return true;
	case OPTION_TLS:
		return read_tls(conf, text, at, &options->tls);
	case OPTION_TLS_NAME:
		return read_name(conf, text, at, false, &options->text[option]);
	case OPTION_HELO:
		return read_name(conf, text, at, true, &options->text[option]);
	case OPTION_TRANSPORT:
		return is_plain_word(text) || refuse(conf, at, SLUG_BAD_TRANSPORT,
		    "a transport is a word of letters, digits, '.', '_', '+' and '-'");
	case OPTION_COUNT:
		break;
	}
	return false;
}

bool
value_option(struct conf *conf, const struct source *source, struct item item,
    enum statement statement, struct options *options)
{
	enum option option = (enum option)(item_role(item) - ITEM_OPTION);
	struct slice text;

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
	return value_text(conf, source, item, &text) &&
	    read_option(conf, source, item, text, option, options);
}
