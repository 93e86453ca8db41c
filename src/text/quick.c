#include "text/quick.h"

/* Whether bare words hold it; those that hold more than ASCII are not read here. */
static bool
is_bare(char c)
{
	/* Letters, digits, and ! $ % & * + , - . / : < = > @ [ ] _ | ~ */
	static const uint64_t bare[4] = {UINT64_C(0x77fffc7200000000), UINT64_C(0x57fffffeafffffff)};
	unsigned char byte = (unsigned char)c;

	return (bare[byte >> 6] >> (byte & 63) & 1) != 0;
}

/* Writes the route at p; the start of the next line, or NULL: it is none of these. */
static const char *
read_route(struct parse *parse, const char *p)
{
	const char *begin = p, *id, *id_end, *to, *to_end, *via, *end;
	bool plain;

	if (memcmp(p, "route ", 6) != 0)
		return NULL;
	for (id = p += 6; *p >= '0' && *p <= '9'; p++)
		;
	id_end = p;
	if (id_end > id && *p++ != ' ')
		return NULL;
	if (memcmp(p, "to ", 3) != 0)
		return NULL;
	to = p + 3;
	to_end = lexer_plain_end(to);
	/* Not `any`, and no IPv4 address: see WORD_PLAIN. */
	if (to_end == NULL || to_end - to < 4 || to_end[-1] <= '9' ||
	    memcmp(to_end, " via ", 5) != 0)
		return NULL;
	via = to_end + 5;
	end = lexer_plain_end(via);
	plain = end != NULL && !is_bare(*end);
	for (end = end == NULL ? via : end; is_bare(*end); end++)
		;
	p = end + (*end == '\r');
	if (*p != '\n' || end == via || end - via > WORD_LENGTH_MAX ||
	    !stmts_plain(parse->stmts, source_pos(parse->source, begin), parse->lexer.line,
		slice(id, (size_t)(id_end - id)), slice(to, (size_t)(to_end - to)),
		slice(via, (size_t)(end - via)), plain))
		return NULL;
	parse->lexer.last = end;
	return p + 1;
}

/* Where the rest of a word ends, behind p, which commas end. */
static const char *
pattern_end(const char *p)
{
	while (is_bare(*p) && *p != ',')
		p++;
	return p;
}

/* The end of a word that begins with the bytes of an address; NULL: it is none. */
static const char *
address_end(const char *p)
{
	unsigned ats = 0;

	for (;; p += CHUNK_SIZE) {
		CHUNK chunk = chunk_load(p);
		unsigned at = chunk_equal(chunk, '@');
		unsigned ends = ~(chunk_domain(chunk) | at) & ((1u << CHUNK_SIZE) - 1);

		ats |= at & (ends - 1) & ~ends;
		if (ends != 0)
			return ats != 0 ? pattern_end(p + __builtin_ctz(ends)) : NULL;
	}
}

static const char *
put(struct parse *parse, unsigned role, unsigned flags, const char *p, const char *end)
{
	stmts_item(parse->stmts, role, flags, source_pos(parse->source, p),
	    slice(p, (size_t)(end - p)));
	return end;
}

/* A host or a name, one alone; where it ends, or NULL: it is not read here. */
static const char *
read_host(struct parse *parse, unsigned role, const char *p)
{
	const char *end = lexer_plain_end(p);

	if (end == NULL || is_bare(*end)) {
		end = pattern_end(p);
		return end == p ? NULL : put(parse, role, 0, p, end);
	}
	/* Not `any`, and no IPv4 address: see WORD_PLAIN. */
	return end - p < 4 || end[-1] <= '9' ? NULL : put(parse, role, ITEM_PLAIN, p, end);
}

/* The same of a selector's value. */
static const char *
read_address(struct parse *parse, unsigned role, const char *p)
{
	const char *end = address_end(p);

	return end == NULL ? read_host(parse, role, p) : put(parse, role, 0, p, end);
}

/* The same of an option's. */
static const char *
read_value(struct parse *parse, unsigned role, const char *p)
{
	const char *end = lexer_plain_end(p);

	return end == NULL || is_bare(*end) ? NULL : put(parse, role, ITEM_PLAIN, p, end);
}

/* What is expected, behind p. */
static const char *
read_outcome(struct parse *parse, const char *p)
{
	if (memcmp(p, " via ", 5) == 0)
		return read_host(parse, ITEM_WANTED, p + 5);
	if (memcmp(p, " first ", 7) == 0)
		return read_host(parse, ITEM_WANTED_FIRST, p + 7);
	return NULL;
}

/* The words behind "expect to "; where they end. */
static const char *
read_mail(struct parse *parse, const char *p)
{
	p = read_address(parse, ITEM_TO, p);
	if (p != NULL && memcmp(p, " user ", 6) == 0)
		p = read_address(parse, ITEM_USER, p + 6);
	if (p != NULL && memcmp(p, " from ", 6) == 0)
		p = read_address(parse, ITEM_FROM, p + 6);
	if (p != NULL)
		p = read_outcome(parse, p);
	if (p != NULL && memcmp(p, " tls ", 5) == 0)
		p = read_value(parse, ITEM_OPTION + OPTION_TLS, p + 5);
	return p;
}

/* The same of an expectation. */
static const char *
read_expect(struct parse *parse, const char *p)
{
	struct stmts *stmts = parse->stmts;
	const char *end, *next;

	if (memcmp(p, "expect to ", 10) != 0)
		return NULL;
	stmts_open(stmts, STATEMENT_EXPECT, source_pos(parse->source, p), parse->lexer.line);
	end = read_mail(parse, p + 10);
	next = end == NULL ? p : end + (*end == '\r');
	if (*next != '\n' || next - p > WORD_LENGTH_MAX) {
		stmts_drop(stmts);
		return NULL;
	}
	stmts_close(stmts, false);
	parse->lexer.last = end;
	return next + 1;
}

static const char *
read_line(struct parse *parse, const char *p)
{
	const char *next = read_route(parse, p);

	return next != NULL ? next : read_expect(parse, p);
}

bool
quick_read(struct parse *parse)
{
	const char *begin = parse->lexer.cursor, *p = begin, *next;

	while (p < parse->stop && (next = read_line(parse, p)) != NULL) {
		parse->lexer.line++;
		p = next;
	}
	parse->lexer.cursor = p;
	if (p != begin)
		parse->carried = false;
	return p != begin;
}
