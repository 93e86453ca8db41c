/* halves.c - a large file is parsed from its start and from its middle at once. */
#include "base/chunk.h"
#include "compiler/parallel.h"
#include "compiler/parse.h"

enum { LARGE = 4 * 1024 * 1024 };

/* What a thread writes to lies in its own half: diagnostics are large. */
struct half {
	struct parse parse;
	struct stmts stmts;
	struct diagnostics diagnostics;
	struct slice text;
};

/* Line ends from p to end, which is the start of a line itself. */
static uint32_t
count_lines(const char *p, const char *end)
{
	unsigned n = 0;

	for (; end - p >= CHUNK_SIZE; p += CHUNK_SIZE)
		n += (unsigned)__builtin_popcount(chunk_equal(chunk_load(p), '\n'));
	for (; p < end; p++)
		n += *p == '\n';
	return n;
}

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

	parse_part(&half->parse, half->text,
	    1 + count_lines(half->parse.source->text, half->text.ptr));
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
	const char *cut = source->size < LARGE ? NULL : middle(source);
	struct half a, b;
	bool clean;

	if (cut == NULL)
		return false;
	half_init(&a, source, source->text, cut, first->seed);
	half_init(&b, source, cut, source->text + source->size, second->seed);
	parallel(LARGE, parse_half, &a, parse_half, &b);
	source->lines = b.parse.lexer.line;
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
