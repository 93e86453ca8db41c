/*
 * tmail/routes.h - ask a compiled route index through which relay a mail
 * leaves.
 *
 * The index (routes.idx) is made by `tmail routes compile`; this library
 * only reads it.  The file is mapped; an answer is a set of slices into the
 * map, valid until the handle it came from is closed.
 *
 * Threads: an open handle is never written to.  Any number of threads may
 * look up, plan and read routes through one handle without a lock.  Closing
 * a handle while another thread uses it is the caller's error.  Caller-owned
 * structs (query, match, candidate, random) belong to one thread at a time.
 *
 * lookup, plan and the accessors allocate nothing, take no lock, do no I/O,
 * print nothing, never exit and touch no global state.  The one exception is
 * a query with bytes above 0x7F in a domain: libidn2, which folds it,
 * allocates for the length of the call.
 *
 * Damage: every offset read from the file is checked before it is used.  A
 * damaged index gives TMAIL_E_DAMAGED or a bounded (possibly wrong) answer,
 * never a read outside the map; opened with TMAIL_OPEN_VERIFY no damage goes
 * unseen.  The compiler replaces an index by rename(2) only; a program that
 * truncates a mapped index in place makes every reader of that map die of
 * SIGBUS.  TMAIL_OPEN_SEALED reads the file into memory instead.
 */
#ifndef TMAIL_ROUTES_H
#define TMAIL_ROUTES_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define TMAIL_API __attribute__((visibility("default")))
#else
#define TMAIL_API
#endif

/* A run of bytes, not NUL-terminated.  ptr == NULL says "absent". */
struct tmail_slice {
	const char *ptr;
	size_t len;
};

/*
 * What a call came to.  The numbers are part of the ABI.  Zero is success;
 * TMAIL_NO_ROUTE is an answer, not an error; all others are errors, on which
 * a delivery agent defers the mail.
 */
enum tmail_status {
	TMAIL_OK = 0,		/* done; for a lookup: found */
	TMAIL_NO_ROUTE = 1,	/* lookup only: nothing matched, use the MX */
	TMAIL_E_MISSING = 2,	/* no such file */
	TMAIL_E_PERMISSION = 3,	/* the file may not be read */
	TMAIL_E_IO = 4,		/* reading or mapping failed */
	TMAIL_E_MEMORY = 5,	/* out of memory */
	TMAIL_E_FORMAT = 6,	/* the file is no route index */
	TMAIL_E_VERSION = 7,	/* an index of a format that this library does not read */
	TMAIL_E_DAMAGED = 8,	/* an index, but damaged */
	TMAIL_E_ARGUMENT = 9,	/* the caller broke a rule stated below */
	TMAIL_E_SPACE = 10	/* the caller's array is too small */
};

/*
 * tmail_status_text - a sentence without a final dot for a status, for logs.
 * Never NULL, also for numbers that are no status; static storage.
 */
TMAIL_API const char *tmail_status_text(enum tmail_status status);

/* An open index. */
struct tmail_routes;

/* Flags of tmail_routes_open. */
#define TMAIL_OPEN_VERIFY 1u	/* check the checksum of the whole file: O(size) */
#define TMAIL_OPEN_SEALED 2u	/* copy the file into sealed memory: no SIGBUS */

/*
 * tmail_routes_open - opens the index at path (NUL-terminated).
 *
 * Without flags the cost does not depend on the size of the index.
 * On TMAIL_OK *routes is a handle that the caller closes with
 * tmail_routes_close; on anything else *routes is NULL.
 * Returns TMAIL_OK or TMAIL_E_MISSING, _PERMISSION, _IO (also for a path
 * that is no regular file), _MEMORY, _FORMAT, _VERSION, _DAMAGED, _ARGUMENT
 * (no path, or an unknown flag).
 */
TMAIL_API enum tmail_status tmail_routes_open(const char *path,
    unsigned flags, struct tmail_routes **routes);

/* tmail_routes_close - releases a handle and all slices got from it. */
TMAIL_API void tmail_routes_close(struct tmail_routes *routes);

