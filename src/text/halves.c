/* halves.c - a large file is parsed from its start and from its middle at once. */
#include "store/parallel.h"
#include "text/parse.h"

/* What the fuzzer makes up is smaller. */
#ifndef LARGE_FILE
#define LARGE_FILE (1024 * 1024)
#endif

/* What a thread writes to lies in its own half: diagnostics are large. */
struct half {
	struct parse parse;
	struct stmts stmts;
	struct diagnostics diagnostics;
	struct slice text;
};

/* The start of a line near the middle; NULL: no line ends there that surely ends. */
static const char *
middle(const struct source *source)
{
	const char *end = source->text + source->size, *p = source->text + source->size / 2;

	while (p < end) {
		const char *newline = memchr(p, '\n', (size_t)(end - p)), *last;

		if (newline == NULL || newline + 1 == end)
			return NULL;
		last = newline[-1] == '\r' ? newline - 2 : newline - 1;
		if (*last != '\\')
			return newline + 1;
		p = newline + 1;
	}
	return NULL;
}

static void
half_init(struct half *half, struct source *source, const char *begin, const char *end,
    uint64_t seed)
{
	*half = (struct half){.text = slice(begin, (size_t)(end - begin))};
	half->parse.source = source;
	half->parse.diagnostics = &half->diagnostics;
	half->parse.stmts = &half->stmts;
	half->stmts.seed = seed;
}

static void
parse_half(void *arg)
{
	struct half *half = arg;

	parse_part(&half->parse, half->text);
}

static bool
is_clean(struct half *half)
{
	bool clean = half->diagnostics.count[SEVERITY_ERROR] == 0 &&
	    half->diagnostics.count[SEVERITY_WARNING] == 0;

	diagnostics_release(&half->diagnostics);
	return clean;
}

bool
parse_halves(struct source *source, struct stmts *first, struct stmts *second)
{
	const char *cut = source->size < LARGE_FILE ? NULL : middle(source);
	struct half a, b;
	bool clean;

	if (cut == NULL)
		return false;
	half_init(&a, source, source->text, cut, first->seed);
	half_init(&b, source, cut, source->text + source->size, second->seed);
	parallel(LARGE_FILE, parse_half, &a, parse_half, &b);
	b.stmts.lines_before = a.parse.lexer.line - 1;
	source->lines = b.stmts.lines_before + b.parse.lexer.line;
	clean = is_clean(&a);
	clean &= is_clean(&b);
	if (clean) {
		*first = a.stmts;
		*second = b.stmts;
	} else {
		stmts_release(&a.stmts);
		stmts_release(&b.stmts);
	}
	return clean;
}
