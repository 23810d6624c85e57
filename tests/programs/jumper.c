/* SPDX-License-Identifier: Apache-2.0 */
/* A handler jumps out of calls that wait, again and again; then the thread waits as if nothing had been. */
#include "must.h"
#include "pause.h"
#include "truth.h"
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

enum { ROUNDS = 4, ALARM_MS = 20, AFTER_MS = 50 };

static sigjmp_buf landing;
static int silent[2];
static struct truth_wait abandoned;

static void on_alarm(int signal_number)
{
	(void)signal_number;
	siglongjmp(landing, 1);
}

SCENE static void jump_out_of_read(void)
{
	char byte;
	abandoned = truth_begin("pipe", (uint64_t)silent[0], __func__, __LINE__ + 1);
	MUST(read(silent[0], &byte, 1));
}

SCENE static void jump_out_of_poll(void)
{
	struct pollfd polled = {silent[0], POLLIN, 0};
	abandoned = truth_begin("poll", (uint64_t)silent[0], __func__, __LINE__ + 1);
	MUST(poll(&polled, 1, -1));
}

SCENE static void alarm_after(long milliseconds)
{
	struct itimerval timer = {.it_value.tv_usec = milliseconds * 1000};
	MUST(setitimer(ITIMER_REAL, &timer, NULL));
}

SCENE static void wait_after_the_jumps(void)
{
	pause_ms(AFTER_MS);
}

int main(void)
{
	MUST(pipe(silent));
	signal(SIGALRM, on_alarm);
	for (volatile int round = 0; round < ROUNDS; round++) {
		if (sigsetjmp(landing, 1) == 0) {
			alarm_after(ALARM_MS);
			if (round % 2)
				jump_out_of_poll();
			else
				jump_out_of_read();
		}
		truth_end(&abandoned);
		printf("landed %d\n", round);
	}
	wait_after_the_jumps();
}