/*
 * tmail_routes_refresh - looks whether the file at the path that routes was
 * opened from is another one now (device, inode, size or mtime differ).
 *
 * If it is not, returns TMAIL_OK and sets *fresh to NULL.  If it is, opens
 * the new one in full, with the flags of the old, before anything else:
 * TMAIL_OK with the new handle in *fresh, or an error of tmail_routes_open
 * with *fresh NULL.  The old handle stays open and good in every case; its
 * owner closes it when nobody uses it any longer.
 */
TMAIL_API enum tmail_status tmail_routes_refresh(
    const struct tmail_routes *routes, struct tmail_routes **fresh);

/* What an index says of itself. */
struct tmail_info {
	uint32_t version;	/* of the format */
	uint32_t routes;	/* routes of the configuration */
	uint32_t groups;	/* distinct (user, to, from) patterns */
	uint32_t names;		/* distinct names in patterns */
	uint64_t size;		/* of the file, in bytes */
	unsigned char source[16]; /* digest of the configuration's files */
	unsigned char checksum[16]; /* XXH3-128 of the index */
};

/* tmail_routes_info - fills *info.  Cannot fail. */
TMAIL_API void tmail_routes_info(const struct tmail_routes *routes,
    struct tmail_info *info);

/*
 * One mail to route.  Zero the struct, then set what is known.
 *
 * recipient: the address of RCPT TO without angle brackets, or a bare
 *   domain or address literal.  It must be set (ptr not NULL).
 * login: the SMTP AUTH identity; ptr NULL or len 0: not authenticated.
 * sender: the address of MAIL FROM without angle brackets; ptr NULL: not
 *   known; len 0, or the two bytes "<>": the null sender (RFC 5321, 4.5.5).
 *
 * No case folding, IDNA or unquoting is wanted from the caller.
 */
struct tmail_query {
	struct tmail_slice recipient;
	struct tmail_slice login;
	struct tmail_slice sender;
};

/* What a group does with the mail. */
enum tmail_action {
	TMAIL_RELAY = 0,	/* hand it to the routes' relays or MX */
	TMAIL_REJECT = 1,	/* refuse for good, with text */
	TMAIL_DEFER = 2,	/* keep it in the queue, with text */
	TMAIL_DISCARD = 3	/* take it and drop it: logged, never bounced */
};

/*
 * The group of routes that won.  The patterns are as shown in listings
 * (folded; "*.tmail.io" with its star); user and from are absent where the
 * group has no such selector; "<>" in from is the null sender.
 */
struct tmail_match {
	struct tmail_slice user;
	struct tmail_slice to;
	struct tmail_slice from;
	enum tmail_action action;
	struct tmail_slice text;	/* reply text of TMAIL_REJECT, TMAIL_DEFER */
	uint32_t count;			/* routes in the group, at least 1 */
	uint32_t priv[4];		/* the library's own */
};

/*
 * tmail_routes_lookup - walks the ladder of routes.conf(5) for one mail.
 *
 * Returns TMAIL_OK with *match filled; TMAIL_NO_ROUTE (the mail goes to the
 * MX of the recipient's domain) or an error, both with *match zeroed:
 * TMAIL_E_DAMAGED; TMAIL_E_MEMORY (only for a domain with bytes above 0x7F);
 * TMAIL_E_ARGUMENT (no recipient).  A name that cannot be folded is no
 * error: such a destination matches only `*`, such a sender only rungs
 * without from.
 */
TMAIL_API enum tmail_status tmail_routes_lookup(
    const struct tmail_routes *routes, const struct tmail_query *query,
    struct tmail_match *match);

/*
 * One rung of the ladder as tmail_routes_explain shows it; the slices live
 * for the length of the call back only.
 */
struct tmail_rung {
	struct tmail_slice user;
	struct tmail_slice to;
	struct tmail_slice from;
	int found;		/* nonzero on the rung that won, the last one */
};

/*
 * tmail_routes_explain - the same walk by the same code, calling visit for
 * each rung of the ladder in the order in which they count, until one is
 * found.  Slower than a lookup: it also visits rungs that no route uses.
 * Returns and sets *match as tmail_routes_lookup.
 */
