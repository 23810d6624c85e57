/* SPDX-License-Identifier: Apache-2.0 */
/* What tests/programs/loader.c loads and unloads: waits in its constructor, in its work and in its destructor, and has values of
 * a thread's own. Built four times, for the loader knows a file again. */
#include "../must.h"
#include <poll.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local int calls;

static void wait_for_a_moment(void)
{
	struct timespec moment = {0, 50000};
	MUST(nanosleep(&moment, NULL));
	MUST(poll(NULL, 0, 0));
	MUST_ZERO(pthread_mutex_lock(&lock));
	MUST_ZERO(pthread_mutex_unlock(&lock));
}

__attribute__((constructor)) static void come(void)
{
	wait_for_a_moment();
}

__attribute__((destructor)) static void go(void)
{
	wait_for_a_moment();
}

static void *wait_in_thread(void *unused)
{
	wait_for_a_moment();
	return unused;
}

__attribute__((visibility("default"))) int plugin_work(int has_thread);
int plugin_work(int has_thread)
{
	pthread_t thread;
	wait_for_a_moment();
	if (has_thread) {
		MUST_ZERO(pthread_create(&thread, NULL, wait_in_thread, NULL));
		MUST_ZERO(pthread_join(thread, NULL));
	}
	return ++calls;
}
