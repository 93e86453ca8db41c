#include "deliver/resolver.h"

#include <ares.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "deliver/channel.h"
#include "program/clock.h"

/* What AAAA gets beyond A, and A beyond AAAA. */
#define OTHER_MS 2000

#define HOST_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."

struct resolver {
	const char *server;		/* NULL: those of the system */
	struct channel ways[3];		/* by enum dns_source, opened when first needed */
};

/* One question under way. */
struct question {
	bool done;
	int64_t since;		/* it was */
	int type;		/* of ask_type; of its answer MX records alone are kept */
	enum dns_status status;
	struct ip *ips;
	size_t count;
	struct dns_mx *mx;
};

/* NULL: it cannot be asked. */
static struct channel *
way(struct resolver *resolver, enum dns_source source)
{
	static const char *const lookups[] = {
	    [DNS_AND_FILES] = NULL, [DNS_ALONE] = "b", [DNS_FILES] = "f"};
	struct channel *channel = &resolver->ways[source];

	if (channel->ares == NULL)
		channel_open(channel, resolver->server, lookups[source], false);
	return channel->ares == NULL ? NULL : channel;
}

static void
close_resolver(struct resolver *resolver)
{
	channel_close(&resolver->ways[DNS_AND_FILES]);
	channel_close(&resolver->ways[DNS_ALONE]);
	channel_close(&resolver->ways[DNS_FILES]);
	ares_library_cleanup();
	free(resolver);
}

static struct resolver *
open_resolver(const char *server, const char **why)
{
	struct resolver *resolver = calloc(1, sizeof(*resolver));

	*why = "out of memory";
	if (resolver == NULL)
		return NULL;
	if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS) {
		free(resolver);
		return NULL;
	}
	resolver->server = server;
	/* A bad server is told at once. */
	*why = server == NULL ? NULL
	    : channel_open(&resolver->ways[DNS_ALONE], server, "b", false);
	if (*why == NULL)
		return resolver;
	close_resolver(resolver);
	return NULL;
}

static enum dns_status
status_of(int rc)
{
	switch (rc) {
	case ARES_SUCCESS:
		return DNS_FOUND;
	case ARES_ENODATA:
		return DNS_NO_DATA;
	case ARES_ENOTFOUND:
		return DNS_NO_NAME;
	default:
		return DNS_TROUBLE;
	}
}

/* Ends all questions.  A c-ares that has no memory to cancel them has to go itself. */
static void
give_up(struct channel *channel, const struct question *questions, size_t count)
{
	size_t i;

	ares_cancel(channel->ares);
	for (i = 0; i < count; i++)
		if (!questions[i].done) {
			channel_close(channel);
			return;
		}
}

/* How long a question may stay open: not for ever, where the other of a host has an answer. */
static int64_t
patience(const struct question *other, int64_t deadline)
{
	if (other == NULL || !other->done || other->status != DNS_FOUND)
		return deadline;
	return clock_earlier(deadline, other->since + OTHER_MS);
}

/*
 * Every question is answered when this returns, if only with ARES_ECANCELLED.
 * pairs: two of them, one after the other, are about one host.
 */
static void
run(struct channel *channel, const struct question *questions, size_t count, bool pairs,
    int64_t deadline)
{
	int64_t until, one;
	size_t i;

	for (;;) {
		until = 0;
		for (i = 0; i < count; i++) {
			if (questions[i].done)
				continue;
			one = patience(pairs ? &questions[i ^ 1] : NULL, deadline);
			until = one > until ? one : until;
		}
		if (until == 0)
			return;
		if (clock_left(until) == 0) {
			give_up(channel, questions, count);
			return;
		}
		channel_serve(channel, until);
	}
}