TMAIL_API enum tmail_status tmail_routes_explain(
    const struct tmail_routes *routes, const struct tmail_query *query,
    void (*visit)(void *arg, const struct tmail_rung *rung), void *arg,
    struct tmail_match *match);

/* How a connection to a relay is protected. */
enum tmail_tls {
	TMAIL_TLS_OFF = 0,
	TMAIL_TLS_OPPORTUNISTIC = 1,	/* STARTTLS where offered, else clear */
	TMAIL_TLS_REQUIRED = 2,		/* encrypted, certificate not checked */
	TMAIL_TLS_VERIFIED = 3,		/* STARTTLS, certificate checked */
	TMAIL_TLS_IMPLICIT = 4		/* from the first byte, checked */
};

/* Which addresses of the relay or MX hosts a connection goes to. */
enum tmail_family {
	TMAIL_FAMILY_ANY = 0,		/* in the order of the system's address selection */
	TMAIL_FAMILY_IPV4 = 1,		/* only these */
	TMAIL_FAMILY_IPV6 = 2,
	TMAIL_FAMILY_PREFER_IPV4 = 3,	/* these first */
	TMAIL_FAMILY_PREFER_IPV6 = 4
};

/* The SASL mechanism (RFC 4422) that a route names. */
enum tmail_auth {
	TMAIL_AUTH_ANY = 0,		/* what the relay offers, best first; with a token: OAUTHBEARER, then XOAUTH2 */
	TMAIL_AUTH_PLAIN = 1,		/* RFC 4616 */
	TMAIL_AUTH_LOGIN = 2,
	TMAIL_AUTH_CRAM_MD5 = 3,	/* RFC 2195 */
	TMAIL_AUTH_XOAUTH2 = 4,
	TMAIL_AUTH_OAUTHBEARER = 5,	/* RFC 7628 */
	TMAIL_AUTH_EXTERNAL = 6		/* by the client certificate; there is no login */
};

/* How the source addresses of a route are used. */
enum tmail_local {
	TMAIL_LOCAL_DEFAULT = 0,	/* the system's choice; no addresses */
	TMAIL_LOCAL_ROUND_ROBIN = 1,	/* in an order drawn for each plan */
	TMAIL_LOCAL_FAILOVER = 2	/* in the order written */
};

/* Where a route leads. */
enum tmail_next_hop {
	TMAIL_HOP_HOST = 0,	/* host: a name (A/AAAA) or an address */
	TMAIL_HOP_MX = 1,	/* the MX of the recipient's domain */
	TMAIL_HOP_MX_OF = 2,	/* the MX of the domain in host */
	TMAIL_HOP_NONE = 3	/* reject, defer and discard: nowhere */
};

/*
 * One route with its effective values: options of the route, its relay and
 * the defaults merged.  Absent slices were not given.
 */
struct tmail_route {
	uint32_t id;
	struct tmail_slice file;	/* of the configuration, by its include name */
	uint32_t line;			/* in that file, from 1 */
	enum tmail_next_hop hop;
	struct tmail_slice host;	/* name, IPv4, or IPv6 without brackets */
	uint16_t port;			/* of the relay, or of the MX hosts: 0 there is 25 */
	uint16_t priority;		/* the lowest is tried first */
	uint16_t weight;		/* share among routes of equal priority */
	struct tmail_slice relay;	/* the name of the relay, if it goes through one */
	enum tmail_family family;
	struct tmail_slice login;	/* SMTP AUTH (RFC 4954) */
	struct tmail_slice password;
	struct tmail_slice password_file; /* its first line, read at delivery */
	struct tmail_slice token_file;	/* an OAuth 2.0 access token (RFC 6750), read at delivery */
	enum tmail_auth auth;
	enum tmail_tls tls;
	struct tmail_slice tls_name;	/* name to find in the certificate */
	struct tmail_slice tls_cert;	/* client certificate and key, in PEM */
	struct tmail_slice tls_ca;	/* the CA certificates to trust, in PEM */
	struct tmail_slice mail_from;	/* envelope sender to use, but for the null sender */
	uint32_t connections;		/* deliveries to the relay at a time; 0: no limit */
	uint32_t rate;			/* deliveries begun in rate_seconds; 0: no limit */
	uint32_t rate_seconds;		/* 1, 60 or 3600; both limits are shared by all routes */
					/* through the relay of that name */
	struct tmail_slice helo;	/* see struct tmail_address */
	struct tmail_slice transport;
	enum tmail_local local;
	uint32_t local_count;		/* source addresses */
	uint32_t priv[4];		/* the library's own */
};

