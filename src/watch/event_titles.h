/* event_titles.h - what the numbers of Windows events mean, those that people meet. */
#pragma once
#include "base/str.h"

str event_title(str channel, str id);           /* "" if it is none of them */
str event_logon_type(str number);               /* 10: RDP; "" */
str event_logon_failure(str status);            /* 0xC000006A: wrong password; "" */