static void
keep_addresses(struct question *question, const struct ares_addrinfo *answer)
{
	const struct ares_addrinfo_node *node;
	size_t n = 0;

	for (node = answer->nodes; node != NULL; node = node->ai_next)
		n++;
	if (n == 0) {
		question->status = DNS_NO_DATA;
		return;
	}
	question->ips = calloc(n, sizeof(*question->ips));
	if (question->ips == NULL) {
		question->status = DNS_TROUBLE;
		return;
	}
	for (node = answer->nodes; node != NULL; node = node->ai_next) {
		struct ip *ip = &question->ips[question->count++];
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;

		ip->family = node->ai_family == AF_INET6 ? 6 : 4;
		if (ip->family == 6) {
			memcpy(&v6, node->ai_addr, sizeof(v6));
			memcpy(ip->bytes, &v6.sin6_addr, 16);
		} else {
			memcpy(&v4, node->ai_addr, sizeof(v4));
			memcpy(ip->bytes, &v4.sin_addr, 4);
		}
	}
}

static void
got_addresses(void *arg, int rc, int timeouts, struct ares_addrinfo *answer)
{
	struct question *question = arg;

	(void)timeouts;
	question->done = true;
	question->since = clock_now();
	question->status = status_of(rc);
	if (rc == ARES_SUCCESS)
		keep_addresses(question, answer);
	ares_freeaddrinfo(answer);
}

/* Other names are no hosts', whatever the DNS has for them; nor is an address, as some write it into
 * an MX record, which c-ares would take without asking anybody. */
static bool
is_host(const char *name)
{
	return name[strspn(name, "0123456789.")] != '\0' &&
	    name[strspn(name, HOST_CHARACTERS)] == '\0';
}

/*
 * One question for each family: asked for both, c-ares takes a failed A and an
 * empty AAAA for "no data".
 */
static void
ask(struct channel *channel, const char *name, int family, struct question *question)
{
	struct ares_addrinfo_hints hints = {.ai_flags = ARES_AI_NOSORT, .ai_family = family};

	*question = (struct question){.done = true, .status = DNS_NO_NAME};
	if (!is_host(name))
		return;
	*question = (struct question){.done = channel == NULL, .status = DNS_TROUBLE};
	if (channel != NULL)
		ares_getaddrinfo(channel->ares, name, NULL, &hints, got_addresses, question);
}

/* A host is not there only if both families say so. */
static enum dns_status
both(enum dns_status a, enum dns_status b)
{
	if (a == DNS_FOUND || b == DNS_FOUND)
		return DNS_FOUND;
	if (a == DNS_TROUBLE || b == DNS_TROUBLE)
		return DNS_TROUBLE;
	return a == DNS_NO_NAME && b == DNS_NO_NAME ? DNS_NO_NAME : DNS_NO_DATA;
}

static void
merge(struct dns_host *host, const struct question *v6, const struct question *v4)
{
	size_t i;

	host->count = 0;
	host->ips = NULL;
	host->status = both(v6->status, v4->status);
	if (host->status != DNS_FOUND)
		return;
	host->ips = calloc(v6->count + v4->count, sizeof(*host->ips));
	if (host->ips == NULL) {
		host->status = DNS_TROUBLE;
		return;
	}
	for (i = 0; i < v6->count || i < v4->count; i++) {
		if (i < v6->count)
			host->ips[host->count++] = v6->ips[i];
		if (i < v4->count)
			host->ips[host->count++] = v4->ips[i];
	}
}

static void
keep_mx(struct question *question, unsigned preference, const char *name)
{
	struct dns_mx *mx = reallocarray(question->mx, question->count + 1, sizeof(*mx));

	if (mx == NULL) {
		question->status = DNS_TROUBLE;
		return;
	}
	question->mx = mx;
	mx += question->count;
	*mx = (struct dns_mx){preference, strdup(name)};
	if (mx->name == NULL)
		question->status = DNS_TROUBLE;
	else
		question->count++;
}

/* What the answer to a name of this host says. */
struct naming {
	struct question question;
	char *out;
	size_t size;
};

