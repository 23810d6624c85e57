/* SPDX-License-Identifier: Apache-2.0 */
/* Ten thousand threads are there at the same time, and all of them wait again and again. */
#include "must.h"
#include "truth.h"
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 10000, WAITS = 10, STACK_SIZE = 64 << 10 };

static pthread_barrier_t all_are_there;
static atomic_int waits;

SCENE static void wait_in_the_crowd(void)
{
	struct timespec duration = {0, 1000000};
	for (int i = 0; i < WAITS; i++)
		waits += nanosleep(&duration, NULL) == 0;
}

static void *member(void *unused)
{
	pthread_barrier_wait(&all_are_there);
	wait_in_the_crowd();
	return unused;
}

int main(void)
{
	static pthread_t threads[THREADS];
	pthread_attr_t attributes;
	MUST_ZERO(pthread_attr_init(&attributes));
	MUST_ZERO(pthread_attr_setstacksize(&attributes, STACK_SIZE));
	MUST_ZERO(pthread_barrier_init(&all_are_there, NULL, THREADS));
	for (int i = 0; i < THREADS; i++) {
		int error = pthread_create(&threads[i], &attributes, member, NULL);
		if (error == EAGAIN) {
			truth_missing("this machine does not allow 10,000 threads");
			_exit(0);
		}
		MUST_ZERO(error);
	}
	for (int i = 0; i < THREADS; i++)
		MUST_ZERO(pthread_join(threads[i], NULL));
	printf("%d threads, %d waits\n", THREADS, waits);
}
