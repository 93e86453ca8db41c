#include "smtp/offers.h"

#include <string.h>
#include <strings.h>

#include "smtp/sasl.h"

#define BLANK " \t"

/* "PLAIN LOGIN" */
static void
see_mechanisms(struct offers *offers, const char *list)
{
	enum mechanism mechanism;
	size_t len;

	offers->auth = true;
	for (list += strspn(list, BLANK); *list != '\0'; list += strspn(list, BLANK)) {
		len = strcspn(list, BLANK);
		mechanism = sasl_find(list, len);
		if (mechanism != MECHANISM_COUNT)
			offers->mechanisms |= 1U << mechanism;
		list += len;
	}
}

static bool
is(const char *line, size_t len, const char *keyword)
{
	return strlen(keyword) == len && strncasecmp(line, keyword, len) == 0;
}

void
offers_see(void *arg, int code, const char *line)
{
	struct offers *offers = arg;
	/* "AUTH=LOGIN" is how some servers spelt it before there was a standard. */
	size_t len = strcspn(line, BLANK "=");

	if (code != 250)
		return;
	offers->starttls |= is(line, len, "STARTTLS");
	offers->pipelining |= is(line, len, "PIPELINING");
	offers->chunking |= is(line, len, "CHUNKING");
	offers->eight_bit |= is(line, len, "8BITMIME");
	offers->smtputf8 |= is(line, len, "SMTPUTF8");
	offers->size |= is(line, len, "SIZE");
	if (is(line, len, "AUTH"))
		see_mechanisms(offers, line + len + (line[len] == '='));
}
