#include "review/effective.h"

#include "answer/show.h"
#include "text/quote.h"
#include "text/secret.h"
#include "text/words.h"

struct words {
	struct text *text;
	struct arena arena;
};

static void
add_option(struct words *w, enum option option)
{
	text_str(w->text, " ");
	text_str(w->text, option_word(option));
	text_str(w->text, " ");
}

static void
add_number(struct words *w, enum option option, uint64_t n)
{
	add_option(w, option);
	text_number(w->text, n);
}

/* 0: not given. */
static void
add_count(struct words *w, enum option option, uint64_t n)
{
	if (n != 0)
		add_number(w, option, n);
}

static void
add_name(struct words *w, struct tmail_slice name)
{
	struct slice word = quote_word(&w->arena, slice(name.ptr, name.len));

	text_safe(w->text, word.ptr, word.len);
}

static void
add_string(struct words *w, enum option option, struct tmail_slice value)
{
	if (value.ptr == NULL)
		return;
	add_option(w, option);
	add_name(w, value);
}

static void
add_word(struct words *w, enum option option, const char *word)
{
	if (word == NULL)
		return;
	add_option(w, option);
	text_str(w->text, word);
}

static void
add_hop(struct words *w, const struct tmail_route *route)
{
	text_str(w->text, "via ");
	if (route->hop == TMAIL_HOP_HOST) {
		show_hop(w->text, route);
		return;
	}
	text_str(w->text, route->hop == TMAIL_HOP_MX ? "mx" : "mx:");
	show_slice(w->text, route->host);
	add_count(w, OPTION_PORT, route->port);
}

static void
add_password(struct words *w, const struct tmail_route *route, bool secrets)
{
	if (route->password.ptr == NULL)
		return;
	if (secrets)
		add_string(w, OPTION_PASSWORD, route->password);
	else
		add_word(w, OPTION_PASSWORD, SECRET_MASK);
}

/* In the order of routes.conf(5). */
static void
add_options(struct words *w, struct listing *listing, const struct tmail_route *route,
    bool secrets)
{
	add_number(w, OPTION_PRIORITY, route->priority);
	add_number(w, OPTION_WEIGHT, route->weight);
	add_word(w, OPTION_FAMILY, family_words[route->family]);
	if (route->local_count > 0) {
		add_option(w, OPTION_LOCAL);
		listing->status = show_local(w->text, listing->routes, route, NULL);
	}
	add_string(w, OPTION_LOGIN, route->login);
	add_password(w, route, secrets);
	add_string(w, OPTION_PASSWORD_FILE, route->password_file);
	add_string(w, OPTION_TOKEN_FILE, route->token_file);
	add_word(w, OPTION_AUTH, auth_words[route->auth]);
	add_word(w, OPTION_TLS, tls_words[route->tls]);
	add_string(w, OPTION_TLS_NAME, route->tls_name);
	add_string(w, OPTION_TLS_CERT, route->tls_cert);
	add_string(w, OPTION_TLS_CA, route->tls_ca);
	add_string(w, OPTION_MAIL_FROM, route->mail_from);
	add_count(w, OPTION_CONNECTIONS, route->connections);
	if (route->rate != 0) {
		add_option(w, OPTION_RATE);
		show_rate(w->text, route);
	}
	add_string(w, OPTION_HELO, route->helo);
	add_string(w, OPTION_TRANSPORT, route->transport);
}

/* The names that `source` gives to its addresses. */
static void
add_sources(struct words *w, struct listing *listing, const struct tmail_route *route)
{
	for (uint32_t i = 0; i < route->local_count && listing->status == TMAIL_OK; i++) {
		struct tmail_address address;

		listing->status = tmail_route_local(listing->routes, route, i, &address);
		if (listing->status != TMAIL_OK || address.helo.ptr == NULL)
			continue;
		text_str(w->text, ", source ");
		show_slice(w->text, address.text);
		add_string(w, OPTION_HELO, address.helo);
	}
}

void
effective_words(struct text *text, struct listing *listing, const struct row *row, bool secrets)
{
	const struct tmail_route *route = &row->route;
	struct words w = {.text = text};

	if (route->hop == TMAIL_HOP_NONE) {
		text_str(text, show_action(row->match.action));
		if (row->match.text.ptr != NULL) {
			struct slice string = quote_string(&w.arena,
			    slice(row->match.text.ptr, row->match.text.len));

			text_str(text, " ");
			text_safe(text, string.ptr, string.len);
		}
	} else {
		add_hop(&w, route);
		add_options(&w, listing, route, secrets);
		add_sources(&w, listing, route);
	}
	if (route->relay.ptr != NULL) {
		text_str(text, ", relay ");
		add_name(&w, route->relay);
	}
	arena_release(&w.arena);
}
