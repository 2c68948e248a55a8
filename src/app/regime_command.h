/* regime_command.h - `naubat regime check [--json] FILE`. */
#pragma once

int regime_command(int argc, char **argv);
