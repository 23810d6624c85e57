/* SPDX-License-Identifier: Apache-2.0 */
/* Prints how much memory the process has to itself while so many threads stand still that have waited before.
 * Argument: how many. */
#include "gate.h"
#include "must.h"
#include "own_memory.h"
#include "truth.h"
#include <pthread.h>
#include <time.h>

enum { STACK_SIZE = 64 << 10 };

static struct gate arrived, leave;

static void *parked(void *unused)
{
	struct timespec duration = {0, 100000};
	MUST(nanosleep(&duration, NULL));
	gate_tell(&arrived);
	gate_await(&leave);
	return unused;
}

int main(int argument_count, char **arguments)
{
	int threads = argument_count == 2 ? atoi(arguments[1]) : 0;
	pthread_attr_t attributes;
	gate_init(&arrived);
	gate_init(&leave);
	MUST_ZERO(pthread_attr_init(&attributes));
	MUST_ZERO(pthread_attr_setstacksize(&attributes, STACK_SIZE));
	pthread_t *ids = MUST((pthread_t *)calloc((size_t)threads + 1, sizeof *ids));
	for (int i = 0; i < threads; i++)
		MUST_ZERO(pthread_create(&ids[i], &attributes, parked, NULL));
	for (int i = 0; i < threads; i++)
		gate_await(&arrived);
	printf("%ld\n", own_memory_kb());
	for (int i = 0; i < threads; i++)
		gate_tell(&leave);
	for (int i = 0; i < threads; i++)
		MUST_ZERO(pthread_join(ids[i], NULL));
	free(ids);
}
