/* regime_command.h - `naubat regime`: check here, adopt and list through the running node. */
#pragma once

int regime_command(int argc, char **argv);
