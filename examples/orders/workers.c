/* SPDX-License-Identifier: Apache-2.0 */
#include "workers.h"
#include <errno.h>
#include <stdio.h>

/* The oldest job; waits for one. NULL when the pool stops and the queue is empty. */
static struct job *workers_next_job(struct workers *workers)
{
	pthread_mutex_lock(&workers->lock);
	while (!workers->first && !workers->is_stopping)
		pthread_cond_wait(&workers->job_came, &workers->lock);
	struct job *job = workers->first;
	if (job) {
		workers->first = job->next;
		workers->queued--;
	}
	pthread_mutex_unlock(&workers->lock);
	return job;
}

static void *worker_main(void *argument)
{
	struct workers *workers = argument;
	struct job *job;
	while ((job = workers_next_job(workers)))
		job->run(job);
	return NULL;
}

int workers_start(struct workers *workers, unsigned count)
{
	*workers = (struct workers){.count = 0};
	pthread_mutex_init(&workers->lock, NULL);
	pthread_cond_init(&workers->job_came, NULL);
	while (workers->count < count) {
		int error = pthread_create(&workers->threads[workers->count], NULL, worker_main, workers);
		if (error) {
			workers_stop(workers);
			workers_fini(workers);
			errno = error;
			return -1;
		}
		char name[16];
		snprintf(name, sizeof name, "worker %u", workers->count);
		pthread_setname_np(workers->threads[workers->count], name);
		workers->count++;
	}
	return 0;
}

bool workers_submit(struct workers *workers, struct job *job)
{
	job->next = NULL;
	pthread_mutex_lock(&workers->lock);
	bool is_open = !workers->is_stopping;
	if (is_open) {
		if (workers->first)
			workers->last->next = job;
		else
			workers->first = job;
		workers->last = job;
		if (++workers->queued > workers->most_queued)
			workers->most_queued = workers->queued;
		pthread_cond_signal(&workers->job_came);
	}
	pthread_mutex_unlock(&workers->lock);
	return is_open;
}

struct workers_load workers_load(struct workers *workers)
{
	pthread_mutex_lock(&workers->lock);
	struct workers_load load = {workers->count, workers->queued, workers->most_queued};
	pthread_mutex_unlock(&workers->lock);
	return load;
}

void workers_stop(struct workers *workers)
{
	pthread_mutex_lock(&workers->lock);
	workers->is_stopping = true;
	pthread_cond_broadcast(&workers->job_came);
	pthread_mutex_unlock(&workers->lock);
	for (unsigned i = 0; i < workers->count; i++)
		pthread_join(workers->threads[i], NULL);
}

void workers_fini(struct workers *workers)
{
	pthread_cond_destroy(&workers->job_came);
	pthread_mutex_destroy(&workers->lock);
}
