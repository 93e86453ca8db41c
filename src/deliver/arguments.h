/* arguments.h - the command line of tmail-deliver(1). */
#ifndef DELIVER_ARGUMENTS_H
#define DELIVER_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "deliver/log.h"

struct arguments {
	unsigned given;		/* a bit for each option that was met */
	const char *index;
	const char *user;	/* NULL or "": not authenticated */
	const char *sender;	/* "": the null sender */
	const char *recipient;
	const char *helo;	/* NULL: the host's name */
	const char *dns_server;
	const char *ca_file;
	bool seeded;
	uint64_t seed;
	int64_t timeout_ms;
	const char *state;	/* the directory that deliveries share */
	int64_t wait_ms;	/* for a relay with limits */
	int64_t penalty_ms;	/* of addresses that were down; 0: none */
	enum log_to log;
	const char *queue_id;	/* NULL or "": the mail server named none */
	char index_path[4096];	/* index, where it had to be made up */
};

/*
 * arguments_parse - fills *options from the arguments, which must outlive it.
 * false: why (of size bytes) says what is wrong with them.
 */
bool arguments_parse(struct arguments *options, int argc, char **argv, char *why, size_t size);

#endif
