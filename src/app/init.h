/* init.h - `naubat init`: makes a real node in a folder where there is none. */
#pragma once

int init_command(int argc, char **argv);
