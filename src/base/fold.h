/*
 * fold.h - when two names are the same.  The compiler and the lookup fold
 * names by this code and no other.
 *
 * ASCII letters go to lower case, one trailing dot of a domain is dropped,
 * U-labels become A-labels (IDNA 2008 through libidn2, UTS #46
 * non-transitional), address literals are written as RFC 5952 has them.
 */
#ifndef BASE_FOLD_H
#define BASE_FOLD_H

#include "base/slice.h"

#define FOLD_LABEL_MAX 63
#define FOLD_DOMAIN_MAX 253
/* The longest local part or bare login that can be a pattern. */
#define FOLD_LOCAL_MAX 1024
/* Room for a folded name: local part, '@', domain, and slack for wide stores. */
#define FOLD_SIZE (FOLD_LOCAL_MAX + 1 + FOLD_DOMAIN_MAX + 34)

enum fold_status {
	FOLD_OK,
	FOLD_BAD,	/* no domain, literal or address; cannot be a pattern */
	FOLD_LONG,	/* too long to be a pattern: see each function */
	FOLD_MEMORY	/* libidn2 ran out of memory */
};

/*
 * A folded name.  full is the whole (address, login or bare domain), domain
 * the part after the last '@' (for a bare domain: the same as full).  Either
 * may be absent.  Each points into buf, or into the text that was folded
 * where that is as it should be: nothing is copied then.  The struct must
 * not be copied.
 */
struct folded {
	struct slice full;
	struct slice domain;
	char buf[FOLD_SIZE];
};

/* fold_at - where the last '@' of in stands; in.len if there is none. */
size_t fold_at(struct slice in);

/*
 * fold_domain - folds a domain or an address literal ("[192.0.2.1]",
 * "[IPv6:2001:db8::1]") into f; full and domain are the result.
 * FOLD_BAD: not a domain: empty, a label that is empty or over 63 bytes, a
 * name over 253, a byte other than letters, digits, '-', '_', a literal that
 * is no address, or what IDNA refuses.  Absent slices on any failure.
 */
enum fold_status fold_domain(struct slice in, struct folded *f);

/*
 * fold_domain_of - folds the domain of an address, or a bare domain, as
 * fold_domain does, but leaves full absent.
 */
enum fold_status fold_domain_of(struct slice in, struct folded *f);

/*
 * fold_address - folds a mail address, split at its last '@': domain as by
 * fold_domain, local part in lower case and without needless quotes
 * ("\"bob\"@x" is bob@x; RFC 5321, 4.1.2).  Without '@' the whole is a
 * domain: full is then absent and domain set.
 * FOLD_BAD: the domain cannot be folded; FOLD_MEMORY: both are absent.
 * FOLD_LONG: a local part over FOLD_LOCAL_MAX; domain is set, full is absent.
 * An empty local part leaves full absent too.
 */
enum fold_status fold_address(struct slice in, struct folded *f);

/*
 * fold_login - folds an SMTP AUTH identity.  The part after the last '@' -
 * or the whole, where there is none - folds as a domain where it is one,
 * else as ASCII: a login is never bad.  The part before it is lower-cased,
 * nothing else.  full is set; domain is absent where there is no '@' or
 * nothing behind it.  An empty login leaves both absent.
 * FOLD_LONG: the part before the '@' is over FOLD_LOCAL_MAX (full is absent,
 * domain set), or the last part is no domain and the login over
 * FOLD_LOCAL_MAX (both absent).  FOLD_MEMORY: both absent.
 */
enum fold_status fold_login(struct slice in, struct folded *f);

#endif
