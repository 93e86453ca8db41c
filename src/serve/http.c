#include "serve/http.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "program/clock.h"
#include "serve/metrics.h"

#define CONNECTIONS_MAX 64
/* Of a connection, which has one request; whoever sends bit by bit gets no more. */
#define REQUEST_MS 10000
/* Enough to answer all that has come before the end: the library lets in a few at a time. */
#define LAST_RUNS 32

/* A connection, and when it is closed if it has not ended by then. */
struct visit {
	bool open;
	int fd;
	int64_t due;
};

struct http {
	struct MHD_Daemon *daemon;
	struct clients *clients;
	int64_t now;		/* of the run */
	struct visit visits[CONNECTIONS_MAX];
};

static enum MHD_Result
respond(struct MHD_Connection *connection, unsigned code, struct slice text)
{
	struct MHD_Response *response = NULL;
	enum MHD_Result result;
	char *copy = malloc(text.len + 1);

	if (copy != NULL) {
		memcpy(copy, text.ptr, text.len);
		response = MHD_create_response_from_buffer(text.len, copy, MHD_RESPMEM_MUST_FREE);
	}
	if (response == NULL)
		return MHD_NO;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
	    "text/plain; version=0.0.4; charset=utf-8");
	if (code == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	result = MHD_queue_response(connection, code, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result
respond_metrics(const struct http *http, struct MHD_Connection *connection)
{
	char buf[METRICS_SIZE];
	struct as_text text = {buf, 0, sizeof(buf), false};

	metrics_write(http->clients, clock_now(), &text);
	return respond(connection, MHD_HTTP_OK, slice(text.ptr, text.len));
}

/* Whether the index, be it an old one, gives answers: one is asked for. */
static bool
index_answers(const struct http *http)
{
	const struct handle *handle = &http->clients->service->handle;
	struct tmail_query query = {.recipient = {"healthz.invalid", 15}};
	struct tmail_match match;
	enum tmail_status status = tmail_routes_lookup(handle->routes, &query, &match);

	return status == TMAIL_OK || status == TMAIL_NO_ROUTE;
}

static enum MHD_Result
handle_request(void *arg, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *upload, size_t *upload_size,
    void **state)
{
	const struct http *http = arg;

	/* It is answered before the body, which nobody reads then. */
	(void)version;
	(void)upload;
	(void)upload_size;
	(void)state;
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return respond(connection, MHD_HTTP_METHOD_NOT_ALLOWED, slice_str("GET alone\n"));
	handle_refresh(&http->clients->service->handle, false);
	if (strcmp(url, "/metrics") == 0)
		return respond_metrics(http, connection);
	if (strcmp(url, "/healthz") != 0)
		return respond(connection, MHD_HTTP_NOT_FOUND, slice_str("not found\n"));
	if (index_answers(http))
		return respond(connection, MHD_HTTP_OK, slice_str("ok\n"));
	return respond(connection, MHD_HTTP_SERVICE_UNAVAILABLE,
	    slice_str("the index does not answer\n"));
}

static void
visited(void *arg, struct MHD_Connection *connection, void **context,
    enum MHD_ConnectionNotificationCode code)
{
	struct http *http = arg;
	struct visit *visit = http->visits;

	if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
		visit = *context;
		visit->open = false;
		return;
	}
	/* There is one for each: the daemon takes no more connections. */
	while (visit->open)
		visit++;
	*visit = (struct visit){true,
	    MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd,
	    http->now + REQUEST_MS};
	*context = visit;
}

/* Ends those that are due; the library sees that they have ended.  When the next one is. */
static int64_t
expire(struct http *http)
{
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
		struct visit *visit = &http->visits[i];

		if (visit->open && visit->due <= http->now) {
			shutdown(visit->fd, SHUT_RDWR);
			visit->due = INT64_MAX;
		}
		if (visit->open)
			next = clock_earlier(next, visit->due);
	}
	return next;
}

struct http *
http_open(int listener, struct clients *clients)
{
	struct http *http = calloc(1, sizeof(*http));

	if (http == NULL)
		return NULL;
	http->clients = clients;
	http->daemon = MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, handle_request, http,
	    MHD_OPTION_LISTEN_SOCKET, listener, MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)REQUEST_MAX, MHD_OPTION_NOTIFY_CONNECTION,
	    visited, http, MHD_OPTION_END);
	if (http->daemon != NULL)
		return http;
	free(http);
	return NULL;
}

int
http_fd(const struct http *http)
{
	return MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

int64_t
http_run(struct http *http, int64_t now)
{
	MHD_UNSIGNED_LONG_LONG timeout;
	int64_t next;

	http->now = now;
	MHD_run(http->daemon);
	next = expire(http);
	return MHD_get_timeout(http->daemon, &timeout) == MHD_YES
	    ? clock_earlier(next, now + (int64_t)timeout) : next;
}

void
http_close(struct http *http)
{
	if (http == NULL)
		return;
	for (int i = 0; i < LAST_RUNS; i++)
		MHD_run(http->daemon);
	/* The socket is the caller's to close. */
	(void)MHD_quiesce_daemon(http->daemon);
	MHD_stop_daemon(http->daemon);
	free(http);
}
