/* metrics.h - how the daemon is doing, as text for Prometheus. */
#ifndef SERVE_METRICS_H
#define SERVE_METRICS_H

#include "serve/client.h"

/* Room for all of it. */
#define METRICS_SIZE 16384

void metrics_write(const struct clients *clients, int64_t now, struct as_text *out);

/* metrics_save - replaces a file of node_exporter's textfile collector; false: journal says why. */
bool metrics_save(const struct clients *clients, int64_t now, const char *path);

#endif
