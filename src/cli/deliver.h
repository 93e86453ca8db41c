/* deliver.h - `tmail deliver`: starts the program that delivers, and watches over it. */
#ifndef CLI_DELIVER_H
#define CLI_DELIVER_H

/*
 * cmd_deliver - argv[0] is "deliver".  Returns 0 (delivered, or help was
 * asked for), 69 (refused for good) or 75 (everything else), and nothing
 * else: a mail server that runs it as a pipe bounces mail on other codes.
 *
 * The delivery itself is another program, tmail-deliver, found beside this
 * one or in ../libexec/tmail from there.  This one must not need the shared
 * libraries that one needs, or the dynamic linker's 127 would be the answer
 * when one is missing; what happens over there is turned into 75.
 */
int cmd_deliver(int argc, char **argv);

#endif
