/* lookup.c - tmail routes lookup: where one mail would go, or many. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include "answer/answer.h"
#include "answer/as_form.h"
#include "answer/show.h"
#include "answer/stale.h"
#include "base/fold.h"
#include "change/change.h"
#include "cli/cli.h"
#include "program/lines.h"

static const char help[] =
    "usage: tmail routes lookup -d RECIPIENT [-u LOGIN] [-f SENDER] [OPTION...]\n"
    "       tmail routes lookup [OPTION...] - < QUERIES\n\n"
    "Says which routes a mail gets, by the index and the code of the delivery.\n"
    "A query is a line TO <TAB> LOGIN <TAB> SENDER; empty: none, sender not known.\n\n"
    "  -d, --destination ADDRESS   the recipient\n"
    "  -u, --smtp-user LOGIN       the login of SMTP AUTH; without it, none\n"
    "  -f, --mail-from ADDRESS     the envelope sender, '<>' for the null sender\n"
    "  --explain                   print the rungs tried before\n"
    "  --plan                      print the attempts in one order, drawn by --seed N\n"
    "  --as postfix|exim           print what serve tells that mail server\n"
    "  --wide                      nothing cut or left out on a terminal\n"
    "  --compile                   ask the configuration as it is now; write nothing\n"
    "  --show-secrets              passwords in clear\n"
    "  --json                      one object a query\n"
    "  -i, --index FILE            the index; -c, --conf FILE: the one beside FILE\n"
    "  -h, --help                  this text\n\n"
    "exit codes: 0 found, 1 no route (not of -), 65 no query, 66 no index, 76 damaged\n\n"
    "examples:\n"
    "  tmail routes lookup -d bob@example.net -u ann@example.org --explain\n"
    "  tmail routes lookup --json - < queries | jq .action\n";

struct lookup {
	const char *to, *user, *from, *seed, *as;
	enum as_form form;
	bool plan, explain, wide, compile;
	struct settings settings;
	struct as_plan as_plan;
};

static enum tmail_status
ask(struct lookup *lookup, struct answer *answer, const struct question *question)
{
	if (lookup->form != AS_FORM_NONE)
		return answer_as(answer, &lookup->as_plan, question, lookup->form);
	return lookup->settings.json ? answer_json(answer, question) : answer_text(answer, question);
}

static struct question
question_of(const struct lookup *lookup)
{
	struct question question;

	question_of_words(&question, slice_str(lookup->to), slice_str(lookup->user),
	    slice_str(lookup->from));
	return question;
}

/*
 * Says which route any login would have led to.  Without a login none of its
 * rungs is on the ladder, not even one that was tried.
 */
static void
note_login(const struct tmail_routes *routes, struct tmail_query query)
{
	struct tmail_match match;
	struct tmail_route route;
	struct text place = {0};

	if (query.login.len > 0)
		return;
	/* No pattern holds a control byte: of all that have a user, only `*` is left. */
	query.login = (struct tmail_slice){"\001", 1};
	if (tmail_routes_lookup(routes, &query, &match) != TMAIL_OK || match.user.ptr == NULL ||
	    tmail_match_route(routes, &match, 0, &route) != TMAIL_OK)
		return;
	show_place(&place, &route);
	cli_say("note: %.*s asks for a login: -u", (int)place.len, place.ptr);
	text_release(&place);
}

/* Whether a route with `from` may be for it: it is none for what cannot be a sender. */
static bool
may_be_sender(struct tmail_slice sender)
{
	struct folded folded;

	return sender.len == 0 || slice_is(slice(sender.ptr, sender.len), "<>") ||
	    (mem_folded(fold_address(slice(sender.ptr, sender.len), &folded)) == FOLD_OK &&
		folded.full.ptr != NULL);
}

