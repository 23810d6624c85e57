/* SPDX-License-Identifier: Apache-2.0 */
/* waits — a program that makes many events, for rows/agent.py.
 *
 * usage: waits PASSES-PER-SECOND SECONDS CPU
 *
 * Threads in a ring on one CPU pass a turn on: each signals the next one's condition and waits for its own.
 * A pass is three events, condition_signal, condition_wait and the lock_release in between; each wait is a
 * round long, and so over the threshold. Prints the passes made and the seconds they took.
 */
#include <pthread.h>
#include <stdbool.h>
#include <time.h>
#include "record/clock.h"
#include "turns.h"

enum { THREADS = 16, PACE_EVERY = 20 /* rounds between looks at the clock */ };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t conditions[THREADS];
static unsigned whose_turn;
static bool is_over;
static double passes_per_second, seconds;
static uint64_t passes, start_ns;

/* Waits until so many passes are due. Looks whether the time is over. */
static void keep_pace(void)
{
	double ahead_ns =
		(double)passes / passes_per_second * 1e9 - (double)(clock_monotonic_ns() - start_ns);
	if (ahead_ns > 0)
		nanosleep(&(struct timespec){.tv_nsec = (long)ahead_ns}, NULL);
	is_over = (double)(clock_monotonic_ns() - start_ns) > seconds * 1e9;
}

static void *take_part(void *argument)
{
	unsigned own = (unsigned)(uintptr_t)argument, next = (own + 1) % THREADS;
	pthread_mutex_lock(&mutex);
	for (;;) {
		while (whose_turn != own)
			pthread_cond_wait(&conditions[own], &mutex);
		whose_turn = next;
		if (own == 0 && !is_over && passes % (THREADS * PACE_EVERY) == 0)
			keep_pace();
		passes += !is_over;
		pthread_cond_signal(&conditions[next]);
		if (is_over)
			break;
	}
	pthread_mutex_unlock(&mutex);
	return NULL;
}

int main(int count, char **arguments)
{
	if (count != 4) {
		fprintf(stderr, "usage: waits PASSES-PER-SECOND SECONDS CPU\n");
		return 2;
	}
	passes_per_second = atof(arguments[1]);
	seconds = atof(arguments[2]);
	turns_pin(arguments[3]);
	pthread_t threads[THREADS];
	start_ns = clock_monotonic_ns();
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_cond_init(&conditions[i], NULL);
		if (pthread_create(&threads[i], NULL, take_part, (void *)(uintptr_t)i))
			abort();
	}
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	printf("%llu %.3f\n", (unsigned long long)passes, (double)(clock_monotonic_ns() - start_ns) * 1e-9);
	return 0;
}
