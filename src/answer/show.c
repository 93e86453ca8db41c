#include "answer/show.h"

#include "text/secret.h"

static void
show_host(struct text *text, struct tmail_slice host)
{
	bool brackets = memchr(host.ptr, ':', host.len) != NULL;

	if (brackets)
		text_str(text, "[");
	show_slice(text, host);
	if (brackets)
		text_str(text, "]");
}

void
show_hop(struct text *text, const struct tmail_route *route)
{
	switch (route->hop) {
	case TMAIL_HOP_HOST:
		show_host(text, route->host);
		text_str(text, ":");
		text_number(text, route->port);
		return;
	case TMAIL_HOP_MX:
		text_str(text, "MX");
		return;
	case TMAIL_HOP_MX_OF:
		text_str(text, "MX of ");
		show_slice(text, route->host);
		return;
	case TMAIL_HOP_NONE:
		return;
	}
}

void
show_credentials(struct text *text, const struct tmail_route *route, bool secrets)
{
	show_slice(text, route->login);
	text_str(text, ":");
	if (!secrets) {
		text_str(text, SECRET_MASK);
	} else if (route->password_file.ptr != NULL) {
		text_str(text, "file:");
		text_name(text, route->password_file.ptr, route->password_file.len);
	} else {
		show_slice(text, route->password);
	}
}

enum tmail_status
show_local(struct text *text, const struct tmail_routes *routes,
    const struct tmail_route *route, const struct tmail_candidate *candidate)
{
	const char *joint = route->local == TMAIL_LOCAL_ROUND_ROBIN ? "|" : "&";

	if (route->local_count == 0)
		text_str(text, "default");
	for (uint32_t i = 0; i < route->local_count; i++) {
		struct tmail_address address;
		enum tmail_status status = candidate == NULL
		    ? tmail_route_local(routes, route, i, &address)
		    : tmail_candidate_local(routes, candidate, route, i, &address);

		if (status != TMAIL_OK)
			return status;
		if (i > 0)
			text_str(text, joint);
		show_slice(text, address.text);
	}
	return TMAIL_OK;
}

void
show_place(struct text *text, const struct tmail_route *route)
{
	text_str(text, "route ");
	text_number(text, route->id);
	text_str(text, " (");
	text_name(text, route->file.ptr, route->file.len);
	text_str(text, ":");
	text_number(text, route->line);
	text_str(text, ")");
}

const char *
show_action(enum tmail_action action)
{
	static const char *const words[] = {"relay", "reject", "defer"};

	return words[action];
}