static int
lookup_one(struct lookup *lookup, struct answer *answer)
{
	const struct question question = question_of(lookup);
	const struct tmail_slice sender = question.query.sender;
	const bool quiet = lookup->settings.json || lookup->settings.quiet;
	enum tmail_status status = ask(lookup, answer, &question);
	bool recipient, possible;
	int code;

	if (status != TMAIL_OK && status != TMAIL_NO_ROUTE)
		return cli_index_failed(lookup->settings.index, status);
	/* What may want memory comes before anything is printed. */
	recipient = quiet || question_has_recipient(&question);
	possible = quiet || may_be_sender(sender);
	text_line(&answer->line, stdout);
	code = cli_finish(status == TMAIL_OK ? 0 : EXIT_NO);
	if (!recipient)
		cli_say("note: '%s' is no address and no domain: write -d bob@example.org",
		    lookup->to);
	if (!possible)
		cli_say("note: the sender '%.*s' is no address: no route asks for it",
		    (int)sender.len, sender.ptr);
	if (!quiet)
		note_login(answer->routes, question.query);
	return code;
}

/* Lines that were no questions: the first, and how many. */
struct faults {
	size_t count, line;
	const char *why;
};

static void
refuse(struct answer *answer, const struct question *question, bool json, struct faults *faults,
    size_t line)
{
	if (json)
		answer_json_error(answer, question, question->fault);
	else
		answer_text_error(answer, question->fault);
	if (faults->count++ == 0) {
		faults->line = line;
		faults->why = question->fault;
	}
}

static int
say_faults(const struct faults *faults)
{
	if (faults->count == 1)
		cli_say("line %zu of standard input: %s", faults->line, faults->why);
	else
		cli_say("line %zu of standard input: %s; %zu lines are no queries", faults->line,
		    faults->why, faults->count);
	return EX_DATAERR;
}

static int
lookup_many(struct lookup *lookup, struct answer *answer)
{
	struct lines lines = {.fd = STDIN_FILENO};
	enum tmail_status worst = TMAIL_OK, status;
	struct faults faults = {0};
	struct question question;
	struct slice line;
	int code = 0;

	answer->batch = true;
	answer->columns = 0;
	for (size_t n = 1; lines_next(&lines, &line); n++) {
		question_of_line(&question, line);
		status = TMAIL_OK;
		if (question.fault != NULL)
			refuse(answer, &question, lookup->settings.json, &faults, n);
		else
			status = ask(lookup, answer, &question);
		if (status != TMAIL_OK && status != TMAIL_NO_ROUTE)
			worst = status;
		text_line(&answer->line, stdout);
	}
	if (worst != TMAIL_OK) {
		code = cli_index_failed(lookup->settings.index, worst);
	} else if (lines.error != 0) {
		cli_say("cannot read standard input: %s", strerror(lines.error));
		code = EX_IOERR;
	} else if (faults.count > 0) {
		code = say_faults(&faults);
	}
	lines_release(&lines);
	return cli_finish(code);
}

/* The number that plans are drawn from: 0, or an exit code after a message. */
static int
read_seed(const struct lookup *lookup, struct tmail_random *random)
{
	uint64_t seed = 0;
	char *end;

	if (lookup->seed != NULL) {
		errno = 0;
		seed = strtoull(lookup->seed, &end, 10);
		if (lookup->seed[0] < '0' || lookup->seed[0] > '9' || *end != '\0' || errno != 0)
			return cli_usage("--seed is a number below 2^64, not '%s'", lookup->seed);
	} else if ((lookup->plan || lookup->as != NULL) && getrandom(&seed, sizeof(seed), 0) != sizeof(seed)) {
		cli_say("no random number: %s", strerror(errno));
		return EX_SOFTWARE;
	}
	tmail_random_init(random, seed);
	return 0;
}

static int
read_form(struct lookup *lookup)
{
	if (lookup->as == NULL)
		return 0;
	lookup->form = as_form_read(lookup->as);
	if (lookup->form == AS_FORM_NONE)
		return cli_usage("--as is postfix or exim, not '%s'", lookup->as);
	return 0;
}

