#include "conf/value.h"

#include "text/edit.h"
#include "text/quote.h"

bool
value_unquote(struct conf *conf, const struct source *source, struct item item, struct slice *text)
{
	const char *flaw = quote_undo(&conf->arena,
	    slice(source_text(source, item.pos), item_length(item)), text);
	struct diagnostic *d;
	uint32_t at;

	if (flaw == NULL)
		return true;
	at = source_pos(source, flaw);
	d = diagnose(&conf->diagnostics, span(at, at + 2), SLUG_BAD_ESCAPE,
	    "no such escape in a string");
	diagnostic_help(&conf->diagnostics, d, "the escapes are \\\", \\\\, \\t and \\xHH");
	return false;
}

struct span
value_part(const struct source *source, struct item item, struct slice text, struct slice part)
{
	uint32_t begin = item.pos + (uint32_t)(part.ptr - text.ptr);

	(void)source;
	if ((item_flags(item) & ITEM_QUOTED) != 0)
		return item_span(item);
	return span(begin, begin + (uint32_t)part.len);
}

struct span
value_keyword(const struct source *source, uint32_t pos)
{
	uint32_t end = edit_word_end(source, pos);
	const char *p = source_text(source, end);

	while (p > source->text && ((p[-1] >= 'a' && p[-1] <= 'z') || p[-1] == '-'))
		p--;
	return span(source_pos(source, p), end);
}

bool
value_has_control(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7f)
			return true;
	return false;
}

bool
value_path(struct conf *conf, const struct source *source, struct item item, struct slice *path)
{
	if (!value_text(conf, source, item, path))
		return false;
	if (path->len > 0 && !value_has_control(*path))
		return true;
	diagnose(&conf->diagnostics, item_span(item), SLUG_BAD_PATH,
	    path->len == 0 ? "the path is empty" : "a path holds no control bytes");
	return false;
}
