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
read_line(struct parse *parse, const char *p)
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
