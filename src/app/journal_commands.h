/* journal_commands.h - naubat journal, backup and restore: for the command line, without the server.
 *
 * argv[0] is the word after the program's name ("journal", "backup", "restore").  Answers go to stdout,
 * errors and progress (only on a terminal) to stderr.  Exit codes: 0 done and fine, 1 looked at and broken,
 * 2 cannot be done.
 */
#pragma once

int journal_command(int argc, char **argv); /* verify, prove, check, export, checkpoint, rebuild */
int backup_command(int argc, char **argv);
int restore_command(int argc, char **argv);
