#include "answer/json.h"

#include <stdlib.h>

#include "answer/show.h"
#include "text/secret.h"
#include "base/utf8.h"

void
json_setup(void)
{
	json_set_alloc_funcs(mem_alloc, free);
}

static json_t *
mended(const char *p, const char *end)
{
	struct text text = {0};
	json_t *string;

	while (p < end) {
		uint32_t c;
		const char *next = utf8_next(p, end, &c);

		if (c == UTF8_INVALID)
			text_str(&text, "\xef\xbf\xbd");
		else
			text_add(&text, p, (size_t)(next - p));
		p = next;
	}
	string = json_stringn_nocheck(text.ptr, text.len);
	text_release(&text);
	return string;
}

json_t *
json_of_text(const char *ptr, size_t len)
{
	if (ptr == NULL)
		return json_null();
	if (utf8_flaw(ptr, ptr + len) != NULL)
		return mended(ptr, ptr + len);
	return json_stringn_nocheck(ptr, len);
}

void
json_add_hop(json_t *object, const struct tmail_route *route)
{
	bool host = route->hop == TMAIL_HOP_HOST;

	json_object_set_new_nocheck(object, "host",
	    host ? json_of_slice(route->host) : json_null());
	json_object_set_new_nocheck(object, "port",
	    host ? json_integer(route->port) : json_null());
	if (!host)
		json_object_set_new_nocheck(object, "mx", route->hop == TMAIL_HOP_MX_OF
		    ? json_of_slice(route->host) : json_true());
}

json_t *
json_of_addresses(const struct tmail_routes *routes, const struct tmail_route *route,
    const struct tmail_candidate *candidate)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < route->local_count; i++) {
		struct tmail_address address;
		enum tmail_status status = candidate == NULL
		    ? tmail_route_local(routes, route, i, &address)
		    : tmail_candidate_local(routes, candidate, route, i, &address);

		if (status != TMAIL_OK) {
			json_decref(array);
			return NULL;
		}
		json_array_append_new(array, json_of_slice(address.text));
	}
	return array;
}

static json_t *
local(const struct tmail_routes *routes, const struct tmail_route *route)
{
	json_t *object, *addresses;

	if (route->local_count == 0)
		return json_null();
	addresses = json_of_addresses(routes, route, NULL);
	if (addresses == NULL)
		return NULL;
	object = json_object();
	json_object_set_new_nocheck(object, "mode", json_string_nocheck(
	    route->local == TMAIL_LOCAL_ROUND_ROBIN ? "round-robin" : "failover"));
	json_object_set_new_nocheck(object, "addresses", addresses);
	return object;
}

enum tmail_status
json_add_route(json_t *object, const struct tmail_routes *routes,
    const struct tmail_route *route, bool secrets)
{
	json_t *addresses = local(routes, route);

	if (addresses == NULL)
		return TMAIL_E_DAMAGED;
	json_object_set_new_nocheck(object, "priority", json_integer(route->priority));
	json_object_set_new_nocheck(object, "weight", json_integer(route->weight));
	json_add_hop(object, route);
	json_object_set_new_nocheck(object, "local", addresses);
	json_object_set_new_nocheck(object, "login", json_of_slice(route->login));
	json_object_set_new_nocheck(object, "password", secrets || route->password.ptr == NULL
	    ? json_of_slice(route->password) : json_string_nocheck(SECRET_MASK));
	json_object_set_new_nocheck(object, "password_file",
	    json_of_slice(route->password_file));
	json_object_set_new_nocheck(object, "tls", json_string_nocheck(show_tls(route->tls)));
	json_object_set_new_nocheck(object, "tls_name", json_of_slice(route->tls_name));
	json_object_set_new_nocheck(object, "helo", json_of_slice(route->helo));
	json_object_set_new_nocheck(object, "transport", json_of_slice(route->transport));
	return TMAIL_OK;
}

static int
append(const char *buffer, size_t size, void *arg)
{
	text_add(arg, buffer, size);
	return 0;
}

void
json_finish(json_t *object, struct text *line)
{
	json_dump_callback(object, append, line, JSON_COMPACT);
	json_decref(object);
}
