/* SPDX-License-Identifier: Apache-2.0 */
/* Waits for threads that take their time, one after the other. */
#include "must.h"
#include "pause.h"
#include "truth.h"
#include <pthread.h>

enum { LIFE_MS = 50 };

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

int main(void)
{
	for (long number = 1; number <= 3; number++) {
		pthread_t thread;
		MUST_ZERO(pthread_create(&thread, NULL, sleeper, (void *)number));
		printf("result %ld\n", (long)await_by_join(thread));
	}
}
