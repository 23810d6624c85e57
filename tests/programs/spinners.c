/* SPDX-License-Identifier: Apache-2.0 */
/* Threads that do nothing but use their CPU, all on the same one when pinned. Arguments: threads, "pinned"
 * or "free". */
#include "must.h"
#include "truth.h"
#include <pthread.h>
#include <sched.h>
#include <time.h>

enum { THREADS_MAX = 8, SPIN_MS = 400 };

static int spin(void)
{
	struct timespec used;
	do
		for (volatile int i = 0; i < 20000; i++)
			;
	while (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used) == 0 &&
	       used.tv_sec * 1000 + used.tv_nsec / 1000000 < SPIN_MS);
	return 0;
}

SCENE static void *spin_for_a_while(void *unused)
{
	LOGGED("running", 0, spin());
	return unused;
}

static void pin_to_one_cpu(void)
{
	cpu_set_t allowed, first;
	MUST(sched_getaffinity(0, sizeof allowed, &allowed));
	CPU_ZERO(&first);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &allowed)) {
			CPU_SET(cpu, &first);
			break;
		}
	MUST(sched_setaffinity(0, sizeof first, &first));
}

int main(int argument_count, char **arguments)
{
	int thread_count = argument_count == 3 ? atoi(arguments[1]) : 0;
	if (thread_count < 1 || thread_count > THREADS_MAX) {
		fprintf(stderr, "usage: spinners THREADS pinned|free\n");
		return 2;
	}
	if (strcmp(arguments[2], "pinned") == 0)
		pin_to_one_cpu();
	pthread_t threads[THREADS_MAX];
	for (int i = 0; i < thread_count; i++)
		MUST_ZERO(pthread_create(&threads[i], NULL, spin_for_a_while, NULL));
	for (int i = 0; i < thread_count; i++)
		MUST_ZERO(LOGGED("join", threads[i], pthread_join(threads[i], NULL)));
}
