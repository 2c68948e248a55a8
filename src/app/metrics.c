#include "app/metrics.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SLOTS = 1024 }; /* of different (route, status); what finds none is counted together */

struct slot {
	const struct route *route;
	int status;
	int64_t count, took_us;
};

struct metrics {
	pthread_mutex_t lock; /* guards the rest */
	struct slot slots[SLOTS];
	ptrdiff_t used;
	int64_t unslotted, commits, journal_size, reminders, alerts;
};

struct metrics *metrics_open(void)
{
	struct metrics *m = calloc(1, sizeof(*m)); /* heap: lives as long as the node */
	ASSERT(m != NULL);
	pthread_mutex_init(&m->lock, NULL);
	return m;
}

void metrics_close(struct metrics *m)
{
	if (m == NULL)
		return;
	pthread_mutex_destroy(&m->lock);
	free(m);
}

void metrics_committed(struct metrics *m, int64_t journal_size)
{
	if (m == NULL)
		return;
	pthread_mutex_lock(&m->lock);
	m->commits++;
	m->journal_size = journal_size;
	pthread_mutex_unlock(&m->lock);
}

void metrics_told(struct metrics *m, int64_t reminders, int64_t alerts)
{
	if (m == NULL)
		return;
	pthread_mutex_lock(&m->lock);
	m->reminders += reminders;
	m->alerts += alerts;
	pthread_mutex_unlock(&m->lock);
}

static struct slot *slot_of(struct metrics *m, const struct route *route, int status)
{
	for (ptrdiff_t i = 0; i < m->used; i++)
		if (m->slots[i].route == route && m->slots[i].status == status)
			return &m->slots[i];
	if (m->used == SLOTS)
		return NULL;
	m->slots[m->used] = (struct slot){ .route = route, .status = status };
	return &m->slots[m->used++];
}

void metrics_request(struct metrics *m, const struct route *route, int status, int64_t took_us)
{
	if (m == NULL)
		return;
	pthread_mutex_lock(&m->lock);
	struct slot *s = slot_of(m, route, status);
	if (s) {
		s->count++;
		s->took_us += took_us;
	} else {
		m->unslotted++;
	}
	pthread_mutex_unlock(&m->lock);
}

static int64_t resident_bytes(void)
{
	long long pages = 0;
	FILE *f = fopen("/proc/self/statm", "re");
	if (f == NULL)
		return 0;
	if (fscanf(f, "%*d %lld", &pages) != 1)
		pages = 0;
	(void)fclose(f);
	return (int64_t)pages * sysconf(_SC_PAGESIZE);
}

static void write_labels(struct buf *out, const char *name, const struct slot *s)
{
	buf_printf(out, "%s{method=\"%s\",route=\"%s\",status=\"%d\"} ", name,
		   s->route ? s->route->method : "", s->route ? s->route->path : "", s->status);
}

void metrics_write(struct metrics *m, struct buf *out)
{
	if (m == NULL)
		return;
	pthread_mutex_lock(&m->lock);
	buf_printf(out, "# TYPE naubat_http_requests_total counter\n");
	for (ptrdiff_t i = 0; i < m->used; i++) {
		write_labels(out, "naubat_http_requests_total", &m->slots[i]);
		buf_printf(out, "%lld\n", (long long)m->slots[i].count);
	}
	buf_printf(out, "# TYPE naubat_http_request_seconds_total counter\n");
	for (ptrdiff_t i = 0; i < m->used; i++) {
		write_labels(out, "naubat_http_request_seconds_total", &m->slots[i]);
		buf_printf(out, "%.6f\n", (double)m->slots[i].took_us / 1e6);
	}
	buf_printf(out,
		   "# TYPE naubat_http_requests_uncounted_total counter\n"
		   "naubat_http_requests_uncounted_total %lld\n",
		   (long long)m->unslotted);
	buf_printf(out, "# TYPE naubat_commits_total counter\nnaubat_commits_total %lld\n",
		   (long long)m->commits);
	if (m->journal_size) /* of the last commit: unknown before the first */
		buf_printf(out, "# TYPE naubat_journal_entries gauge\nnaubat_journal_entries %lld\n",
			   (long long)m->journal_size);
	buf_printf(out,
		   "# TYPE naubat_reminders_total counter\nnaubat_reminders_total %lld\n"
		   "# TYPE naubat_alerts_total counter\nnaubat_alerts_total %lld\n",
		   (long long)m->reminders, (long long)m->alerts);
	pthread_mutex_unlock(&m->lock);
	buf_printf(out, "# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes %lld\n",
		   (long long)resident_bytes());
}
