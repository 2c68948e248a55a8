/* clock_shift.c - a later hour: preloaded (LD_PRELOAD) by tests/story_reminders.py.
 *
 * The wall clock and the boot clock are both NAUBAT_CLOCK_SHIFT seconds ahead: they agree, and are trusted.
 * Waits are not shifted: the ticker takes the turn it begins with, and then sleeps past the end of the test.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

#pragma GCC visibility push(default)

int clock_gettime(clockid_t id, struct timespec *out)
{
	int (*next)(clockid_t, struct timespec *) =
		(int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
	const char *shift = getenv("NAUBAT_CLOCK_SHIFT");
	int result = next(id, out);
	if (result == 0 && shift && (id == CLOCK_REALTIME || id == CLOCK_BOOTTIME))
		out->tv_sec += atol(shift);
	return result;
}
