/* SPDX-License-Identifier: Apache-2.0 */
/* Wave after wave of short-lived threads: after the first ones no memory is left behind. */
#include "must.h"
#include "own_memory.h"
#include "truth.h"
#include <pthread.h>
#include <time.h>

enum { WAVES = 60, FIRST_WAVES = 5, AT_ONCE = 50, STACK_SIZE = 64 << 10, MOST_KB = 256 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

SCENE static void wait_for_a_moment(void)
{
	struct timespec duration = {0, 200000};
	MUST_ZERO(pthread_mutex_lock(&lock));
	MUST_ZERO(pthread_mutex_unlock(&lock));
	MUST(nanosleep(&duration, NULL));
}

static void *short_life(void *unused)
{
	wait_for_a_moment();
	return unused;
}

static void wave(void)
{
	pthread_t threads[AT_ONCE];
	pthread_attr_t attributes;
	MUST_ZERO(pthread_attr_init(&attributes));
	MUST_ZERO(pthread_attr_setstacksize(&attributes, STACK_SIZE));
	for (int i = 0; i < AT_ONCE; i++)
		MUST_ZERO(pthread_create(&threads[i], &attributes, short_life, NULL));
	for (int i = 0; i < AT_ONCE; i++)
		MUST_ZERO(pthread_join(threads[i], NULL));
}

int main(void)
{
	long before_kb = 0;
	for (int i = 0; i < WAVES; i++) {
		if (i == FIRST_WAVES)
			before_kb = own_memory_kb();
		wave();
	}
	long left_kb = own_memory_kb() - before_kb;
	if (left_kb > MOST_KB)
		printf("%ld kB were left behind\n", left_kb);
	printf("%d threads\n", WAVES * AT_ONCE);
}
