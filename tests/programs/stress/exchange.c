/* SPDX-License-Identifier: Apache-2.0 */
/* Threads that wait for each other: mutexes, conditions, pipes. */
#include "must.h"
#include "stress.h"
#include <poll.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

enum { MUTEXES = 3, PATIENCE_MS = 20, BASKET_MOST = 4 };

static pthread_mutex_t mutexes[MUTEXES] = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER,
					   PTHREAD_MUTEX_INITIALIZER};
static int inside[MUTEXES];

void play_locks(struct actor *actor)
{
	welcome_signals();
	while (!is_over()) {
		uint64_t which = draw(actor, MUTEXES);
		MUST_ZERO(pthread_mutex_lock(&mutexes[which]));
		if (inside[which]++)
			abort(); /* two threads have the lock */
		if (draw(actor, 2))
			sleep_for(draw(actor, 300000));
		inside[which]--;
		MUST_ZERO(pthread_mutex_unlock(&mutexes[which]));
		tally.locks++;
		sleep_for(draw(actor, 500000));
	}
	refuse_signals();
}

static pthread_mutex_t basket_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t basket_changed = PTHREAD_COND_INITIALIZER;
static int basket;

/* Waits a while for the basket to change: the partner may have ended. The basket's mutex is held. */
static void await_change(void)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += PATIENCE_MS * 1000000L;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	int error = pthread_cond_timedwait(&basket_changed, &basket_mutex, &until);
	if (error && error != ETIMEDOUT)
		abort();
}

/* Two of them: one puts into the basket, the other takes out, who is which by the actor's name. */
void play_conditions(struct actor *actor)
{
	int is_giver = strcmp(actor->name, "give") == 0;
	welcome_signals();
	while (!is_over()) {
		MUST_ZERO(pthread_mutex_lock(&basket_mutex));
		while (basket == (is_giver ? BASKET_MOST : 0) && !is_over())
			await_change();
		basket += is_giver ? 1 : -1;
		if (basket < -1 || basket > BASKET_MOST + 1)
			abort();
		if (draw(actor, 2))
			MUST_ZERO(pthread_cond_signal(&basket_changed));
		else
			MUST_ZERO(pthread_cond_broadcast(&basket_changed));
		MUST_ZERO(pthread_mutex_unlock(&basket_mutex));
		tally.hand_overs++;
		if (draw(actor, 4) == 0)
			sleep_for(draw(actor, 1000000));
	}
	refuse_signals();
}

static int channels[2][2];
static pthread_once_t channels_made = PTHREAD_ONCE_INIT;

static void make_channels(void)
{
	MUST(pipe(channels[0]));
	MUST(pipe(channels[1]));
}

/* Two of them send a byte back and forth. */
void play_pipes(struct actor *actor)
{
	MUST_ZERO(pthread_once(&channels_made, make_channels));
	int is_ping = strcmp(actor->name, "ping") == 0;
	struct pollfd mine = {.fd = channels[!is_ping][0], .events = POLLIN};
	char byte = 'b';
	welcome_signals();
	if (is_ping)
		MUST(write(channels[1][1], &byte, 1));
	while (!is_over()) {
		int found = poll(&mine, 1, PATIENCE_MS);
		if (found < 0 && errno != EINTR)
			abort();
		if (found <= 0)
			continue;
		ssize_t got;
		while ((got = read(mine.fd, &byte, 1)) < 0 && errno == EINTR)
			;
		if (got != 1 || byte != 'b')
			abort();
		if (draw(actor, 3) == 0)
			sleep_for(draw(actor, 200000));
		while ((got = write(channels[is_ping][1], &byte, 1)) < 0 && errno == EINTR)
			;
		if (got != 1)
			abort();
		tally.bytes++;
	}
	refuse_signals();
}

void play_flood(struct actor *actor)
{
	(void)actor;
	for (int i = 0; i < FLOOD_SLEEPS; i++)
		sleep_for(0);
}
