/* policy.c - check_policy_service in each service that takes mail by SMTP. */
#include <stdio.h>
#include <strings.h>

#include "wiring/doctor.h"
#include "wiring/words.h"

/* All that run before or at RCPT TO, in their order; the first ones not always at it. */
static const char *const lists[] = {"smtpd_client_restrictions", "smtpd_helo_restrictions",
    "smtpd_sender_restrictions", "smtpd_relay_restrictions", "smtpd_recipient_restrictions"};

enum { LISTS = sizeof(lists) / sizeof(*lists), EARLY_LISTS = 3, CLASS_DEPTH = 10 };

/* What a walk through the restrictions of a service looks for. */
struct walk {
	const struct postconf *postconf;
	const char *wanted;		/* a socket; NULL: any */
	char found[SOCKET_MAX];		/* "": none */
	char away[64];			/* what it says of the action without an answer; "": nothing */
	bool others;			/* one that is not `found` */
	char permit[64];		/* what lets mail through before it; "": nothing */
};

/* The socket of check_policy_service's argument, which may have options in braces. */
static void
note_socket(struct walk *walk, const char *argument)
{
	static const char away[] = "default_action=";
	char name[SOCKET_MAX];
	const char *queue = postconf_main(walk->postconf, "queue_directory");
	struct slice word;

	if (!cf_word(&argument, &word))
		return;
	snprintf(name, sizeof(name), "%.*s", (int)word.len, word.ptr);
	if (walk->wanted != NULL && !sockets_same(queue, name, walk->wanted))
		return;
	if (walk->found[0] != '\0' && !sockets_same(queue, walk->found, name)) {
		walk->others = true;
		return;
	}
	snprintf(walk->found, sizeof(walk->found), "%s", name);
	while (cf_word(&argument, &word))
		if (word.len > strlen(away) && memcmp(word.ptr, away, strlen(away)) == 0)
			snprintf(walk->away, sizeof(walk->away), "%.*s", (int)(word.len - strlen(away)),
			    word.ptr + strlen(away));
}

static void
walk_list(struct walk *walk, const char *list, int depth)
{
	struct arena arena = {0};
	struct slice word, argument;

	while (cf_word(&list, &word) && (walk->wanted == NULL || walk->found[0] == '\0')) {
		const char *name = arena_copy(&arena, word).ptr;

		if (strcmp(name, "check_policy_service") == 0 && cf_word(&list, &argument))
			note_socket(walk, arena_copy(&arena, argument).ptr);
		else if (strncmp(name, "permit", 6) == 0 && walk->permit[0] == '\0' &&
		    walk->found[0] == '\0')
			snprintf(walk->permit, sizeof(walk->permit), "%s", name);
		else if (depth < CLASS_DEPTH &&
		    cf_has(postconf_main(walk->postconf, "smtpd_restriction_classes"), name))
			walk_list(walk, postconf_main(walk->postconf, name), depth + 1);
	}
	arena_release(&arena);
}

/*
 * A list that lets mail through is no matter to the next one, which may ask again.  In one that
 * does not wait for RCPT TO the policy service is asked without a recipient, and says nothing.
 */
static void
walk_service(struct walk *walk, const struct service *service)
{
	int first = postconf_yes(walk->postconf, service, "smtpd_delay_reject") ? 0 : EARLY_LISTS;
	struct walk behind = {.found = ""};

	for (int i = first; i < LISTS; i++) {
		walk->permit[0] = '\0';
		walk_list(walk, postconf_value(walk->postconf, service, lists[i]), 0);
		if (walk->wanted == NULL || walk->found[0] == '\0')
			continue;
		if (walk->permit[0] == '\0')
			return;
		if (behind.found[0] == '\0')
			behind = *walk;
		walk->found[0] = walk->away[0] = '\0';
	}
	if (behind.found[0] != '\0')
		*walk = behind;
}

static bool
takes_mail(const struct service *service)
{
	return service_runs(service, "smtpd");
}

/* The socket that is named, that of the recipe, or the only one there is; whether some service asks there. */
static bool
find_socket(struct doctor *doctor)
{
	struct walk any = {.postconf = &doctor->postconf};

	for (size_t i = 0; i < doctor->postconf.service_count; i++) {
		struct walk walk = {.postconf = &doctor->postconf, .wanted = doctor->sockets.policy};

		if (!takes_mail(&doctor->postconf.services[i]))
			continue;
		walk_service(&walk, &doctor->postconf.services[i]);
		if (walk.found[0] != '\0')
			return true;
		walk_service(&any, &doctor->postconf.services[i]);
	}
	if (doctor->policy_given || any.found[0] == '\0' || any.others)
		return false;
	snprintf(doctor->sockets.policy, sizeof(doctor->sockets.policy), "%s", any.found);
	return true;
}

/* Whether a login opens the door of a service. */
static bool
takes_logins(struct doctor *doctor, const struct service *service)
{
	const struct postconf *postconf = &doctor->postconf;
	const char *recipient = postconf_value(postconf, service, "smtpd_recipient_restrictions");
	const char *relay = postconf_value(postconf, service, "smtpd_relay_restrictions");

	if (!postconf_yes(postconf, service, "smtpd_sasl_auth_enable"))
		return false;
	return cf_has(recipient, "permit_sasl_authenticated") ||
	    (!cf_has(recipient, "reject") && cf_has(relay, "permit_sasl_authenticated"));
}

