/*
 * cli.h - the commands.
 *
 * A command is a function int cmd_NAME(int argc, char **argv) with argv[0]
 * its name; it returns the exit code (sysexits.h and say.h's own).
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "program/say.h"
#include "program/settings.h"

int cmd_list(int argc, char **argv);
int cmd_show(int argc, char **argv);
int cmd_add(int argc, char **argv);
int cmd_set(int argc, char **argv);
int cmd_del(int argc, char **argv);
int cmd_number(int argc, char **argv);
int cmd_compile(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_fmt(int argc, char **argv);
int cmd_lookup(int argc, char **argv);
int cmd_test(int argc, char **argv);
int cmd_diff(int argc, char **argv);
int cmd_import(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_stats(int argc, char **argv);
int cmd_serve(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_deliver(int argc, char **argv);

#endif
