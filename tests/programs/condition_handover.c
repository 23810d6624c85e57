/* SPDX-License-Identifier: Apache-2.0 */
/* Work is handed over through condition variables: signalled to one, broadcast to two, and not at all
 * until a timeout. */
#include "must.h"
#include "pause.h"
#include "truth.h"
#include <pthread.h>
#include <time.h>

enum { ROUNDS = 8, BETWEEN_MS = 15, TIMEOUT_MS = 60, LISTENERS = 2 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t given = PTHREAD_COND_INITIALIZER;
static pthread_cond_t taken = PTHREAD_COND_INITIALIZER;
static pthread_cond_t announced = PTHREAD_COND_INITIALIZER;
static int turns_given, turns_taken, announcements, heard;

SCENE static void await_the_turn(int turn)
{
	pthread_mutex_lock(&lock);
	while (turns_given < turn)
		LOGGED("condition", &given, pthread_cond_wait(&given, &lock));
	turns_taken = turn;
	pthread_cond_signal(&taken);
	pthread_mutex_unlock(&lock);
}

SCENE static void give_the_turn(void)
{
	pthread_mutex_lock(&lock);
	turns_given++;
	pthread_cond_signal(&given);
	pthread_mutex_unlock(&lock);
}

SCENE static void await_the_taker(int turn)
{
	pthread_mutex_lock(&lock);
	while (turns_taken < turn)
		LOGGED("condition", &taken, pthread_cond_wait(&taken, &lock));
	pthread_mutex_unlock(&lock);
}

SCENE static void await_the_announcement(void)
{
	pthread_mutex_lock(&lock);
	while (announcements == 0)
		LOGGED("condition", &announced, pthread_cond_wait(&announced, &lock));
	heard++;
	pthread_mutex_unlock(&lock);
}

SCENE static void tell_everyone(void)
{
	pthread_mutex_lock(&lock);
	announcements++;
	pthread_cond_broadcast(&announced);
	pthread_mutex_unlock(&lock);
}

SCENE static void await_the_timeout(clockid_t clock)
{
	static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
	struct timespec deadline;
	clock_gettime(clock, &deadline);
	deadline.tv_nsec += TIMEOUT_MS * 1000000;
	deadline.tv_sec += deadline.tv_nsec / 1000000000;
	deadline.tv_nsec %= 1000000000;
	int result = 0;
	pthread_mutex_lock(&lock);
	while (result == 0)
		result = clock == CLOCK_REALTIME
				 ? LOGGED("condition", &never,
					  pthread_cond_timedwait(&never, &lock, &deadline))
				 : LOGGED("condition", &never,
					  pthread_cond_clockwait(&never, &lock, clock, &deadline));
	pthread_mutex_unlock(&lock);
	printf("timeout: %s\n", strerror(result));
}

static void *taker(void *unused)
{
	for (int turn = 1; turn <= ROUNDS; turn++)
		await_the_turn(turn);
	return unused;
}

static void *listener(void *unused)
{
	await_the_announcement();
	return unused;
}

int main(void)
{
	pthread_t thread, listeners[LISTENERS];
	MUST_ZERO(pthread_create(&thread, NULL, taker, NULL));
	for (int i = 0; i < LISTENERS; i++)
		MUST_ZERO(pthread_create(&listeners[i], NULL, listener, NULL));
	for (int turn = 1; turn <= ROUNDS; turn++) {
		pause_ms(BETWEEN_MS);
		give_the_turn();
		await_the_taker(turn);
	}
	MUST_ZERO(LOGGED("join", thread, pthread_join(thread, NULL)));
	tell_everyone();
	for (int i = 0; i < LISTENERS; i++)
		MUST_ZERO(LOGGED("join", listeners[i], pthread_join(listeners[i], NULL)));
	await_the_timeout(CLOCK_REALTIME);
	await_the_timeout(CLOCK_MONOTONIC);
	printf("%d turns, heard by %d\n", ROUNDS, heard);
}
