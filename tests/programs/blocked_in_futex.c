/* SPDX-License-Identifier: Apache-2.0 */
/* A raw futex by syscall(2), as own lock libraries have it: once until a timeout, once until another
 * thread wakes it. */
#include "gate.h"
#include "must.h"
#include "pause.h"
#include "truth.h"
#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { AFTER_MS = 150, TIMEOUT_MS = 100 };

static struct gate ready;
static uint32_t word;

static void *waker(void *unused)
{
	gate_await(&ready);
	pause_ms(AFTER_MS);
	__atomic_store_n(&word, 1, __ATOMIC_RELEASE);
	MUST(syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
	return unused;
}

SCENE static long wait_on_the_word(const struct timespec *timeout)
{
	return LOGGED("unseen", &word, syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, timeout, NULL, 0));
}

int main(void)
{
	gate_init(&ready);
	pthread_t thread;
	MUST_ZERO(pthread_create(&thread, NULL, waker, NULL));
	struct timespec timeout = {0, TIMEOUT_MS * 1000000};
	long result = wait_on_the_word(&timeout);
	printf("timeout: %ld, %s\n", result, strerror(errno));
	gate_tell(&ready);
	while (!__atomic_load_n(&word, __ATOMIC_ACQUIRE))
		wait_on_the_word(NULL);
	MUST_ZERO(LOGGED("join", thread, pthread_join(thread, NULL)));
}