/*
 * tmail_match_route - fills *route with route number n (0 <= n < count) of a
 * match, in the order of priority, then ID.  match must come from routes.
 * Returns TMAIL_OK, TMAIL_E_ARGUMENT (n too large) or TMAIL_E_DAMAGED.
 */
TMAIL_API enum tmail_status tmail_match_route(
    const struct tmail_routes *routes, const struct tmail_match *match,
    uint32_t n, struct tmail_route *route);

/* A source address. */
struct tmail_address {
	int family;		/* 4 or 6 */
	unsigned char bytes[16]; /* network order; 4 or 16 of them */
	struct tmail_slice text; /* as RFC 5952 has it */
	struct tmail_slice helo; /* the name to greet with from it, in place of the route's; absent: the route's */
};

/*
 * tmail_route_local - fills *address with source address number n
 * (0 <= n < local_count) of a route, in the order written.
 * Returns TMAIL_OK, TMAIL_E_ARGUMENT or TMAIL_E_DAMAGED.
 */
TMAIL_API enum tmail_status tmail_route_local(
    const struct tmail_routes *routes, const struct tmail_route *route,
    uint32_t n, struct tmail_address *address);

/* A source of randomness that the caller owns (SplitMix64; not for secrets). */
struct tmail_random {
	uint64_t state;
};

/*
 * tmail_random_init - starts a generator from a number.  The same number
 * gives the same plans from the same index, on every machine.
 */
TMAIL_API void tmail_random_init(struct tmail_random *random,
    uint64_t number);

/* tmail_random_next - draws 64 bits. */
TMAIL_API uint64_t tmail_random_next(struct tmail_random *random);

/*
 * One attempt of a plan: routes of the match whose effective values are
 * equal in all but ID and weight, taken together.
 */
struct tmail_candidate {
	uint32_t route;		/* for tmail_match_route: the one of lowest ID */
	uint16_t priority;
	uint64_t weight;	/* the sum over the routes taken together */
	uint64_t draw;		/* orders the source addresses */
	uint64_t priv[2];	/* the library's own */
};

/*
 * tmail_match_plan - draws the order in which a delivery tries the routes of
 * a match: ascending priority; within one priority each next place drawn
 * with chance proportional to weight among those left.
 *
 * candidates: an array of `capacity` elements of the caller's; match->count
 * is always enough.  *count is set to the number of candidates.  The same
 * state of *random gives the same plan.  Takes O(n log n) time.
 * Returns TMAIL_OK; TMAIL_E_SPACE if capacity < match->count; TMAIL_E_ARGUMENT
 * if the action is not TMAIL_RELAY; TMAIL_E_DAMAGED.  *count is 0 on errors.
 */
TMAIL_API enum tmail_status tmail_match_plan(
    const struct tmail_routes *routes, const struct tmail_match *match,
    struct tmail_random *random, struct tmail_candidate *candidates,
    size_t capacity, size_t *count);

/*
 * tmail_candidate_local - source address number n (0 <= n < local_count of
 * the candidate's route) in the order of this plan: shuffled for
 * TMAIL_LOCAL_ROUND_ROBIN, as written for TMAIL_LOCAL_FAILOVER.
 * Returns as tmail_route_local.
 */
TMAIL_API enum tmail_status tmail_candidate_local(
    const struct tmail_routes *routes, const struct tmail_candidate *candidate,
    const struct tmail_route *route, uint32_t n,
    struct tmail_address *address);

#ifdef __cplusplus
}
#endif

#endif
