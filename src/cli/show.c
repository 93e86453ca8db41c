/* show.c - tmail routes show: all about some routes. */
#include "answer/stale.h"
#include "base/number.h"
#include "cli/cli.h"
#include "change/change.h"
#include "review/show_route.h"
#include "runtime/index.h"

static const char help[] =
    "usage: tmail routes show [OPTION...] ID...\n\n"
    "Prints routes of the configuration as they are written, with what they do in\n"
    "effect, the other routes of their groups, the groups above them that could take\n"
    "mail from these, and the expectations that reach them.\n\n"
    "      --show-secrets   passwords in clear\n"
    "      --json           one object a route\n"
    "  -c, --conf FILE      the configuration\n"
    "  -i, --index FILE     the index, which is to be of that configuration\n"
    "  -q                   no warnings\n"
    "  -h, --help           this text\n\n"
    "exit codes: 0 shown, 1 no such route, 65 the configuration has errors\n\n"
    "examples:\n"
    "  tmail routes show 12\n"
    "  tmail routes show --json 3 4 | jq '.above[].routes[].id'\n";

struct show {
	struct settings settings;
	struct conf conf;
	struct image image;
	struct tmail_routes *routes;
};

/* The configuration and the index it makes: 0, or an exit code after a message. */
static int
read_conf(struct show *show)
{
	enum source_status status = conf_open(&show->conf, show->settings.conf);

	if (status != SOURCE_OK)
		return change_unreadable(&show->conf, status);
	show->conf.keep_patterns = true;
	if (!conf_check(&show->conf)) {
		change_render(&show->settings, &show->conf, RENDER_NO_WARNINGS);
		return EX_DATAERR;
	}
	if (!image_build(&show->conf, &show->image)) {
		cli_say("the index would be too large");
		return EX_DATAERR;
	}
	image_seal(&show->image);
	return 0;
}

static int
show_all(struct show *show, size_t count, char **words)
{
	struct listing listing;
	struct showing showing = {.conf = &show->conf, .listing = &listing,
	    .routes = show->routes, .screen = &show->settings.out, .json = show->settings.json,
	    .secrets = show->settings.show_secrets};
	enum tmail_status status = TMAIL_OK;
	int code = 0;

	listing_of_conf(&listing, &show->conf);
	for (size_t i = 0; i < count && status == TMAIL_OK; i++) {
		uint32_t id = 0;

		number_read(slice_str(words[i]), UINT32_MAX, &id);
		if (show_route(&showing, id, &status))
			continue;
		cli_say("there is no route %u", id);
		code = EXIT_NO;
	}
	showing_release(&showing);
	listing_release(&listing);
	return status == TMAIL_OK ? code : cli_index_failed(show->settings.conf, status);
}

static int
run(struct show *show, size_t count, char **words)
{
	enum tmail_status status;
	int code = read_conf(show);

	if (code != 0)
		return code;
	status = index_attach(show->image.bytes, show->image.size, &show->routes);
	if (status != TMAIL_OK)
		return cli_index_failed(show->settings.conf, status);
	code = show_all(show, count, words);
	stale_warning(&show->settings, &show->conf.sources);
	return cli_finish(code);
}

static int
check_usage(const struct settings *settings, int count, char **words)
{
	uint32_t id;

	if (count == 0)
		return cli_usage("show wants the ID of a route: tmail routes list has them");
	if (settings->index_given && !settings->conf_given)
		return cli_usage("an index does not hold what is written: show takes no --index alone");
	for (int i = 0; i < count; i++)
		if (!number_read(slice_str(words[i]), UINT32_MAX, &id) || id == 0)
			return cli_usage("'%s' is no route ID", words[i]);
	return 0;
}

int
cmd_show(int argc, char **argv)
{
	struct show show = {.routes = NULL};
	int operands, code = cli_settings(argc, argv, NULL, help, &show.settings, &operands);

	if (code != -1)
		return code;
	code = check_usage(&show.settings, operands, argv + 1);
	if (code == 0)
		code = run(&show, (size_t)operands, argv + 1);
	tmail_routes_close(show.routes);
	image_release(&show.image);
	conf_close(&show.conf);
	settings_release(&show.settings);
	return code;
}
