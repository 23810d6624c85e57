/* SPDX-License-Identifier: Apache-2.0 */
/* Waits for threads that take their time, by every kind of join. */
#include "must.h"
#include "pause.h"
#include "truth.h"
#include <pthread.h>
#include <time.h>

enum { LIFE_MS = 50, TIMEOUT_MS = 20 };

static void *sleeper(void *argument)
{
	pause_ms(LIFE_MS);
	return argument;
}

SCENE static void *await_by_join(pthread_t thread)
{
	void *result;
	MUST_ZERO(LOGGED("join", thread, pthread_join(thread, &result)));
	return result;
}

SCENE static void *await_by_timed_join(pthread_t thread)
{
	void *result;
	struct timespec deadline;
	clock_gettime(CLOCK_REALTIME, &deadline);
	deadline.tv_nsec += TIMEOUT_MS * 1000000;
	deadline.tv_sec += deadline.tv_nsec / 1000000000;
	deadline.tv_nsec %= 1000000000;
	int error = LOGGED("join", thread, pthread_timedjoin_np(thread, &result, &deadline));
	printf("timed join: %s\n", strerror(error));
	return await_by_join(thread);
}

int main(void)
{
	void *(*const ways[])(pthread_t) = {await_by_join, await_by_timed_join};
	for (long way = 0; way < 2; way++) {
		pthread_t thread;
		MUST_ZERO(pthread_create(&thread, NULL, sleeper, (void *)way));
		printf("way %ld: result %ld\n", way, (long)ways[way](thread));
	}
}
