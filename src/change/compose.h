/*
 * compose.h - a route or relay from the options of a command line, with a
 * map back, so that a diagnostic can point into the command line.
 */
#ifndef CHANGE_COMPOSE_H
#define CHANGE_COMPOSE_H

#include "program/options.h"
#include "conf/conf.h"

/* The fields of a route or relay, as options give them; NULL: not given. */
struct fields {
	const char *relay;		/* its name; not one of fields_options */
	const char *to, *user, *from;
	const char *host, *reject, *defer;
	bool discard;
	const char *options[OPTION_COUNT];	/* of routes.conf */
	const char *comment;
};

/* The options that name them, for cli_parse; `out` has room for FIELD_OPTIONS. */
enum { FIELD_OPTIONS = OPTION_COUNT + 9 };
void fields_options(struct fields *fields, struct cli_option out[FIELD_OPTIONS]);

/*
 * fields_finish - reads a password of "-" from standard input (it must live
 * in arena) and judges the comment.  0, or an exit code after a message.
 */
int fields_finish(struct fields *fields, struct arena *arena);

/* Whether one of them can be of a route alone: a selector, or what stands for a relay. */
bool fields_of_route(const struct fields *fields);

/* How many actions they name. */
int fields_actions(const struct fields *fields);

/* What stands for a relay: its word, NULL if nothing does, and the text behind it. */
const char *fields_reply(const struct fields *fields, const char **text);

/* What add and set call an option of routes.conf, as cli_parse takes it. */
const char *fields_names(enum option option);

/* A statement being put together. */
struct composer {
	struct arena arena;
	int argc;
	char **argv;
	uint32_t *places;	/* of each word in the line shown */
	uint32_t *ends;
	struct slice shown_line;
	char *text;
	size_t len, capacity;
	struct shown_piece *pieces;
	size_t piece_count, piece_capacity;
	struct shown shown;
};

/* argv is the command's; it is shown behind "tmail routes". */
void composer_init(struct composer *composer, int argc, char **argv);
void composer_release(struct composer *composer);

/* The whole statement: a relay if fields name one, else a route without its ID. */
void compose_statement(struct composer *composer, const struct fields *fields);

#endif
