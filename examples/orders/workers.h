/* SPDX-License-Identifier: Apache-2.0 */
/* workers.h — a fixed number of threads that do jobs in the order in which they were submitted.
 *
 * Words:    a job is anything that embeds a struct job; it belongs to the pool from submission until it runs.
 * Threads:  submit and load from any thread; start, stop and fini by the same one.
 * Full:     the queue has no limit of its own; the caller bounds it by what it lets in.
 */
#pragma once
#include <pthread.h>
#include <stdbool.h>

enum { WORKERS_MAX = 64 };

struct job {
	void (*run)(struct job *job);
	struct job *next; /* of the queue */
};

struct workers {
	pthread_mutex_t lock;
	pthread_cond_t job_came;
	struct job *first, *last;
	unsigned queued, most_queued; /* jobs that wait for a worker: now, and at the worst moment so far */
	bool is_stopping;
	unsigned count;
	pthread_t threads[WORKERS_MAX];
};

struct workers_load {
	unsigned workers, queued, most_queued;
};

/* Starts `count` threads, 1 to WORKERS_MAX. Returns 0, or -1 with errno set and no thread left. */
int workers_start(struct workers *workers, unsigned count);

/* A worker will call the job's run. False, and the job stays the caller's, once the pool is stopping. */
bool workers_submit(struct workers *workers, struct job *job);

struct workers_load workers_load(struct workers *workers);

/* Returns when all jobs have run and all threads have ended; from the call on, new jobs are refused. */
void workers_stop(struct workers *workers);

/* After it nobody may ask the pool for anything. */
void workers_fini(struct workers *workers);
