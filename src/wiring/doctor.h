/* doctor.h - whether Postfix is wired so that its mail leaves by the routes. */
#ifndef WIRING_DOCTOR_H
#define WIRING_DOCTOR_H

#include "wiring/cf.h"
#include "wiring/groups.h"
#include "wiring/postconf.h"
#include "wiring/probe.h"
#include "wiring/report.h"

/* What is asked at a socket. */
enum asked { ASK_POLICY, ASK_MAPS };

/* A socket that was tried from one place. */
struct tried {
	char socket[SOCKET_MAX];
	enum asked asked;
	bool chrooted;
	bool good;
};

enum { TRIED_MAX = 16 };

/* Set what is before `report`; the rest zero. */
struct doctor {
	const char *index;		/* its path */
	enum tmail_status status;	/* of opening it */
	const struct tmail_routes *routes; /* if that is TMAIL_OK */
	bool stale_known, stale;
	struct sockets sockets;		/* as given, or of the recipe */
	bool policy_given, socketmap_given;
	struct postconf postconf;

	struct report report;
	struct transports transports;
	struct groups groups;
	struct prober owner;		/* the user of Postfix's services */
	const char *queue;		/* their directory */
	struct tried tried[TRIED_MAX];
	size_t tried_count;
	struct probed daemon;		/* who answered */
	bool answered;
	struct arena arena;
};

/* doctor_run - tries everything; the lines are in report.text.  Then doctor_release. */
void doctor_run(struct doctor *doctor);
void doctor_release(struct doctor *doctor);

/* The parts of it, one subject each. */
void doctor_policy(struct doctor *doctor);
void doctor_maps(struct doctor *doctor);
void doctor_clients(struct doctor *doctor);
void doctor_daemon(struct doctor *doctor);
void doctor_pipe(struct doctor *doctor, const struct service *service, bool wired);

/*
 * doctor_reach - that a service reaches a socket, with the user and from where it runs;
 * said once for each such place.  Whether it does.
 */
bool doctor_reach(struct doctor *doctor, const struct service *service, const char *socket,
    enum asked asked);

/* Where a list of tables asks a map of the daemon. */
struct asking {
	char socket[SOCKET_MAX];
	bool proxied;		/* proxymap asks, and not the service itself */
};

/* doctor_asks - whether a list asks that map, at this socket (NULL: at any). */
bool doctor_asks(const struct doctor *doctor, const char *list, const char *map,
    const char *socket, struct asking *asking);

/* doctor_reach_map - doctor_reach, of the service that asks a map in the place of this one. */
bool doctor_reach_map(struct doctor *doctor, const struct service *service,
    const struct asking *asking);

/* doctor_reads - whether a user can read a file that he needs; if not, it is said. */
bool doctor_reads(struct doctor *doctor, const struct prober *prober, const char *path,
    const char *who);

/* doctor_secrets - the same for the files with passwords, tokens and certificates of all routes. */
void doctor_secrets(struct doctor *doctor, const struct prober *prober, const char *who);

/* The request for a map of the daemon, in the arena. */
struct slice doctor_map_request(struct doctor *doctor, const char *map, const char *key);

/* "route ID (FILE:LINE)", in the arena. */
const char *doctor_place(struct doctor *doctor, const struct tmail_route *route);

/* Whether the service is a pipe that runs `tmail deliver`. */
bool doctor_is_deliver(const struct service *service);

#endif
