/* SPDX-License-Identifier: Apache-2.0 */
/* Waits before any constructor and behind any destructor: by itself, in the library that it is linked to, and in
 * handlers of signals that arrive all the while. */
#include "libraries/around.h"
#include "must.h"
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

__attribute__((noipa)) static void wait_unlogged(void)
{
	struct timespec duration = {0, 2000000};
	while (nanosleep(&duration, &duration))
		;
	MUST_ZERO(pthread_mutex_lock(&lock));
	MUST_ZERO(pthread_mutex_unlock(&lock));
}

/* The loader calls it before it calls anything else of anybody's. */
static void first_of_all(void)
{
	wait_unlogged();
	printf("first of all\n");
}
__attribute__((section(".preinit_array"), used)) static void (*const preinit)(void) = first_of_all;

__attribute__((destructor)) static void last_of_the_program(void)
{
	wait_unlogged();
	printf("last of the program\n");
}

static void at_exit(void)
{
	wait_unlogged();
	printf("at exit\n");
}

int main(void)
{
	printf("main\n");
	atexit(at_exit);
	for (int already = around_handled(); around_handled() < already + 50;)
		wait_unlogged();
	return 3;
}
