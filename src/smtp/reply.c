#include "smtp/reply.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/status_code.h"

#define LINE_LIMIT (64 * 1024)
#define LINES_LIMIT 1000

/* One line as it comes: its beginning is kept, the rest is counted. */
struct line {
	char text[REPLY_RAW_MAX];
	size_t kept;
	size_t length;
	bool whole;
};

static void
append(struct line *line, const char *data, size_t len)
{
	size_t room = sizeof(line->text) - 1 - line->kept;
	size_t n = len < room ? len : room;

	memcpy(line->text + line->kept, data, n);
	line->kept += n;
	line->length += len;
}

/* Takes from the input as much of the line as is there. */
static void
take_input(struct wire *wire, struct line *line)
{
	const char *from = wire->input + wire->begin;
	size_t len = wire->end - wire->begin;
	const char *end = memchr(from, '\n', len);

	line->whole = end != NULL;
	if (end != NULL)
		len = (size_t)(end - from);
	append(line, from, len);
	wire->begin += len + line->whole;
}

static enum wire_io
read_line(struct wire *wire, struct line *line, int64_t deadline)
{
	enum wire_io io;
	size_t i;

	line->kept = line->length = 0;
	line->whole = false;
	while (!line->whole && line->length <= LINE_LIMIT) {
		if (wire->begin == wire->end) {
			io = wire_fill(wire, deadline);
			if (io != WIRE_OK)
				return io;
		}
		take_input(wire, line);
	}
	while (line->kept > 0 && line->text[line->kept - 1] == '\r')
		line->kept--;
	line->text[line->kept] = '\0';
	for (i = 0; i < line->kept; i++)
		if (line->text[i] == '\0')
			line->text[i] = '?';
	return WIRE_OK;
}

/* The code, and whether more lines follow; false: no line of a reply. */
static bool
read_code(const struct line *line, int *code, bool *last)
{
	const char *text = line->text;

	if (line->length > LINE_LIMIT || !isdigit((unsigned char)text[0]) ||
	    !isdigit((unsigned char)text[1]) || !isdigit((unsigned char)text[2]) ||
	    (text[3] != '\0' && text[3] != ' ' && text[3] != '-'))
		return false;
	*code = (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
	*last = text[3] != '-';
	return true;
}

/* Joins a line's text to the others; the enhanced status code that all bear stands once. */
static void
join(char *raw, const char *text)
{
	size_t used = strlen(raw), len = status_code(slice_str(text));

	if (used > 0 && len > 0 && strncmp(raw, text, len) == 0 &&
	    (raw[len] == ' ' || raw[len] == '\0')) {
		text += len;
		text += *text == ' ';
	}
	if (*text != '\0')
		snprintf(raw + used, REPLY_RAW_MAX - used, "%s%s", used == 0 ? "" : " ", text);
}

static void
no_reply(struct reply *reply)
{
	reply->code = 0;
	reply->raw[0] = '\0';
	snprintf(reply->text, sizeof(reply->text), "no SMTP reply");
}

enum wire_io
reply_read(struct reply *reply, struct wire *wire, const struct secrets *secrets,
    const struct reply_lines *lines, int64_t deadline)
{
	struct line line;
	enum wire_io io;
	bool last = false;
	unsigned n;

	reply->code = 0;
	reply->raw[0] = reply->text[0] = '\0';
	for (n = 0; !last; n++) {
		io = read_line(wire, &line, deadline);
		if (io != WIRE_OK)
			return io;
		if (n == LINES_LIMIT || !read_code(&line, &reply->code, &last)) {
			no_reply(reply);
			return WIRE_OK;
		}
		if (line.kept <= 4)
			continue;
		join(reply->raw, line.text + 4);
		if (lines != NULL)
			lines->see(lines->arg, reply->code, line.text + 4);
	}
	secrets_show(secrets, reply->raw, reply->text, sizeof(reply->text));
	return WIRE_OK;
}
