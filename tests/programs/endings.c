/* SPDX-License-Identifier: Apache-2.0 */
/* Threads and processes end in ways of their own, and wait while they do. Argument:
 *
 *	destructor   a destructor of a thread's own values calls exit() under other threads
 *	rounds       destructors wait in each of the rounds that there are
 *	main         the main thread ends first, the last of the others ends the process
 *	quick        quick_exit, with a handler that waits
 *	raw          threads end by the system call alone: no destructor runs
 */
#include "gate.h"
#include "must.h"
#include "pause.h"
#include "truth.h"
#include <limits.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { EACH_MS = 10, RAW_THREADS = 20 };

static struct gate ready;
static pthread_key_t key;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

SCENE static void wait_at_the_end(void)
{
	pause_ms(EACH_MS);
	MUST_ZERO(pthread_mutex_lock(&lock));
	MUST_ZERO(pthread_mutex_unlock(&lock));
}

static void say_goodbye(void)
{
	wait_at_the_end();
	printf("goodbye\n");
	fflush(stdout);
}

static void *sleep_for_ever(void *unused)
{
	gate_tell(&ready);
	for (struct timespec duration = {3600, 0};;)
		nanosleep(&duration, NULL);
	return unused;
}

static void start(void *(*function)(void *), void *argument)
{
	pthread_t thread;
	MUST_ZERO(pthread_create(&thread, NULL, function, argument));
	MUST_ZERO(pthread_detach(thread));
}

/* --- destructor */

static void exit_in_destructor(void *value)
{
	wait_at_the_end();
	exit((int)(long)value);
}

static void *set_value(void *value)
{
	MUST_ZERO(pthread_setspecific(key, value));
	return NULL;
}

static void by_destructor(void)
{
	MUST_ZERO(pthread_key_create(&key, exit_in_destructor));
	atexit(say_goodbye);
	start(sleep_for_ever, NULL);
	start(sleep_for_ever, NULL);
	gate_await(&ready);
	gate_await(&ready);
	start(set_value, (void *)7L);
	sleep_for_ever(NULL);
}

/* --- rounds */

static void wait_and_come_again(void *value)
{
	static _Thread_local long rounds;
	struct timespec duration = {0, EACH_MS * 1000000};
	if (++rounds < PTHREAD_DESTRUCTOR_ITERATIONS)
		wait_at_the_end();
	else
		MUST(nanosleep(&duration, NULL)); /* after this one nothing is waited for, nor seen */
	printf("round %ld\n", rounds);
	MUST_ZERO(pthread_setspecific(key, value));
}

static void by_rounds(void)
{
	pthread_t thread;
	MUST_ZERO(pthread_key_create(&key, wait_and_come_again));
	for (int i = 0; i < 2; i++) {
		MUST_ZERO(pthread_create(&thread, NULL, set_value, &key));
		MUST_ZERO(LOGGED("join", thread, pthread_join(thread, NULL)));
	}
}

/* --- main */

static void *outlive_main(void *main_thread)
{
	MUST_ZERO(LOGGED("join", *(pthread_t *)main_thread, pthread_join(*(pthread_t *)main_thread, NULL)));
	wait_at_the_end();
	printf("main is gone\n");
	return NULL;
}

static void by_main(void)
{
	static pthread_t main_thread;
	main_thread = pthread_self();
	atexit(say_goodbye);
	start(outlive_main, &main_thread);
	pause_ms(EACH_MS);
	pthread_exit(NULL);
}

/* --- quick */

static void by_quick_exit(void)
{
	at_quick_exit(say_goodbye);
	start(sleep_for_ever, NULL);
	gate_await(&ready);
	fflush(stdout);
	quick_exit(8);
}

/* --- raw */

static void *end_by_system_call(void *unused)
{
	wait_at_the_end();
	gate_tell(&ready);
	syscall(SYS_exit, 0);
	return unused;
}

static void by_system_call(void)
{
	for (int i = 0; i < RAW_THREADS; i++)
		start(end_by_system_call, NULL);
	for (int i = 0; i < RAW_THREADS; i++)
		gate_await(&ready);
	printf("%d threads are gone\n", RAW_THREADS);
}

int main(int argument_count, char **arguments)
{
	const char *way = argument_count == 2 ? arguments[1] : "";
	gate_init(&ready);
	if (strcmp(way, "destructor") == 0)
		by_destructor();
	else if (strcmp(way, "rounds") == 0)
		by_rounds();
	else if (strcmp(way, "main") == 0)
		by_main();
	else if (strcmp(way, "quick") == 0)
		by_quick_exit();
	else if (strcmp(way, "raw") == 0)
		by_system_call();
	else
		return fprintf(stderr, "usage: endings destructor|rounds|main|quick|raw\n"), 2;
}
