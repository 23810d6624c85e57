/* SPDX-License-Identifier: Apache-2.0 */
/* A library whose constructor runs before that of any preloaded library, and its destructor behind that library's: the
 * loader begins with what the program itself needs. In both it waits, and starts a thread; and from the one to the
 * other a signal arrives every now and then, whose handler waits too. */
#include "../must.h"
#include "around.h"
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { SIGNAL_EVERY_US = 200, EACH_MS = 2 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_t thread;
static int fds[2];
static atomic_int handled;

__attribute__((noipa)) static void wait_in_the_library(void)
{
	struct timespec duration = {0, EACH_MS * 1000000};
	char byte;
	while (nanosleep(&duration, &duration))
		;
	MUST_ZERO(pthread_mutex_lock(&lock));
	MUST_ZERO(pthread_mutex_unlock(&lock));
	MUST(write(fds[1], "", 1));
	MUST(read(fds[0], &byte, 1));
}

static void *wait_in_thread(void *unused)
{
	for (int i = 0; i < 5; i++)
		wait_in_the_library();
	return unused;
}

static void on_signal(int number)
{
	(void)number;
	int saved_errno = errno;
	struct timespec moment = {0, 20000};
	nanosleep(&moment, NULL);
	poll(NULL, 0, 0);
	handled++;
	errno = saved_errno;
}

int around_handled(void)
{
	return handled;
}

static void block_signals(int how)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	MUST_ZERO(pthread_sigmask(how, &set, NULL));
}

__attribute__((constructor)) static void before(void)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
	struct itimerval timer = {{0, SIGNAL_EVERY_US}, {0, SIGNAL_EVERY_US}};
	MUST(pipe(fds));
	block_signals(SIG_BLOCK);
	wait_in_the_library();
	MUST_ZERO(pthread_create(&thread, NULL, wait_in_thread, NULL)); /* lives on while others are loaded */
	block_signals(SIG_UNBLOCK);
	MUST(sigaction(SIGALRM, &action, NULL));
	MUST(setitimer(ITIMER_REAL, &timer, NULL));
	errno = 77;
	printf("before\n");
}

__attribute__((destructor)) static void after(void)
{
	pthread_t last;
	wait_in_the_library();
	MUST_ZERO(pthread_create(&last, NULL, wait_in_thread, NULL));
	MUST_ZERO(pthread_join(thread, NULL));
	MUST_ZERO(pthread_join(last, NULL));
	printf("after, handled some: %d\n", handled > 0);
	fflush(stdout);
}
