/* detect_command.h - the commands that need no node: detect, rules; search, logons and metrics over logs. */
#pragma once
#include <stdbool.h>

int detect_command(int argc, char **argv);
int rules_command(int argc, char **argv);
int logons_command(int argc, char **argv);
int events_command(int argc, char **argv);      /* naubat metrics */
/* `naubat search` over logs; the same word asks the running node where no log is named. */
bool search_is_of_logs(int argc, char **argv);
int  search_logs_command(int argc, char **argv);
