#include "wiring/cf.h"

/* Of contrib/postfix/serve.cf what no route changes. */
static const struct {
	const char *name, *value;
} fixed[] = {
    {"smtp_sasl_auth_enable", "yes"},
    {"smtp_sasl_security_options", "noanonymous"},
    {"smtp_sasl_tls_security_options", "noanonymous"},
    {"smtp_tls_security_level", "may"},
    {"smtp_tls_CApath", "/etc/ssl/certs"},
    {"smtp_connection_cache_on_demand", "no"},
};

void
cf_map(struct text *text, const struct sockets *sockets, const char *map,
    const struct slice *transport)
{
	text_str(text, "socketmap:");
	text_str(text, sockets->socketmap);
	text_str(text, ":");
	text_str(text, map);
	if (transport == NULL)
		return;
	text_str(text, ".");
	text_add(text, transport->ptr, transport->len);
}

static void
visit_map(const struct sockets *sockets, const char *name, const char *map,
    const struct slice *transport, cf_visit *visit, void *arg)
{
	struct text value = {0};

	cf_map(&value, sockets, map, transport);
	visit(arg, name, slice(value.ptr, value.len));
	text_release(&value);
}

void
cf_main(const struct transports *transports, const struct sockets *sockets, cf_visit *visit,
    void *arg)
{
	const struct transport *smtp = transports_find(transports, slice_str("smtp"));
	struct text policy = {0};

	text_str(&policy, "check_policy_service ");
	text_str(&policy, sockets->policy);
	text_str(&policy, ", permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination");
	visit(arg, "smtpd_recipient_restrictions", slice(policy.ptr, policy.len));
	text_release(&policy);
	visit_map(sockets, "transport_maps", "transport", NULL, visit, arg);
	visit_map(sockets, "sender_dependent_default_transport_maps", "sender", NULL, visit, arg);
	visit_map(sockets, "smtp_sasl_password_maps", "sasl",
	    smtp != NULL && smtp->sasl_apart ? &smtp->name : NULL, visit, arg);
	visit_map(sockets, "smtp_tls_policy_maps", "tls",
	    smtp != NULL && smtp->tls_apart ? &smtp->name : NULL, visit, arg);
	for (size_t i = 0; i < sizeof(fixed) / sizeof(*fixed); i++)
		visit(arg, fixed[i].name, slice_str(fixed[i].value));
	if (transports->greeting.len > 0)
		visit(arg, need_names[NEED_HELO].parameter, transports->greeting);
}

void
cf_limits(const struct transport *transport, cf_visit *visit, void *arg)
{
	struct text name = {0};

	for (int need = NEED_CONNECTIONS; need < NEEDS; need++) {
		if (transport->kind != TRANSPORT_CLONE || transport->needs.value[need].len == 0)
			continue;
		name.len = 0;
		text_add(&name, transport->name.ptr, transport->name.len);
		text_str(&name, need_names[need].parameter);
		text_add(&name, "", 1);
		visit(arg, name.ptr, transport->needs.value[need]);
	}
	text_release(&name);
}

/* What goes with a need in a parameter of its own. */
static void
visit_beside(enum need need, struct slice value, cf_visit *visit, void *arg)
{
	if (need == NEED_CERT)
		visit(arg, "smtp_tls_key_file", value);
	else if (need == NEED_CA)
		visit(arg, "smtp_tls_CApath", slice("", 0));
}

void
cf_options(const struct transport *transport, const struct sockets *sockets, cf_visit *visit,
    void *arg)
{
	const struct slice *values = transport->needs.value;

	for (int need = 0; need < NEED_CONNECTIONS; need++) {
		if (values[need].len > 0)
			visit(arg, need_names[need].parameter, values[need]);
		/* Postfix wants a level with it, and this one lets nothing through unchecked. */
		else if (need == NEED_LEVEL && values[NEED_WRAPPED].len > 0)
			visit(arg, need_names[need].parameter, slice_str("secure"));
		if (values[need].len > 0)
			visit_beside((enum need)need, values[need], visit, arg);
	}
	visit_map(sockets, "smtp_sasl_password_maps", "sasl", &transport->name, visit, arg);
	visit_map(sockets, "smtp_tls_policy_maps", "tls", &transport->name, visit, arg);
}

void
cf_value(struct text *text, struct slice value)
{
	for (size_t i = 0; i < value.len; i++) {
		text_add(text, value.ptr + i, 1);
		if (value.ptr[i] == '$')
			text_add(text, "$", 1);
	}
}

void
cf_option(struct text *text, const char *name, struct slice value)
{
	bool braces = value.len > 0 && memchr(value.ptr, ' ', value.len) != NULL;

	text_str(text, braces ? "{ " : "");
	text_str(text, name);
	text_str(text, braces ? " = " : "=");
	cf_value(text, value);
	text_str(text, braces ? " }" : "");
}
