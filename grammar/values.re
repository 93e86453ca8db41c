/*
 * What stands inside a word, cut into its parts; nothing is judged here.
 *
 * Texts are slices: a byte of zero is read behind their end, and no rule takes
 * one, so that a text with such a byte is matched up to there only.
 */
#include "text/values.h"

#include "base/status_code.h"

/*!re2c
	re2c:api = custom;
	re2c:api:style = free-form;
	re2c:define:YYCTYPE = "unsigned char";
	re2c:define:YYPEEK = "(i < text.len ? (unsigned char)text.ptr[i] : 0)";
	re2c:define:YYSKIP = "i++;";
	re2c:define:YYBACKUP = "marker = i;";
	re2c:define:YYRESTORE = "i = marker;";
	re2c:define:YYSTAGP = "@@{tag} = i;";
	re2c:define:YYSTAGN = "@@{tag} = 0;";
	re2c:define:YYSHIFT = "i += (size_t)@@{shift};";
	re2c:define:YYSHIFTSTAG = "@@{tag} += (size_t)@@{shift};";
	re2c:flags:tags = 1;
	re2c:yyfill:enable = 0;

	any = [^\x00];
	part = [^\x00:];
	digit = [0-9];
	hex = [0-9A-Fa-f];
*/

static struct slice
behind(struct slice text, size_t at)
{
	return slice(text.ptr + at, text.len - at);
}

/* Words that mean no host; false: it is none. */
static bool
read_special(struct slice text, struct hop_word *word)
{
	size_t i = 0;

	/*!re2c
	"mx" {
		if (i == text.len)
			word->kind = HOP_WORD_MX;
		return i == text.len;
	}
	"mx:" {
		word->kind = HOP_WORD_MX_OF;
		word->host = behind(text, i);
		return true;
	}
	"@" {
		word->kind = HOP_WORD_RELAY;
		word->host = behind(text, i);
		return true;
	}
	* { return false; }
	*/
}

struct hop_word
hop_word(struct slice text, bool special)
{
	struct hop_word word = {.kind = HOP_WORD_HOST, .host = text};
	size_t i = 0, marker = 0, at = 0;
	/*!stags:re2c format = "size_t @@ = 0;"; */

	if (special && read_special(text, &word))
		return word;
	/*!re2c
	"[" [^\x00\]]* "]" @at any* {
		word.kind = HOP_WORD_BRACKETS;
		word.host = slice(text.ptr + 1, at - 2);
		word.rest = behind(text, at);
		if (word.rest.len > 0 && word.rest.ptr[0] == ':')
			word.port = behind(text, at + 1);
		return word;
	}
	"[" [^\x00\]]* {
		word.kind = HOP_WORD_OPEN;
		return word;
	}
	part* ":" @at part* {
		word.host.len = at - 1;
		word.port = behind(text, at);
		return word;
	}
	part* ":" part* ":" any* {
		word.kind = HOP_WORD_COLONS;
		return word;
	}
	* { return word; }
	*/
}

/* HOST[:PORT] behind the first ':' and slashes, and behind the last '@'. */
static void
cut_foreign(struct slice text, struct foreign_hop *hop)
{
	const char *colon = memchr(text.ptr, ':', text.len), *at = memrchr(text.ptr, '@', text.len);
	struct hop_word word;
	size_t from = 0;

	if (hop->kind != FOREIGN_LOGIN) {
		hop->scheme = slice(text.ptr, (size_t)(colon - text.ptr));
		from = hop->scheme.len + 1 + (hop->kind == FOREIGN_URL ? 2 : 0);
		text.len -= text.ptr[text.len - 1] == '/';
	}
	if (at != NULL)
		from = (size_t)(at + 1 - text.ptr);
	word = hop_word(behind(text, from), false);
	hop->host = word.host;
	hop->port = word.port;
	hop->login = at != NULL;
}

struct foreign_hop
foreign_hop(struct slice text)
{
	struct foreign_hop hop = {.kind = FOREIGN_NONE};
	const char *colon;
	size_t i = 0, marker = 0, to = 0;
	/*!stags:re2c format = "size_t @@ = 0;"; */

	/*!re2c
	end = [\x00];
	word = [A-Za-z] [A-Za-z0-9+-]*;
	namechar = [^\x00:/,@[\]];
	name = namechar+;
	host = name | "[" [^\x00\]]* "]";
	port = ":" [A-Za-z0-9]+;
	user = [^\x00/@]+ "@";

	name ":" [0-9]+ end { return hop; }
	("error" | "reject" | "discard" | "defer" | "retry" | "hold") ":" any* end? {
		hop.kind = FOREIGN_REPLY;
		hop.scheme = slice(text.ptr, (size_t)((const char *)memchr(text.ptr, ':', text.len) - text.ptr));
		return hop;
	}
	word "://" user? host port? "/"? end { hop.kind = FOREIGN_URL; goto cut; }
	word ":" (host port | name "." namechar* | "[" [^\x00\]]* "]") end {
		hop.kind = FOREIGN_TRANSPORT;
		goto cut;
	}
	user host port? end { hop.kind = FOREIGN_LOGIN; goto cut; }
	name @to "/" [Mm] [Xx] ("::" [0-9]+)? end { hop.kind = FOREIGN_MX; goto split; }
	name @to "::" [0-9]+ end { hop.kind = FOREIGN_PORT; goto split; }
	[^\x00,|&]* [,|&] any* {
		hop.kind = FOREIGN_SEVERAL;
		hop.host = text;
		return hop;
	}
	* { return hop; }
	*/
split:
	hop.host = slice(text.ptr, to);
	colon = memrchr(text.ptr, ':', text.len);
	if (colon != NULL)
		hop.port = behind(text, (size_t)(colon + 1 - text.ptr));
	return hop;
cut:
	cut_foreign(text, &hop);
	return hop;
}

size_t
status_code(struct slice text)
{
	size_t i = 0, marker = 0;

	/*!re2c
	digit ("." digit{1,3}){2} { return i == text.len || text.ptr[i] == ' ' ? i : 0; }
	* { return 0; }
	*/
}

struct rate_word
rate_word(struct slice text)
{
	struct rate_word word = {.unit = '\0'};
	size_t i = 0, marker = 0;

	/*!re2c
	digit+ "/" [smh] {
		if (i != text.len)
			return word;
		word.number = slice(text.ptr, i - 2);
		word.unit = text.ptr[i - 1];
		return word;
	}
	* { return word; }
	*/
}

size_t
reply_code(struct slice text)
{
	size_t i = 0, marker = 0;

	/*!re2c
	[45] [0-5] digit [ -]+ { return i; }
	* { return 0; }
	*/
}

static int
hex_digit(char c)
{
	return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

size_t
escape_read(struct slice text, char *byte)
{
	size_t i = 0, marker = 0;

	*byte = text.len > 0 ? text.ptr[0] : '\0';
	/*!re2c
	["\\] { return i; }
	"t" {
		*byte = '\t';
		return i;
	}
	"x" hex{2} {
		*byte = (char)(hex_digit(text.ptr[1]) << 4 | hex_digit(text.ptr[2]));
		return i;
	}
	* { return 0; }
	*/
}

size_t
word_gap(struct slice text)
{
	size_t i = 0, marker = 0;

	/*!re2c
	([ \t] | "\\" "\r"? "\n")+ { return i; }
	* { return 0; }
	*/
}