static bool
is_given(const char *value)
{
	return value != NULL && value[0] != '\0';
}

static int
check_usage(const struct lookup *lookup, int operands, char **argv, bool *batch)
{
	bool asked = is_given(lookup->to) || is_given(lookup->user) || is_given(lookup->from);

	*batch = operands > 0 && strcmp(argv[1], "-") == 0;
	if (operands == 1 && !*batch && !is_given(lookup->to))
		return cli_usage("'%s' stands behind no option: did you mean -d '%s'?", argv[1],
		    argv[1]);
	if (operands > *batch)
		return cli_usage("lookup takes no operand '%s'", argv[1 + *batch]);
	if (*batch && asked)
		return cli_usage("'-' reads all queries from standard input: no -d, -u, -f");
	if (lookup->compile && lookup->settings.index_given)
		return cli_usage("--compile asks the configuration, not an index: no -i");
	if (lookup->as != NULL && (lookup->settings.json || lookup->plan || lookup->explain))
		return cli_usage("--as prints what a mail server is told: no --json, --plan, --explain");
	if (!*batch && !is_given(lookup->to))
		return cli_usage("lookup wants a recipient: -d ADDRESS, or - for many");
	return 0;
}

static int
open_index(const struct settings *settings, bool batch, struct tmail_routes **routes)
{
	enum tmail_status status = tmail_routes_open(settings->index, 0, routes);

	if (status != TMAIL_OK)
		return cli_index_failed(settings->index, status);
	if (!batch)
		stale_warn_newer(settings, *routes);
	return 0;
}

/* A terminal that does not know how wide it is has room for all. */
static unsigned
columns(const struct lookup *lookup)
{
	unsigned known = lookup->settings.out.columns;

	if (lookup->wide)
		return 0;
	return known == 0 && isatty(STDOUT_FILENO) ? UINT_MAX : known;
}

static int
run(struct lookup *lookup, int operands, char **argv)
{
	struct answer answer = {.plan = lookup->plan, .explain = lookup->explain,
	    .secrets = lookup->settings.show_secrets,
	    .columns = columns(lookup),
	    .colour = lookup->settings.out.colour};
	struct tmail_routes *routes = NULL;
	struct image image = {0};
	struct conf conf = {0};
	bool batch;
	int code = check_usage(lookup, operands, argv, &batch);

	if (code == 0)
		code = read_form(lookup);
	if (code == 0)
		code = read_seed(lookup, &answer.random);
	if (code != 0)
		return code;
	code = lookup->compile ? change_attach(&lookup->settings, &conf, &image, &routes)
	    : open_index(&lookup->settings, batch, &routes);
	if (code == 0) {
		answer.routes = routes;
		code = batch ? lookup_many(lookup, &answer) : lookup_one(lookup, &answer);
		answer_release(&answer);
		as_plan_release(&lookup->as_plan);
	}
	tmail_routes_close(routes);
	image_release(&image);
	conf_close(&conf);
	return code;
}

int
cmd_lookup(int argc, char **argv)
{
	struct lookup lookup = {0};
	const struct cli_option options[] = {
	    {"d destination", false, &lookup.to},
	    {"u smtp-user smtpUser", false, &lookup.user},
	    {"f mail-from mailFrom", false, &lookup.from},
	    {"explain", true, &lookup.explain},
	    {"plan", true, &lookup.plan},
	    {"seed", false, &lookup.seed},
	    {"as", false, &lookup.as},
	    {"wide", true, &lookup.wide},
	    {"compile", true, &lookup.compile},
	    {NULL, false, NULL}};
	int operands,
	    code = cli_settings(argc, argv, options, help, &lookup.settings, &operands);

	if (code != -1)
		return code;
	code = run(&lookup, operands, argv);
	settings_release(&lookup.settings);
	return code;
}
