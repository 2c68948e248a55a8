/* demo.h - `naubat demo`: a node of its own in a temporary folder, on 127.0.0.1, with an invented country
 * in it.
 * It is gone when it stops, and nothing can make a real node of it. */
#pragma once

int demo_command(int argc, char **argv);
