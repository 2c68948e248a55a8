#pragma once
#include "base/err.h"
struct sign_public { uint8_t b[32]; };
struct sign_key;
