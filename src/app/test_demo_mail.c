#include "app/demo_mail.h"

#include <pthread.h>
#include <time.h>
#include "base/arena.h"
#include "base/uuid.h"

enum { MAILS = 300 };

static void *arrive(void *arg)
{
	struct transport *t = demo_mail_transport(arg);
	struct err err;
	for (int i = 0; i < MAILS; i++) {
		ASSERT(t->send(t, S("security@bank.example"), S("x"), &err) == TRANSPORT_SENT);
		nanosleep(&(struct timespec){ 0, 20000 }, NULL); /* or all are there before the first list */
	}
	return NULL;
}

static void check_newest_first(const struct caught *list, ptrdiff_t count)
{
	for (ptrdiff_t i = 0; i < count; i++) {
		for (ptrdiff_t k = 0; k < i; k++)
			ASSERT(!uuid_eq(list[i].id, list[k].id));
		ASSERT(i == 0 || list[i].at.us <= list[i - 1].at.us);
	}
}

/* A list made while mails arrive has each of them once. */
static void test_list_during_arrival(struct arena *a)
{
	struct demo_mail *m = demo_mail_open(NULL);
	struct caught *list = NEW(a, struct caught, MAILS);
	pthread_t sender;
	ptrdiff_t count = 0;
	ASSERT(pthread_create(&sender, NULL, arrive, m) == 0);
	while (count < MAILS) {
		count = demo_mail_newest(m, list, MAILS);
		check_newest_first(list, count);
	}
	ASSERT(pthread_join(sender, NULL) == 0);
	ASSERT(demo_mail_newest(m, list, 3) == 3);
	demo_mail_close(m);
}

int main(void)
{
	struct arena a;
	arena_init(&a, 1 << 20, 1 << 20);
	test_list_during_arrival(&a);
	arena_done(&a);
	return 0;
}
