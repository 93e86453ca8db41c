#include "deliver/dns.h"

#include <ares.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "program/clock.h"

/* A first wait of three seconds, doubled by c-ares for the second try. */
#define TRY_MS 3000
#define TRIES 2

/* Sockets at once: one or two for each server of the system. */
enum { SOCKETS = 32 };

struct dns {
	ares_channel channel;
	struct pollfd fds[SOCKETS];	/* what c-ares waits for */
	nfds_t count;
};

/* One question under way. */
struct question {
	bool done;
	enum dns_status status;
	struct ip *ips;
	size_t count;
	struct dns_mx *mx;
};

/* c-ares says what it waits for at a socket; nothing: it is to be forgotten. */
static void
watch(void *arg, ares_socket_t socket, int readable, int writable)
{
	struct dns *dns = arg;
	nfds_t i = 0;

	while (i < dns->count && dns->fds[i].fd != socket)
		i++;
	if (!readable && !writable) {
		if (i < dns->count)
			dns->fds[i] = dns->fds[--dns->count];
	} else if (i < SOCKETS) {
		dns->fds[i] = (struct pollfd){.fd = socket,
		    .events = (short)((readable ? POLLIN : 0) | (writable ? POLLOUT : 0))};
		dns->count += i == dns->count;
	}
}

struct dns *
dns_open(const char *server, const char **why)
{
	struct dns *dns = calloc(1, sizeof(*dns));
	struct ares_options options = {.timeout = TRY_MS, .tries = TRIES, .ndomains = 0,
	    .sock_state_cb = watch, .sock_state_cb_data = dns};
	int rc;

	*why = "out of memory";
	if (dns == NULL)
		return NULL;
	rc = ares_library_init(ARES_LIB_INIT_ALL);
	if (rc == ARES_SUCCESS)
		rc = ares_init_options(&dns->channel, &options,
		    ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_DOMAINS | ARES_OPT_SOCK_STATE_CB);
	if (rc != ARES_SUCCESS) {
		*why = ares_strerror(rc);
		free(dns);
		return NULL;
	}
	if (server != NULL) {
		rc = ares_set_servers_ports_csv(dns->channel, server);
		if (rc != ARES_SUCCESS) {
			*why = ares_strerror(rc);
			dns_close(dns);
			return NULL;
		}
	}
	return dns;
}

