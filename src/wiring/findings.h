/* findings.h - what of the routes Postfix cannot say, or not so. */
#ifndef WIRING_FINDINGS_H
#define WIRING_FINDINGS_H

#include "store/memory.h"
#include "tmail/routes.h"

enum finding_kind {
	/* A transport of their own mends these. */
	FINDING_OWN,		/* the route names none, and needs one */
	FINDING_LOGINS,		/* another login leads to the same next hop */
	FINDING_NAMES,		/* of certificates, likewise */
	FINDING_STRICTER,	/* TLS, likewise */
	FINDING_DIFFERS,	/* what holds for a whole transport */
	/* The mail of these waits. */
	FINDING_TOKEN,
	FINDING_EXTERNAL,
	FINDING_COLON,
	FINDING_TLS_NAME,
	FINDING_PART,		/* its transport is a part of Postfix that delivers nothing */
	/* That of these leaves in another way. */
	FINDING_SOURCES,
	FINDING_HELOS,
	FINDING_MAIL_FROM,
	FINDING_RATE,
	FINDING_FILE,
	FINDING_SERVICE,
	FINDING_MIXED,
	FINDING_KINDS
};

enum { FINDINGS_OWN_END = FINDING_TOKEN, FINDINGS_WAIT_END = FINDING_SOURCES };

/* Of each kind so many are kept, and all counted. */
enum { FINDINGS_KEPT = 20 };

struct finding {
	uint32_t id;
	uint32_t line;
	struct tmail_slice file;
	const char *text;
};

/* Zero the struct to start. */
struct findings {
	struct finding list[FINDING_KINDS][FINDINGS_KEPT];
	size_t count[FINDING_KINDS];
	struct arena arena;
};

/* findings_add - of a route. */
void findings_add(struct findings *findings, enum finding_kind kind,
    const struct tmail_route *route, const char *format, ...) __attribute__((format(printf, 4, 5)));

/* How many of a kind are kept. */
size_t findings_kept(const struct findings *findings, enum finding_kind kind);

void findings_release(struct findings *findings);

#endif
