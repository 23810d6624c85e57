/* SPDX-License-Identifier: Apache-2.0 */
/* Signals: handlers that wait, inside of waits and anywhere else, and that jump out of them. */
#include "must.h"
#include "stress.h"
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <unistd.h>

enum { TARGETS_MOST = 16 };

static pthread_mutex_t targets_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_t targets[TARGETS_MOST];
static int target_count;
static int handler_pipe[2];

/* Half of them wait: a handler's own sleep, and a read of what it just wrote. */
static void on_user_signal(int number)
{
	int host_errno = errno;
	char byte;
	(void)number;
	if (tally.handled++ % 2) {
		sleep_for(0);
	} else if (write(handler_pipe[1], "h", 1) == 1) {
		while (read(handler_pipe[0], &byte, 1) < 0 && errno == EINTR)
			;
	}
	errno = host_errno;
}

static _Thread_local sigjmp_buf back;
static _Thread_local volatile sig_atomic_t may_jump;

static void on_jump_signal(int number)
{
	(void)number;
	if (may_jump) {
		may_jump = 0;
		siglongjmp(back, 1);
	}
}

void signals_init(void)
{
	MUST(pipe(handler_pipe));
	struct sigaction action = {.sa_handler = on_user_signal};
	MUST(sigaction(SIGUSR1, &action, NULL));
	action.sa_handler = on_jump_signal;
	MUST(sigaction(SIGUSR2, &action, NULL));
}

void welcome_signals(void)
{
	MUST_ZERO(pthread_mutex_lock(&targets_mutex));
	targets[target_count++] = pthread_self();
	MUST_ZERO(pthread_mutex_unlock(&targets_mutex));
}

/* Once it has returned nobody sends any more. */
void refuse_signals(void)
{
	MUST_ZERO(pthread_mutex_lock(&targets_mutex));
	for (int i = 0; i < target_count; i++)
		if (pthread_equal(targets[i], pthread_self()))
			targets[i] = targets[--target_count];
	MUST_ZERO(pthread_mutex_unlock(&targets_mutex));
}

void play_signals(struct actor *actor)
{
	while (!is_over()) {
		MUST_ZERO(pthread_mutex_lock(&targets_mutex));
		if (target_count) {
			pthread_t target = targets[draw(actor, (uint64_t)target_count)];
			MUST_ZERO(pthread_kill(target, SIGUSR1));
			tally.signals++;
		}
		MUST_ZERO(pthread_mutex_unlock(&targets_mutex));
		sleep_for(draw(actor, 500000));
	}
}

static pthread_t jumper;
static atomic_int is_startled;

/* A signal that comes before the jumper is ready does nothing. */
static void *startle(void *actor_)
{
	struct actor *actor = actor_;
	while (!is_startled) {
		sleep_for(draw(actor, 2000000));
		MUST_ZERO(pthread_kill(jumper, SIGUSR2));
	}
	return NULL;
}

/* A loop that is never left but by a jump, which may hit it anywhere: in the guest's own code too. */
void play_jumps(struct actor *actor)
{
	jumper = pthread_self();
	while (!is_over()) {
		pthread_t thread;
		struct actor other = {.random = draw(actor, UINT64_MAX)};
		is_startled = 0;
		MUST_ZERO(pthread_create(&thread, NULL, startle, &other));
		tally.threads++;
		if (sigsetjmp(back, 1) == 0) {
			may_jump = 1;
			for (;;)
				sleep_for(0);
		}
		is_startled = 1;
		tally.jumps++;
		MUST_ZERO(pthread_join(thread, NULL));
	}
}
