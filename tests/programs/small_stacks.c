/* SPDX-License-Identifier: Apache-2.0 */
/* Waits where there is hardly any stack: in threads that have the smallest, nearly used up, and in handlers on an
 * alternate signal stack with a page behind it that must not be touched. */
#include "gate.h"
#include "must.h"
#include "pause.h"
#include "truth.h"
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	SMALLEST_STACK = 16 << 10,
	USED = 8 << 10,      /* of it, when the waits begin */
	HANDLER_ROOM = 4096, /* beyond what the kernel puts on a signal stack */
	PAGE = 4096,
	THREADS = 8,
	ROUNDS = 5,
	SHORT_MS = 2,
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static int silent[2];

/* Every kind of hook once, long enough to be written down. */
SCENE static void wait_in_all_ways(void)
{
	struct timespec duration = {0, SHORT_MS * 1000000}, until;
	struct pollfd polled = {silent[0], POLLIN, 0};
	int fds[2];
	MUST(nanosleep(&duration, NULL));
	MUST(poll(&polled, 1, SHORT_MS));
	MUST_ZERO(pthread_mutex_lock(&lock));
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += SHORT_MS * 1000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_cond_timedwait(&condition, &lock, &until);
	MUST(nanosleep(&duration, NULL)); /* the others want the lock */
	MUST_ZERO(pthread_mutex_unlock(&lock));
	MUST(pipe(fds));
	MUST(write(fds[1], "", 1));
	char byte;
	MUST(read(fds[0], &byte, 1));
	MUST(close(fds[0]));
	MUST(close(fds[1]));
}

static void *on_the_smallest_stack(void *unused)
{
	volatile char used[USED];
	memset((void *)used, 1, sizeof used);
	for (int i = 0; i < ROUNDS; i++)
		wait_in_all_ways();
	return used[0] ? unused : NULL;
}

static volatile sig_atomic_t handled;

static void on_signal(int number)
{
	(void)number;
	int saved_errno = errno;
	wait_in_all_ways();
	handled++;
	errno = saved_errno;
}

static void *on_an_alternate_stack(void *unused)
{
	size_t size = ((size_t)MUST(sysconf(_SC_MINSIGSTKSZ)) + HANDLER_ROOM + PAGE - 1) / PAGE * PAGE;
	char *memory = MUST((char *)mmap(NULL, PAGE + size, PROT_READ | PROT_WRITE,
					 MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0));
	MUST(mprotect(memory, PAGE, PROT_NONE));
	stack_t alternate = {.ss_sp = memory + PAGE, .ss_size = size}, after;
	MUST(sigaltstack(&alternate, NULL));
	for (int i = 0; i < ROUNDS; i++) {
		pause_ms(SHORT_MS);
		raise(SIGUSR1);
	}
	MUST(sigaltstack(NULL, &after));
	printf("the alternate stack is %s\n",
	       after.ss_sp == alternate.ss_sp && after.ss_size == size ? "as it was made" : "another");
	return unused;
}

static void run(const char *what, void *(*start)(void *), size_t stack_size)
{
	pthread_t threads[THREADS];
	pthread_attr_t attributes;
	MUST_ZERO(pthread_attr_init(&attributes));
	MUST_ZERO(pthread_attr_setstacksize(&attributes, stack_size));
	for (int i = 0; i < THREADS; i++)
		MUST_ZERO(pthread_create(&threads[i], &attributes, start, NULL));
	for (int i = 0; i < THREADS; i++)
		MUST_ZERO(LOGGED("join", threads[i], pthread_join(threads[i], NULL)));
	printf("%s, handled %d\n", what, (int)handled);
}

int main(void)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK | SA_RESTART};
	MUST(sigaction(SIGUSR1, &action, NULL));
	MUST(pipe(silent));
	run("smallest stacks", on_the_smallest_stack, SMALLEST_STACK);
	run("alternate stacks", on_an_alternate_stack, 1 << 20);
}