static void
got_name(void *arg, int rc, int timeouts, struct ares_addrinfo *answer)
{
	struct naming *naming = arg;
	const char *name = NULL;

	(void)timeouts;
	naming->question.done = true;
	if (rc == ARES_SUCCESS && answer->cnames != NULL)
		name = answer->cnames->name;
	else if (rc == ARES_SUCCESS)
		name = answer->name;
	if (name != NULL && strlen(name) < naming->size && is_host(name) && strchr(name, '.') != NULL) {
		strcpy(naming->out, name);
		naming->question.status = DNS_FOUND;
	}
	ares_freeaddrinfo(answer);
}

static bool
ask_full_name(const struct resolver *resolver, const char *name, int64_t deadline, char *out,
    size_t size)
{
	struct ares_addrinfo_hints hints = {.ai_flags = ARES_AI_CANONNAME | ARES_AI_NOSORT};
	struct naming naming = {.question = {.status = DNS_NO_NAME}, .out = out, .size = size};
	struct channel channel;

	if (channel_open(&channel, resolver->server, NULL, true) != NULL)
		return false;
	ares_getaddrinfo(channel.ares, name, NULL, &hints, got_name, &naming);
	run(&channel, &naming.question, 1, false, deadline);
	channel_close(&channel);
	return naming.question.status == DNS_FOUND;
}

/*
 * An answer without records that does not say that there are none, though c-ares takes it for that:
 * with a code that it does not know (YXDOMAIN, NOTAUTH), or a referral, from a server that neither
 * has the domain nor asks others (glibc passes over it, too).
 */
static bool
says_nothing(int code, bool authoritative, bool recursive)
{
	return code == ns_r_noerror ? !authoritative && !recursive : code != ns_r_nxdomain;
}

/* The old calls are deprecated where there are new ones. */
#if ARES_VERSION >= 0x011c00

static void
keep_answer(struct question *question, const ares_dns_record_t *answer)
{
	size_t i, n = ares_dns_record_rr_cnt(answer, ARES_SECTION_ANSWER);

	for (i = 0; i < n; i++) {
		const ares_dns_rr_t *rr =
		    ares_dns_record_rr_get_const(answer, ARES_SECTION_ANSWER, i);

		if (ares_dns_rr_get_type(rr) == ARES_REC_TYPE_MX)
			keep_mx(question, ares_dns_rr_get_u16(rr, ARES_RR_MX_PREFERENCE),
			    ares_dns_rr_get_str(rr, ARES_RR_MX_EXCHANGE));
	}
}

static void
got_answer(void *arg, ares_status_t rc, size_t timeouts, const ares_dns_record_t *answer)
{
	struct question *question = arg;
	unsigned short flags;

	(void)timeouts;
	question->done = true;
	question->since = clock_now();
	question->status = status_of((int)rc);
	if (rc == ARES_SUCCESS && question->type == ns_t_mx)
		keep_answer(question, answer);
	if (question->count > 0 || answer == NULL)
		return;
	flags = ares_dns_record_get_flags(answer);
	if (says_nothing((int)ares_dns_record_get_rcode(answer), (flags & ARES_FLAG_AA) != 0,
		(flags & ARES_FLAG_RA) != 0))
		question->status = DNS_TROUBLE;
}

static void
ask_type(struct channel *channel, const char *name, int type, struct question *question)
{
	question->type = type;
	ares_query_dnsrec(channel->ares, name, ARES_CLASS_IN, (ares_dns_rec_type_t)type, got_answer,
	    question, NULL);
}

#else

