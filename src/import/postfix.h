/* postfix.h - Postfix's maps, main.cf and master.cf, as far as they route mail. */
#ifndef IMPORT_POSTFIX_H
#define IMPORT_POSTFIX_H

#include "import/statement.h"
#include "store/names.h"

/* A map: what stands behind each key, by a number of the key. */
struct map {
	struct names keys;
	struct foreign_line **lines;
	struct slice *values;
	size_t count;
};

/* What an SMTP client of master.cf is told; absent: nothing. */
struct client {
	struct slice bind[2];		/* IPv4, IPv6 */
	struct slice helo;
	struct slice level;
	struct foreign_line *level_line;
	bool wrapper;
	bool no_login;			/* smtp_sasl_auth_enable = no */
	bool said;			/* something of these */
};

/* A service of master.cf. */
struct service {
	struct slice name;
	struct slice type;
	struct slice command;
	struct foreign_line *line;
	struct client client;
};

/* A parameter of main.cf; line NULL: it has its default. */
struct parameter {
	struct slice value;
	struct foreign_line *line;
};

struct postfix {
	struct import *import;
	struct map transport, sender_relay, sender_transport, sasl, tls;
	struct service *services;
	size_t service_count;
	struct foreign *master;		/* NULL: not given */
	struct parameter relayhost, default_transport, random_transport, random_sender;
	struct client client;		/* of main.cf, for all services */
	struct refs client_refs;
	struct refs needless;		/* they send mail to its MX, where it goes anyway */
	char delimiter[8];		/* recipient_delimiter */
	bool parents;			/* DOMAIN takes its subdomains, too */
	bool sender_login;		/* smtp_sender_dependent_authentication */
	struct names bare;		/* hosts that no login was found for */
	struct foreign_line **bare_lines;
	struct slice *bare_hops;
};

/* The value of a key, or an absent one; *line: where it stands. */
struct slice map_find(const struct map *map, struct slice key, struct foreign_line **line);

/* Reads whatever files are given; 0 or an exit code. */
int postfix_read(struct postfix *postfix);
void postfix_release(struct postfix *postfix);

/* What main.cf and the services of master.cf say. */
void main_read(struct postfix *postfix, struct foreign *file);
void master_read(struct postfix *postfix, struct foreign *file);
/* NAME=VALUE of an SMTP client; false: not one of those that are known. */
bool client_set(struct import *import, struct client *client, struct foreign_line *line,
    struct slice name, struct slice value);

/* One of the places that a mail may go to: a transport and its next hop. */
struct destination {
	struct slice channel;
	struct slice next;	/* absent: the recipient's domain */
	uint32_t weight;	/* 0: it is the only one */
	struct foreign_line *channel_line, *next_line;	/* that say so; NULL: none does */
};

enum { DESTINATIONS = 64 };

/* What a statement says behind its selectors, and the lines that say it. */
struct saying {
	struct slice text;
	struct refs refs;
};

/* What Postfix makes of a recipient and a sender. */
struct decision {
	struct destination list[DESTINATIONS];
	size_t count;
	struct refs refs;
	struct slice to;	/* the recipient, as a pattern */
	struct slice sender;	/* a pattern; absent: whoever has no line of their own */
};

/*
 * Cuts "transport:nexthop", or "randmap:{...}" of several, as the line has it;
 * false, and none: it cannot be read.
 */
bool decision_set(struct decision *decision, struct slice value, struct foreign_line *line);

/* The address without its extension, for which its line stands, too; absent: it has none. */
struct slice address_bare(const struct postfix *postfix, struct slice address);

/* What a map says of an address, with its extension or else without. */
struct slice address_find(const struct postfix *postfix, const struct map *map,
    struct slice address, struct foreign_line **line);

/* The line of transport that a recipient gets, or an absent one. */
struct slice transport_find(const struct postfix *postfix, struct slice to,
    struct foreign_line **line);

/* Where a mail to decision->to from ->sender goes; false: what decides cannot be read. */
bool decision_make(const struct postfix *postfix, struct decision *decision);

/*
 * decision_say - what statements say, one each; how many, 0: it cannot be said,
 * which is reported where `report` is set.
 */
size_t decision_say(struct postfix *postfix, const struct decision *decision, bool report,
    struct saying said[DESTINATIONS]);

/* Next hops of the decision that are the recipient's own domain. */
bool decision_own(const struct decision *decision);

#endif
