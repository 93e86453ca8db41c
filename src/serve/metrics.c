#include "serve/metrics.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "serve/journal.h"

/* Of the file, whatever the umask: the collector is another user. */
#define MODE 0644

static const char *const results[RESULT_COUNT] = {
    [RESULT_FOUND] = "found",
    [RESULT_NONE] = "none",
    [RESULT_REJECT] = "reject",
    [RESULT_DEFER] = "defer",
    [RESULT_DISCARD] = "discard",
    [RESULT_CONFLICT] = "conflict",
    [RESULT_FAULT] = "fault",
    [RESULT_REFUSED] = "refused",
};

static void
head(struct as_text *out, const char *name, const char *type, const char *help)
{
	as_text_str(out, "# HELP ");
	as_text_str(out, name);
	as_text_str(out, " ");
	as_text_str(out, help);
	as_text_str(out, "\n# TYPE ");
	as_text_str(out, name);
	as_text_str(out, " ");
	as_text_str(out, type);
	as_text_str(out, "\n");
}

static void
value(struct as_text *out, uint64_t n)
{
	as_text_str(out, " ");
	as_text_number(out, n);
	as_text_str(out, "\n");
}

static void
single(struct as_text *out, const char *name, const char *type, const char *help, uint64_t n)
{
	head(out, name, type, help);
	as_text_str(out, name);
	value(out, n);
}

/* name{label="word"}, and a second label where there is one */
static void
sample(struct as_text *out, const char *name, const char *protocol, const char *result,
    uint64_t n)
{
	as_text_str(out, name);
	as_text_str(out, "{protocol=\"");
	as_text_str(out, protocol);
	if (result != NULL) {
		as_text_str(out, "\",result=\"");
		as_text_str(out, result);
	}
	as_text_str(out, "\"}");
	value(out, n);
}

static void
write_clients(const struct clients *clients, struct as_text *out)
{
	const struct service *service = clients->service;

	head(out, "tmail_serve_queries_total", "counter", "Queries answered.");
	for (size_t i = 0; i < KIND_COUNT; i++)
		for (size_t j = 0; j < RESULT_COUNT; j++)
			sample(out, "tmail_serve_queries_total", kind_names[i], results[j],
			    service->queries[i][j]);
	head(out, "tmail_serve_protocol_errors_total", "counter",
	    "Connections closed since a request was wrong or late.");
	for (size_t i = 0; i < KIND_COUNT; i++)
		sample(out, "tmail_serve_protocol_errors_total", kind_names[i], NULL,
		    service->broken[i]);
	head(out, "tmail_serve_connections", "gauge", "Open connections.");
	for (size_t i = 0; i < KIND_COUNT; i++)
		sample(out, "tmail_serve_connections", kind_names[i], NULL, clients->counts[i]);
	single(out, "tmail_serve_connections_closed_idle_total", "counter",
	    "Connections closed since they were idle.", clients->closed_idle);
}

static void
write_index(const struct handle *handle, struct as_text *out)
{
	time_t now = time(NULL);

	head(out, "tmail_serve_index_info", "gauge", "The configuration that answers.");
	as_text_str(out, "tmail_serve_index_info{digest=\"");
	as_text_str(out, handle->digest);
	as_text_str(out, "\"} 1\n");
	single(out, "tmail_serve_index_age_seconds", "gauge", "Since the index that answers was written.",
	    now > handle->made ? (uint64_t)(now - handle->made) : 0);
	single(out, "tmail_serve_index_stale", "gauge",
	    "1 while a newer index cannot be used and an old one answers.", handle->bad);
	single(out, "tmail_serve_refreshes_total", "counter", "New indexes taken.",
	    handle->refreshes);
	single(out, "tmail_serve_refreshes_refused_total", "counter",
	    "New indexes that were bad or gone.", handle->refused);
}

void
metrics_write(const struct clients *clients, int64_t now, struct as_text *out)
{
	int64_t oldest = clients_oldest(clients, now);
	char text[32];

	write_clients(clients, out);
	head(out, "tmail_serve_oldest_wait_seconds", "gauge",
	    "How long the oldest unfinished request or answer has been waiting.");
	snprintf(text, sizeof(text), "%" PRId64 ".%03d", oldest / 1000, (int)(oldest % 1000));
	as_text_str(out, "tmail_serve_oldest_wait_seconds ");
	as_text_str(out, text);
	as_text_str(out, "\n");
	write_index(&clients->service->handle, out);
	single(out, "tmail_serve_log_lines_dropped_total", "counter",
	    "Lines that the log did not take.", journal_dropped());
}

static bool
write_all(int fd, const struct as_text *text)
{
	size_t done = 0;

	while (done < text->len) {
		ssize_t n = write(fd, text->ptr + done, text->len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	return true;
}

/* The collector reads the file at any time: it is replaced, never written. */
bool
metrics_save(const struct clients *clients, int64_t now, const char *path)
{
	char buf[METRICS_SIZE], temporary[PATH_MAX];
	struct as_text text = {buf, 0, sizeof(buf), false};
	bool good;
	int fd;

	metrics_write(clients, now, &text);
	if ((size_t)snprintf(temporary, sizeof(temporary), "%s.new", path) >= sizeof(temporary))
		return false;
	unlink(temporary);
	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, MODE);
	good = fd >= 0 && fchmod(fd, MODE) == 0 && write_all(fd, &text);
	if (fd >= 0 && close(fd) != 0)
		good = false;
	if (good && rename(temporary, path) == 0)
		return true;
	journal_warn("event=metrics-failed level=warning file=%s reason=\"%s\"", journal_value(path).text,
	    strerror(errno));
	if (fd >= 0)
		unlink(temporary);
	return false;
}
