#include "answer/question.h"

#include "base/fold.h"
#include "base/utf8.h"
#include "store/memory.h"

static struct tmail_slice
given(struct slice text)
{
	return (struct tmail_slice){text.len == 0 ? NULL : text.ptr, text.len};
}

/* "<bob@example.org>" as in RCPT TO; "<>" says something by itself. */
static struct tmail_slice
without_brackets(struct tmail_slice text)
{
	if (text.len > 2 && text.ptr[0] == '<' && text.ptr[text.len - 1] == '>')
		return (struct tmail_slice){text.ptr + 1, text.len - 2};
	return text;
}

void
question_of_words(struct question *question, struct slice to, struct slice login,
    struct slice sender)
{
	*question = (struct question){
	    .given = {.recipient = {to.ptr, to.len}, .login = given(login), .sender = given(sender)}};
	question->query = question->given;
	question->query.recipient = without_brackets(question->given.recipient);
	question->query.sender = without_brackets(question->given.sender);
}

/* The next field of a line, whose rest is absent behind the last one. */
static struct slice
take_field(struct slice *line)
{
	const char *tab = line->len == 0 ? NULL : memchr(line->ptr, '\t', line->len);
	struct slice field = *line;

	if (tab == NULL) {
		*line = slice(NULL, 0);
		return field;
	}
	field.len = (size_t)(tab - line->ptr);
	*line = slice(tab + 1, line->len - field.len - 1);
	return field;
}

/* The last blank that stands outside of a quoted local part; NULL: there is none. */
static const char *
last_blank(struct slice text)
{
	const char *blank = NULL;
	bool quoted = false;

	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '\\')
			i++;
		else if (text.ptr[i] == '"')
			quoted = !quoted;
		else if (text.ptr[i] == ' ' && !quoted)
			blank = text.ptr + i;
	}
	return blank;
}

static bool
is_padded(struct slice field)
{
	return field.len > 0 && (field.ptr[0] == ' ' || field.ptr[field.len - 1] == ' ');
}

/* Whether a sender stands behind a blank: a login itself may have some inside. */
static bool
has_sender(struct slice login)
{
	const char *blank = last_blank(login);

	return blank != NULL && (blank[1] == '<' ||
	    memchr(blank, '@', (size_t)(login.ptr + login.len - blank)) != NULL);
}

/* With both TABs there a blank inside the recipient is its own, as a delivery would have it. */
static bool
has_gaps(struct slice to, struct slice login, struct slice sender)
{
	if (is_padded(to) || is_padded(login) || last_blank(sender) != NULL)
		return true;
	return sender.ptr == NULL && (last_blank(to) != NULL || has_sender(login));
}

/* "x@y>": one of a pair was lost on the way. */
static bool
has_bracket(struct tmail_slice to)
{
	return to.len > 2 && to.ptr[0] != '"' && (to.ptr[0] == '<' || to.ptr[to.len - 1] == '>');
}

void
question_of_line(struct question *question, struct slice line)
{
	struct slice to = take_field(&line), login = take_field(&line);
	struct slice sender = take_field(&line);

	question_of_words(question, to, login, sender);
	if (line.ptr != NULL)
		question->fault = "a fourth field";
	else if (has_gaps(to, login, sender))
		question->fault = "blanks where TABs belong";
	else if (has_bracket(question->query.recipient))
		question->fault = "a bracket too few";
}

bool
question_has_recipient(const struct question *question)
{
	struct slice to = slice(question->query.recipient.ptr, question->query.recipient.len);
	struct folded folded;

	if (fold_at(to) == 0 || mem_folded(fold_address(to, &folded)) == FOLD_BAD)
		return false;
	for (const char *p = to.ptr, *end = p + to.len; p < end;) {
		uint32_t c;

		p = utf8_next(p, end, &c);
		if (utf8_hostile(c) ||
		    (to.ptr[0] != '"' && c < 0x80 && strchr(" <>", (int)c) != NULL))
			return false;
	}
	return true;
}
