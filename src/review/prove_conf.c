/* prove_conf.c - all that a configuration expects of itself. */
#include <stdlib.h>

#include "program/say.h"
#include "review/prove.h"
#include "runtime/fetch.h"
#include "store/parallel.h"

/* So many mails are asked for at once, so that they wait for memory together. */
enum { TOGETHER = 32 };

/* The expectations of a configuration, which of them fail: by number. */
struct proving {
	const struct tmail_routes *routes;
	const struct conf *conf;
	bool *failed;
};

/* Fetches what stands in files, at which nobody looked since they were read. */
static void
fetch_words(const struct expectation *e, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		__builtin_prefetch(e[i].to.ptr);
		__builtin_prefetch(e[i].to.ptr + e[i].to.len);
		if (e[i].count > 0)
			__builtin_prefetch(e[i].wanted->name.ptr);
	}
}

static void
prove_together(const struct proving *p, struct verdict *verdicts, size_t begin, size_t count)
{
	const struct expectation *e = p->conf->expectations + begin;
	struct probe probes[TOGETHER];

	for (size_t i = 0; i < count; i++)
		fetch_filter(p->routes, e[i].to, &probes[i]);
	for (size_t i = 0; i < count; i++)
		fetch_line(p->routes, &probes[i]);
	for (size_t i = 0; i < count; i++) {
		prove_ask(p->routes, &e[i], &verdicts[i]);
		if (verdicts[i].matched)
			fetch_route(p->routes, &verdicts[i].match);
	}
	for (size_t i = 0; i < count; i++) {
		prove_judge(p->routes, &e[i], &verdicts[i]);
		p->failed[begin + i] = !verdicts[i].passed;
	}
}

static size_t
together(size_t begin, size_t end)
{
	return end - begin < TOGETHER ? end - begin : TOGETHER;
}

static void
prove_block(void *arg, size_t begin, size_t end)
{
	const struct proving *p = arg;
	const struct expectation *list = p->conf->expectations;
	struct verdict verdicts[TOGETHER] = {0};

	fetch_words(list + begin, together(begin, end));
	for (size_t i = begin, next; i < end; i = next) {
		next = i + together(i, end);
		fetch_words(list + next, together(next, end));
		prove_together(p, verdicts, i, next - i);
	}
	for (size_t i = 0; i < TOGETHER; i++)
		verdict_release(&verdicts[i]);
}

/* Asks all at once and then, in their order, what the mails of those that fail get. */
static bool
prove_all(const struct tmail_routes *routes, struct conf *conf)
{
	enum { BLOCK = 4096 };
	struct proving p = {routes, conf, mem_zero(conf->expectation_count, sizeof(bool))};
	struct verdict verdict = {0};
	bool good = true;

	parallel_blocks(conf->expectation_count, BLOCK, prove_block, &p);
	for (size_t i = 0; i < conf->expectation_count; i++) {
		if (!p.failed[i])
			continue;
		good = false;
		prove(routes, &conf->expectations[i], &verdict);
		verdict_diagnose(routes, &verdict, &conf->model, &conf->diagnostics);
	}
	verdict_release(&verdict);
	free(p.failed);
	return good;
}

bool
prove_conf(struct conf *conf, struct image *given)
{
	struct image own = {0}, *image = given == NULL ? &own : given;
	struct tmail_routes *routes = NULL;
	bool good;

	if (conf->expectation_count == 0)
		return true;
	if (given == NULL && !image_build(conf, image)) {
		cli_say("the index would be too large");
		return false;
	}
	image_readable(image);
	if (index_attach(image->bytes, image->size, &routes) != TMAIL_OK)
		mem_exhausted();
	good = prove_all(routes, conf);
	tmail_routes_close(routes);
	image_release(&own);
	return good;
}
