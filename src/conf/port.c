#include "conf/port.h"

enum { PORT_SMTP = 25, PORT_SUBMISSION = 587, PORT_SUBMISSIONS = 465 };

void
check_port(struct check *check, struct span at, uint16_t port, enum tmail_tls tls)
{
	struct diagnostics *diagnostics = &check->conf->diagnostics;
	bool implicit = tls == TMAIL_TLS_IMPLICIT;
	struct diagnostic *d;

	if (port == 0)
		port = PORT_SMTP;
	if (port == PORT_SUBMISSIONS && !implicit) {
		d = diagnose(diagnostics, at, SLUG_ODD_PORT,
		    "port 465 takes TLS from the first byte, and 'tls' is '%s'", tls_words[tls]);
		diagnostic_help(diagnostics, d, "write 'tls implicit', or port 587");
	} else if ((port == PORT_SMTP || port == PORT_SUBMISSION) && implicit) {
		d = diagnose(diagnostics, at, SLUG_ODD_PORT,
		    "port %u begins in clear, and 'tls' is 'implicit'", port);
		diagnostic_help(diagnostics, d, "write 'tls verified', or port 465");
	}
}

void
warn_ports(struct check *check)
{
	const struct conf *conf = check->conf;

	for (size_t i = 0; i < conf->unit_count; i++) {
		const struct unit *unit = conf->units[i];
		const struct names *words = &unit->stmts.vias;

		for (uint32_t n = 0; n < words->count; n++) {
			const struct via *via = &unit->vias[n];
			uint32_t pos = source_pos(unit->source, words->list[n].ptr);
			const unsigned char *hop;

			if (via->hop == NO_HOP || via->host.kind == HOST_RELAY)
				continue;
			hop = (const unsigned char *)pool_get(&check->model->hops, via->hop).ptr;
			check_port(check, span(pos, pos + words->list[n].len),
			    le16_get(hop + HOP_PORT), (enum tmail_tls)hop[HOP_TLS]);
		}
	}
}
