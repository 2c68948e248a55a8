#include "os/clock.h"

#include <time.h>

static int64_t read_us(clockid_t id)
{
	struct timespec t;
	clock_gettime(id, &t);
	return SECONDS(t.tv_sec) + t.tv_nsec / 1000;
}

static struct instant real_now(struct clock *c UNUSED)
{
	return (struct instant){ read_us(CLOCK_REALTIME) };
}

static int64_t real_boot(struct clock *c UNUSED)
{
	return read_us(CLOCK_BOOTTIME);
}

struct clock clock_real(void)
{
	return (struct clock){ real_now, real_boot };
}

static struct instant fake_now(struct clock *c)
{
	return ((struct clock_fake *)c)->at;
}

static int64_t fake_boot(struct clock *c)
{
	return ((struct clock_fake *)c)->boot;
}

void clock_fake_init(struct clock_fake *f, struct instant at)
{
	*f = (struct clock_fake){ .clock = { fake_now, fake_boot }, .at = at };
}

void clock_fake_advance(struct clock_fake *f, int64_t us)
{
	f->at.us += us;
	f->boot += us;
}