void
dns_close(struct dns *dns)
{
	if (dns == NULL)
		return;
	ares_destroy(dns->channel);
	ares_library_cleanup();
	free(dns);
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

/* Serves c-ares' sockets once, or waits until it is time for another try. */
static void
serve(struct dns *dns, int64_t deadline)
{
	struct timeval limit = {clock_left(deadline) / 1000, clock_left(deadline) % 1000 * 1000};
	struct timeval buffer, *wait = ares_timeout(dns->channel, &limit, &buffer);
	struct pollfd fds[SOCKETS];
	nfds_t n = dns->count, i;

	/* What is served changes what is watched. */
	memcpy(fds, dns->fds, sizeof(fds));
	if (poll(fds, n, (int)(wait->tv_sec * 1000 + wait->tv_usec / 1000 + 1)) <= 0)
		ares_process_fd(dns->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	else
		for (i = 0; i < n; i++)
			ares_process_fd(dns->channel,
			    fds[i].revents & ~POLLOUT ? fds[i].fd : ARES_SOCKET_BAD,
			    fds[i].revents & POLLOUT ? fds[i].fd : ARES_SOCKET_BAD);
}

/* Ends all questions.  A c-ares that has no memory to cancel them has to go itself. */
static void
give_up(struct dns *dns, const struct question *open)
{
	ares_cancel(dns->channel);
	if (!open->done) {
		ares_destroy(dns->channel);
		dns->channel = NULL;
	}
}

/* Every question is answered when this returns, if only with ARES_ECANCELLED. */
static void
run(struct dns *dns, const struct question *questions, size_t count, int64_t deadline)
{
	size_t i = 0;

	while (i < count) {
		if (questions[i].done)
			i++;
		else if (clock_left(deadline) == 0)
			give_up(dns, &questions[i]);
		else
			serve(dns, deadline);
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
	question->status = status_of(rc);
	if (rc == ARES_SUCCESS)
		keep_addresses(question, answer);
	ares_freeaddrinfo(answer);
}

/*
 * One question for each family: asked for both, c-ares takes a failed A and an
 * empty AAAA for "no data".
 */
static void
ask(struct dns *dns, const char *name, int family, struct question *question)
{
	struct ares_addrinfo_hints hints = {.ai_flags = ARES_AI_NOSORT, .ai_family = family};

	*question = (struct question){.done = dns->channel == NULL, .status = DNS_TROUBLE};
	if (dns->channel != NULL)
		ares_getaddrinfo(dns->channel, name, NULL, &hints, got_addresses, question);
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

void
dns_hosts(struct dns *dns, struct dns_host *hosts, size_t count, int64_t deadline)
{
	struct question *questions = calloc(count, 2 * sizeof(*questions));
	size_t i;

	for (i = 0; i < count; i++)
		hosts[i] = (struct dns_host){.name = hosts[i].name, .status = DNS_TROUBLE};
	if (questions == NULL)
		return;
	for (i = 0; i < count; i++) {
		ask(dns, hosts[i].name, AF_INET6, &questions[2 * i]);
		ask(dns, hosts[i].name, AF_INET, &questions[2 * i + 1]);
	}
	run(dns, questions, 2 * count, deadline);
	for (i = 0; i < count; i++) {
		merge(&hosts[i], &questions[2 * i], &questions[2 * i + 1]);
		free(questions[2 * i].ips);
		free(questions[2 * i + 1].ips);
	}
	free(questions);
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
got_mx(void *arg, ares_status_t rc, size_t timeouts, const ares_dns_record_t *answer)
{
	struct question *question = arg;

	(void)timeouts;
	question->done = true;
	question->status = status_of((int)rc);
	if (rc == ARES_SUCCESS)
		keep_answer(question, answer);
}

static void
ask_mx(struct dns *dns, const char *domain, struct question *question)
{
	ares_query_dnsrec(dns->channel, domain, ARES_CLASS_IN, ARES_REC_TYPE_MX, got_mx, question,
	    NULL);
}

#else

static void
got_mx(void *arg, int rc, int timeouts, unsigned char *answer, int len)
{
	struct question *question = arg;
	struct ares_mx_reply *reply = NULL, *r;

	(void)timeouts;
	question->done = true;
	if (rc == ARES_SUCCESS)
		rc = ares_parse_mx_reply(answer, len, &reply);
	question->status = status_of(rc);
	for (r = reply; r != NULL; r = r->next)
		keep_mx(question, r->priority, r->host);
	if (reply != NULL)
		ares_free_data(reply);
}

static void
ask_mx(struct dns *dns, const char *domain, struct question *question)
{
	ares_query(dns->channel, domain, ns_c_in, ns_t_mx, got_mx, question);
}

#endif

enum dns_status
dns_mx(struct dns *dns, const char *domain, int64_t deadline, struct dns_mx **list,
    size_t *count)
{
	struct question question = {.done = dns->channel == NULL, .status = DNS_TROUBLE};

	if (dns->channel != NULL)
		ask_mx(dns, domain, &question);
	run(dns, &question, 1, deadline);
	/* A CNAME that leads to nothing is "no data", though c-ares says success. */
	if (question.status == DNS_FOUND && question.count == 0)
		question.status = DNS_NO_DATA;
	*list = question.mx;
	*count = question.count;
	return question.status;
}

void
dns_mx_free(struct dns_mx *list, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		free(list[i].name);
	free(list);
}