static void
got_answer(void *arg, int rc, int timeouts, unsigned char *answer, int len)
{
	struct question *question = arg;
	struct ares_mx_reply *reply = NULL, *r;

	(void)timeouts;
	question->done = true;
	question->since = clock_now();
	if (rc == ARES_SUCCESS && question->type == ns_t_mx)
		rc = ares_parse_mx_reply(answer, len, &reply);
	question->status = status_of(rc);
	for (r = reply; r != NULL; r = r->next)
		keep_mx(question, r->priority, r->host);
	if (reply != NULL)
		ares_free_data(reply);
	if (question->count == 0 && answer != NULL && len >= NS_HFIXEDSZ &&
	    says_nothing(answer[3] & 0x0F, (answer[2] & 0x04) != 0, (answer[3] & 0x80) != 0))
		question->status = DNS_TROUBLE;
}

static void
ask_type(struct channel *channel, const char *name, int type, struct question *question)
{
	question->type = type;
	ares_query(channel->ares, name, ns_c_in, type, got_answer, question);
}

#endif

/* What has no address may be what nobody has said anything about, which c-ares does not tell here:
 * asked once more, the answer itself does.  questions: room for one each. */
static void
doubt(struct channel *channel, struct dns_host *hosts, size_t count, struct question *questions,
    int64_t deadline)
{
	size_t i;

	for (i = 0; i < count; i++) {
		questions[i] = (struct question){.done = hosts[i].status != DNS_NO_DATA};
		if (!questions[i].done)
			ask_type(channel, hosts[i].name, ns_t_a, &questions[i]);
	}
	run(channel, questions, count, false, deadline);
	for (i = 0; i < count; i++)
		if (questions[i].status == DNS_TROUBLE)
			hosts[i].status = DNS_TROUBLE;
}

static void
ask_hosts(struct resolver *resolver, enum dns_source source, struct dns_host *hosts, size_t count,
    int64_t deadline)
{
	struct channel *channel = way(resolver, source);
	struct question *questions = calloc(count, 2 * sizeof(*questions));
	size_t i;

	for (i = 0; i < count; i++)
		hosts[i] = (struct dns_host){.name = hosts[i].name, .status = DNS_TROUBLE};
	if (questions == NULL)
		return;
	for (i = 0; i < count; i++) {
		ask(channel, hosts[i].name, AF_INET6, &questions[2 * i]);
		ask(channel, hosts[i].name, AF_INET, &questions[2 * i + 1]);
	}
	run(channel, questions, 2 * count, true, deadline);
	for (i = 0; i < count; i++) {
		merge(&hosts[i], &questions[2 * i], &questions[2 * i + 1]);
		free(questions[2 * i].ips);
		free(questions[2 * i + 1].ips);
	}
	/* An end for want of memory leaves no c-ares. */
	if (source == DNS_ALONE && channel != NULL && channel->ares != NULL)
		doubt(channel, hosts, count, questions, deadline);
	free(questions);
}

/* Whether the DNS could have a name at all (RFC 1035, 2.3.4). */
static bool
is_name(const char *name)
{
	const char *label = name;
	size_t len;

	do {
		len = strcspn(label, ".");
		if (len < 1 || len > 63)
			return false;
		label += len + (label[len] == '.');
	} while (*label != '\0');
	return strlen(name) <= 253;
}

static enum dns_status
ask_list(struct resolver *resolver, const char *domain, int64_t deadline, struct dns_mx **list,
    size_t *count)
{
	struct channel *channel = way(resolver, DNS_ALONE);
	struct question question = {.done = channel == NULL, .status = DNS_TROUBLE};

	if (!is_name(domain))
		question = (struct question){.done = true, .status = DNS_NO_NAME};
	else if (channel != NULL)
		ask_type(channel, domain, ns_t_mx, &question);
	run(channel, &question, 1, false, deadline);
	/* A CNAME that leads to nothing is "no data", though c-ares says success. */
	if (question.status == DNS_FOUND && question.count == 0)
		question.status = DNS_NO_DATA;
	*list = question.mx;
	*count = question.count;
	return question.status;
}

__attribute__((visibility("default"))) extern const struct resolver_calls tmail_dns;

const struct resolver_calls tmail_dns = {open_resolver, close_resolver, ask_hosts, ask_full_name, ask_list};
