#include "smtp/transcript.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Masking shorter ones would hide half of every reply for nothing. */
#define SECRET_MIN 4

void
transcript_init(struct transcript *transcript, const char *password)
{
	memset(transcript, 0, sizeof(*transcript));
	transcript->stage = STAGE_CONNECT;
	transcript->password = password;
}

void
transcript_release(struct transcript *transcript)
{
	size_t i;

	for (i = 0; i < transcript->secret_count; i++)
		free(transcript->secrets[i]);
}

static size_t
without_end(const char *line, size_t len)
{
	while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r'))
		len--;
	return len;
}

static bool
starts(const char *line, size_t len, const char *word)
{
	size_t n = strlen(word);

	return len >= n && strncasecmp(line, word, n) == 0 &&
	    (len == n || line[n] == ' ' || line[n] == '=');
}

static void
keep_secret(struct transcript *transcript, const char *line, size_t len)
{
	if (len < SECRET_MIN || transcript->secret_count == TRANSCRIPT_SECRETS)
		return;
	transcript->secrets[transcript->secret_count] = strndup(line, len);
	if (transcript->secrets[transcript->secret_count] != NULL)
		transcript->secret_count++;
}

/* "AUTH PLAIN AGpvZQBz...": the mechanism, and perhaps a first secret. */
static void
auth_sent(struct transcript *transcript, const char *line, size_t len)
{
	const char *word = line + 5, *end = memchr(word, ' ', len - 5);
	size_t n = (size_t)((end == NULL ? line + len : end) - word);

	snprintf(transcript->mechanism, sizeof(transcript->mechanism), "%.*s", (int)n, word);
	if (end != NULL)
		keep_secret(transcript, end + 1, (size_t)(line + len - end - 1));
}

static enum stage
stage_of(const struct transcript *transcript, const char *line, size_t len)
{
	if (starts(line, len, "EHLO") || starts(line, len, "HELO"))
		return STAGE_EHLO;
	if (starts(line, len, "STARTTLS"))
		return STAGE_STARTTLS;
	if (starts(line, len, "AUTH"))
		return STAGE_AUTH;
	return transcript->stage;
}

void
transcript_sent(struct transcript *transcript, const char *line, size_t len)
{
	len = without_end(line, len);
	if (starts(line, len, "AUTH") && len > 5)
		auth_sent(transcript, line, len);
	else if (transcript->stage == STAGE_AUTH)
		keep_secret(transcript, line, len);
	if (transcript->refused)
		return;
	transcript->stage = stage_of(transcript, line, len);
	transcript->code = 0;
	transcript->text[0] = '\0';
	transcript->continued = false;
	if (transcript->stage == STAGE_EHLO) {
		transcript->offers_8bitmime = false;
		transcript->offers_smtputf8 = false;
		transcript->offers_size = false;
	}
}

bool
reply_line(const char *line, size_t len, int *code, char *text, bool *last)
{
	size_t used = strlen(text);

	len = without_end(line, len);
	if (len < 3 || !isdigit((unsigned char)line[0]) || !isdigit((unsigned char)line[1]) ||
	    !isdigit((unsigned char)line[2]))
		return false;
	if (len > 3 && line[3] != ' ' && line[3] != '-')
		return false;
	*code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
	*last = len == 3 || line[3] == ' ';
	if (len > 4)
		snprintf(text + used, OUTCOME_TEXT_MAX - used, "%s%.*s", used == 0 ? "" : " ",
		    (int)(len - 4), line + 4);
	return true;
}

void
transcript_received(struct transcript *transcript, const char *line, size_t len)
{
	bool last;

	if (transcript->refused)
		return;
	if (transcript->stage == STAGE_CONNECT)
		transcript->stage = STAGE_BANNER;
	if (!transcript->continued)
		transcript->text[0] = '\0';
	if (!reply_line(line, len, &transcript->code, transcript->text, &last))
		return;
	transcript->continued = !last;
	len = without_end(line, len);
	if (transcript->stage == STAGE_EHLO && transcript->code == 250 && len > 4) {
		transcript->offers_8bitmime |= starts(line + 4, len - 4, "8BITMIME");
		transcript->offers_smtputf8 |= starts(line + 4, len - 4, "SMTPUTF8");
		transcript->offers_size |= starts(line + 4, len - 4, "SIZE");
	}
	if (!last)
		return;
	transcript_mask(transcript, transcript->text);
	transcript->authenticated |= transcript->stage == STAGE_AUTH && transcript->code == 235;
	transcript->refused = transcript->code >= 400;
}

void
transcript_mask(const struct transcript *transcript, char *text)
{
	const char *password = transcript->password;
	bool quoted = password != NULL && *password != '\0' && strstr(text, password) != NULL;
	size_t i;

	for (i = 0; i < transcript->secret_count; i++)
		quoted |= strstr(text, transcript->secrets[i]) != NULL;
	if (quoted)
		strcpy(text, "********");
}

