/* serve.h - `naubat serve`: runs a real node until SIGTERM. */
#pragma once

int serve_command(int argc, char **argv);
