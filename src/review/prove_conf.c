/* prove_conf.c - all that a configuration expects of itself. */
#include <stdlib.h>

#include "program/say.h"
#include "review/prove.h"
#include "runtime/index.h"
#include "store/parallel.h"

/* The expectations of a configuration, which of them fail: by number. */
struct proving {
	const struct tmail_routes *routes;
	const struct conf *conf;
	bool *failed;
};

static void
prove_block(void *arg, size_t begin, size_t end)
{
	const struct proving *p = arg;
	struct verdict verdict = {0};

	for (size_t i = begin; i < end; i++) {
		prove(p->routes, &p->conf->expectations[i], &verdict);
		p->failed[i] = !verdict.passed;
	}
	verdict_release(&verdict);
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
