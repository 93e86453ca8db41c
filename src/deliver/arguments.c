#include "deliver/arguments.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/nearest.h"

/* Less than the 1000 s after which Postfix's pipe(8) kills a command. */
#define TIMEOUT_S 900
#define TIMEOUT_MAX_S (7 * 24 * 60 * 60)

#define WAIT_S 5
#define PENALTY_S 60
#define STATE_DEFAULT "/run/tmail"
#define CONF_DEFAULT "/etc/tmail/routes.conf"

enum option {
	OPTION_INDEX,
	OPTION_USER,
	OPTION_SENDER,
	OPTION_HELO,
	OPTION_DNS_SERVER,
	OPTION_CA_FILE,
	OPTION_SEED,
	OPTION_SEED_FROM,
	OPTION_TIMEOUT,
	OPTION_STATE,
	OPTION_WAIT,
	OPTION_PENALTY,
	OPTION_LOG,
	OPTION_QUEUE_ID,
	OPTION_COUNT
};

static const char *const names[OPTION_COUNT] = {
    [OPTION_INDEX] = "index",
    [OPTION_USER] = "user",
    [OPTION_SENDER] = "sender",
    [OPTION_HELO] = "helo",
    [OPTION_DNS_SERVER] = "dns-server",
    [OPTION_CA_FILE] = "ca-file",
    [OPTION_SEED] = "seed",
    [OPTION_SEED_FROM] = "seed-from",
    [OPTION_TIMEOUT] = "timeout",
    [OPTION_STATE] = "state",
    [OPTION_WAIT] = "wait",
    [OPTION_PENALTY] = "penalty",
    [OPTION_LOG] = "log",
    [OPTION_QUEUE_ID] = "queue-id",
};

/* "-i" or "--name", with one dash or two, perhaps with "=value"; OPTION_COUNT: none. */
static enum option
find(const char *arg, const char **value)
{
	size_t i, n;

	*value = NULL;
	if (strcmp(arg, "-i") == 0)
		return OPTION_INDEX;
	arg += arg[1] == '-' ? 2 : 1;
	n = strcspn(arg, "=");
	for (i = 0; i < OPTION_COUNT; i++)
		if (strlen(names[i]) == n && strncmp(arg, names[i], n) == 0)
			break;
	if (i < OPTION_COUNT && arg[n] == '=')
		*value = arg + n + 1;
	return (enum option)i;
}

static bool
number(const char *text, uint64_t max, uint64_t *out)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*out = strtoull(text, &end, 10);
	return errno == 0 && *end == '\0' && *out <= max;
}

static bool
log_to(const char *text, enum log_to *to)
{
	static const char *const targets[] = {
	    [LOG_TO_SYSLOG] = "syslog", [LOG_TO_STDERR] = "stderr", [LOG_TO_NONE] = "none"};
	size_t i;

	for (i = 0; i < sizeof(targets) / sizeof(*targets); i++)
		if (strcmp(text, targets[i]) == 0) {
			*to = (enum log_to)i;
			return true;
		}
	return false;
}

static bool
set_seconds(int64_t *ms, const char *value, uint64_t least)
{
	uint64_t seconds;

	if (!number(value, TIMEOUT_MAX_S, &seconds) || seconds < least)
		return false;
	*ms = (int64_t)seconds * 1000;
	return true;
}

/* False: a bad value.  An empty one counts as not given, where that makes sense. */
static bool
set(struct arguments *options, enum option option, const char *value)
{
	switch (option) {
	case OPTION_INDEX:
		options->index = value;
		return *value != '\0';
	case OPTION_USER:
		options->user = value;
		return true;
	case OPTION_SENDER:
		options->sender = value;
		return true;
	case OPTION_HELO:
		options->helo = *value != '\0' ? value : NULL;
		return true;
	case OPTION_DNS_SERVER:
		options->dns_server = value;
		return *value != '\0';
	case OPTION_CA_FILE:
		options->ca_file = value;
		return *value != '\0';
	case OPTION_SEED:
		options->seeded = true;
		return number(value, UINT64_MAX, &options->seed);
	case OPTION_SEED_FROM:
		if (*value != '\0')
			options->seed = hash64(value, strlen(value), 0);
		options->seeded |= *value != '\0';
		return true;
	case OPTION_TIMEOUT:
		return set_seconds(&options->timeout_ms, value, 1);
	case OPTION_STATE:
		options->state = value;
		return *value != '\0';
	case OPTION_WAIT:
		return set_seconds(&options->wait_ms, value, 0);
	case OPTION_PENALTY:
		return set_seconds(&options->penalty_ms, value, 0);
	case OPTION_LOG:
		return log_to(value, &options->log);
	case OPTION_QUEUE_ID:
		options->queue_id = value;
		return true;
	case OPTION_COUNT:
		break;
	}
	return false;
}

