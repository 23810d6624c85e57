/* SPDX-License-Identifier: Apache-2.0 */
/* One thread holds a mutex across slow work while another wants it, ten times over. */
#include "gate.h"
#include "must.h"
#include "pause.h"
#include "truth.h"
#include <pthread.h>

enum { ROUNDS = 10, HELD_MS = 20 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct gate held, wanted, had;

SCENE static void want_the_lock(void)
{
	gate_await(&held);
	gate_tell(&wanted);
	MUST_ZERO(LOGGED("lock", &lock, pthread_mutex_lock(&lock)));
	MUST_ZERO(pthread_mutex_unlock(&lock));
	gate_tell(&had);
}

SCENE static void hold_the_lock(void)
{
	MUST_ZERO(pthread_mutex_lock(&lock));
	gate_tell(&held);
	gate_await(&wanted);
	pause_ms(HELD_MS);
	MUST_ZERO(pthread_mutex_unlock(&lock));
	gate_await(&had);
}

static void *waiter(void *unused)
{
	for (int round = 0; round < ROUNDS; round++)
		want_the_lock();
	return unused;
}

int main(void)
{
	gate_init(&held);
	gate_init(&wanted);
	gate_init(&had);
	pthread_t thread;
	MUST_ZERO(pthread_create(&thread, NULL, waiter, NULL));
	for (int round = 0; round < ROUNDS; round++)
		hold_the_lock();
	MUST_ZERO(LOGGED("join", thread, pthread_join(thread, NULL)));
	printf("%d rounds\n", ROUNDS);
}
