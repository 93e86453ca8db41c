/* http.h - /metrics and /healthz. */
#ifndef SERVE_HTTP_H
#define SERVE_HTTP_H

#include "serve/client.h"

struct http;

/* http_open - answers at a listening socket, which stays the caller's; NULL: it cannot. */
struct http *http_open(int listener, struct clients *clients);

/* What to wait for: readable means that http_run has something to do. */
int http_fd(const struct http *http);

/* http_run - does what can be done without waiting; when to come again, at the latest. */
int64_t http_run(struct http *http, int64_t now);

/* http_close - answers what has come. */
void http_close(struct http *http);

#endif