/* $TMAIL_ROUTES_INDEX, else the configuration's name with .idx for .conf. */
static bool
default_index(struct arguments *options)
{
	const char *index = getenv("TMAIL_ROUTES_INDEX"), *conf = getenv("TMAIL_ROUTES_CONF");
	size_t len;

	if (options->index != NULL)
		return true;
	if (index != NULL && *index != '\0') {
		options->index = index;
		return true;
	}
	if (conf == NULL || *conf == '\0')
		conf = CONF_DEFAULT;
	len = strlen(conf);
	if (len > 5 && strcmp(conf + len - 5, ".conf") == 0)
		len -= 5;
	if (len + sizeof(".idx") > sizeof(options->index_path))
		return false;
	snprintf(options->index_path, sizeof(options->index_path), "%.*s.idx", (int)len, conf);
	options->index = options->index_path;
	return true;
}

/* What an option of that name is called here: lookup has others.  NULL: none was meant. */
static const char *
called(struct slice name)
{
	if (slice_is(name, "smtp-user") || slice_is(name, "login"))
		return names[OPTION_USER];
	if (slice_is(name, "mail-from") || slice_is(name, "from"))
		return names[OPTION_SENDER];
	return nearest_word(name, names, OPTION_COUNT);
}

/* Says that nobody knows an option, and which one was perhaps meant.  A value may be secret. */
static void
refuse(const char *arg, char *why, size_t size)
{
	int dashes = arg[1] == '-' ? 2 : 1, len = (int)strcspn(arg, "=");
	const char *meant = called(slice(arg + dashes, (size_t)(len - dashes)));

	if (meant == NULL)
		snprintf(why, size, "unknown option '%.*s'", len, arg);
	else
		snprintf(why, size, "unknown option '%.*s': did you mean '%.*s%s'?", len, arg,
		    dashes, arg, meant);
}

/* Takes one option at argv[*i] and moves *i to its last argument. */
static bool
take(struct arguments *options, int argc, char **argv, int *i, char *why, size_t size)
{
	const char *value;
	enum option option = find(argv[*i], &value);

	if (option == OPTION_COUNT) {
		refuse(argv[*i], why, size);
		return false;
	}
	if ((options->given & 1u << option) != 0) {
		snprintf(why, size, "option '--%s' is given twice", names[option]);
		return false;
	}
	options->given |= 1u << option;
	if (value == NULL && *i + 1 == argc) {
		snprintf(why, size, "option '%s' wants a value", argv[*i]);
		return false;
	}
	if (value == NULL)
		value = argv[++*i];
	if (set(options, option, value))
		return true;
	snprintf(why, size, "bad value for '--%s'", names[option]);
	return false;
}

static bool
complete(struct arguments *options, char *why, size_t size)
{
	const char *lack = options->recipient == NULL ? "no recipient"
	    : options->sender == NULL ? "no --sender" : NULL;

	if (lack == NULL && (options->given & 1u << OPTION_SEED) != 0 &&
	    (options->given & 1u << OPTION_SEED_FROM) != 0)
		lack = "'--seed' and '--seed-from' say the same";
	if (lack == NULL && !default_index(options))
		lack = "the name of the index is too long";
	if (lack != NULL)
		snprintf(why, size, "%s", lack);
	return lack == NULL;
}

bool
arguments_parse(struct arguments *options, int argc, char **argv, char *why, size_t size)
{
	bool more = true;
	int i;

	*options = (struct arguments){.timeout_ms = TIMEOUT_S * 1000, .log = LOG_TO_SYSLOG,
	    .state = STATE_DEFAULT, .wait_ms = WAIT_S * 1000, .penalty_ms = PENALTY_S * 1000};
	for (i = 1; i < argc; i++) {
		if (more && strcmp(argv[i], "--") == 0) {
			more = false;
		} else if (more && argv[i][0] == '-') {
			if (!take(options, argc, argv, &i, why, size))
				return false;
		} else if (options->recipient != NULL) {
			snprintf(why, size, "more than one recipient");
			return false;
		} else {
			options->recipient = argv[i];
		}
	}
	return complete(options, why, size);
}