/* What is in the way of the answers that the service gets. */
static void
check_answers(struct doctor *doctor, const struct service *service)
{
	const char *filter = postconf_value(&doctor->postconf, service, "content_filter");

	if (postconf_value(&doctor->postconf, service, "smtpd_proxy_filter")[0] == '\0')
		report_say(&doctor->report, LEVEL_OK, "proxy-filter", NULL,
		    "%s has no smtpd_proxy_filter, beside which Postfix would ignore FILTER", service->id);
	else
		report_say(&doctor->report, LEVEL_ERROR, "proxy-filter",
		    "ask the policy service behind the filter, where its mail comes back, or use a content_filter or a milter",
		    "%s has a smtpd_proxy_filter, beside which Postfix ignores FILTER, and so the routes",
		    service->id);
	if (filter[0] != '\0')
		report_say(&doctor->report, LEVEL_WARNING, "content-filter",
		    "ask the policy service where mail comes back from the filter, or filter by a milter",
		    "%s has the content_filter %s, in the place of which comes what the routes say", service->id,
		    filter);
}

/* What Postfix does while the daemon is away: the mail is to wait. */
static void
check_away(struct doctor *doctor, const struct service *service, const struct walk *walk)
{
	const char *action = walk->away[0] != '\0' ? walk->away
	    : postconf_value(&doctor->postconf, service, "smtpd_policy_service_default_action");

	if (action[0] == '4' || strncasecmp(action, "defer", 5) == 0)
		return;
	report_say(&doctor->report, LEVEL_WARNING, "policy-away",
	    "take default_action out, or set smtpd_policy_service_default_action to one that puts off",
	    "%s does '%s' while check_policy_service %s does not answer: mail does not wait, and goes without the routes",
	    service->id, action, walk->found);
}

/* asked: by another service; then one with restrictions of its own may be meant so. */
static void
say_missing(struct doctor *doctor, const struct service *service, bool asked)
{
	const char *own = postconf_option(&doctor->postconf, service, "smtpd_recipient_restrictions");
	const char *set = arena_printf(&doctor->arena,
	    "set smtpd_recipient_restrictions = check_policy_service %s, ... in %s",
	    doctor->sockets.policy, own == NULL ? "main.cf" : "its -o in master.cf").ptr;

	if (own != NULL && asked && !takes_logins(doctor, service))
		report_say(&doctor->report, LEVEL_OK, "policy", NULL,
		    "%s has a smtpd_recipient_restrictions of its own, takes no logins, and goes by the maps",
		    service->id);
	else if (doctor->routes != NULL && doctor->groups.left_out == 0)
		report_say(&doctor->report, LEVEL_WARNING, "policy", set,
		    "%s asks no check_policy_service %s: its mail goes by the maps, which know no login",
		    service->id, doctor->sockets.policy);
	else
		report_say(&doctor->report, LEVEL_ERROR, "policy", set,
		    "%s asks no check_policy_service %s, without which no route by login or sender holds",
		    service->id, doctor->sockets.policy);
}

static void
check_service(struct doctor *doctor, const struct service *service, bool asked)
{
	struct walk walk = {.postconf = &doctor->postconf, .wanted = doctor->sockets.policy};

	walk_service(&walk, service);
	if (walk.found[0] == '\0') {
		say_missing(doctor, service, asked);
		return;
	}
	if (walk.permit[0] == '\0')
		report_say(&doctor->report, LEVEL_OK, "policy", NULL,
		    "%s asks check_policy_service %s before it lets mail through", service->id, walk.found);
	else
		report_say(&doctor->report, LEVEL_ERROR, "policy-order",
		    arena_printf(&doctor->arena, "put check_policy_service %s before it", walk.found).ptr,
		    "%s has check_policy_service behind %s, and does not ask for what that lets through",
		    service->id, walk.permit);
	check_away(doctor, service, &walk);
	check_answers(doctor, service);
	doctor_reach(doctor, service, walk.found, ASK_POLICY);
}

/* What the maps leave out is the policy service's: mail that does not come by SMTP lacks it. */
static void
list_left_out(struct doctor *doctor)
{
	const struct groups *groups = &doctor->groups;
	size_t named = groups->left_out < GROUPS_NAMED ? groups->left_out : GROUPS_NAMED;

	for (size_t i = 0; i < named; i++)
		report_say(&doctor->report, LEVEL_OK, "left-out", NULL,
		    "the maps leave out '%s': the policy service alone answers with it, and not for mail of sendmail(1)",
		    groups->named[i]);
	if (groups->left_out > named)
		report_say(&doctor->report, LEVEL_OK, "left-out", NULL,
		    "the maps leave out %zu more groups", groups->left_out - named);
}

void
doctor_policy(struct doctor *doctor)
{
	bool asked = find_socket(doctor);

	for (size_t i = 0; i < doctor->postconf.service_count; i++)
		if (takes_mail(&doctor->postconf.services[i]))
			check_service(doctor, &doctor->postconf.services[i], asked);
	list_left_out(doctor);
}
