/* SPDX-License-Identifier: Apache-2.0 */
/* A thousand short threads, twenty at a time, each with one wait of its own and its own name. */
#include "must.h"
#include "pause.h"
#include "truth.h"
#include <pthread.h>

enum { THREADS = 1000, AT_ONCE = 20 };

static void *short_life(void *index)
{
	char name[16];
	snprintf(name, sizeof name, "storm-%03ld", (long)index);
	MUST_ZERO(pthread_setname_np(pthread_self(), name));
	pause_ms(1);
	return NULL;
}

int main(void)
{
	pthread_t threads[AT_ONCE];
	for (long first = 0; first < THREADS; first += AT_ONCE) {
		for (long i = 0; i < AT_ONCE; i++)
			MUST_ZERO(pthread_create(&threads[i], NULL, short_life, (void *)(first + i)));
		for (long i = 0; i < AT_ONCE; i++)
			MUST_ZERO(LOGGED("join", threads[i], pthread_join(threads[i], NULL)));
	}
	printf("%d threads\n", THREADS);
}
