/* SPDX-License-Identifier: Apache-2.0 */
/* Every way to sleep, each in a function of its own. */
#include "must.h"
#include "truth.h"
#include <time.h>
#include <unistd.h>

enum { TIMES = 3 };

SCENE static void sleep_by_nanosleep(void)
{
	struct timespec duration = {0, 50000000};
	printf("nanosleep %d\n", LOGGED("sleep", 0, nanosleep(&duration, NULL)));
}

SCENE static void sleep_by_usleep(void)
{
	printf("usleep %d\n", LOGGED("sleep", 0, usleep(40000)));
}

SCENE static void sleep_by_seconds(void)
{
	printf("sleep %u\n", LOGGED("sleep", 0, sleep(1)));
}

SCENE static void sleep_by_clock(clockid_t clock)
{
	struct timespec duration = {0, 30000000};
	printf("clock_nanosleep %d\n", LOGGED("sleep", 0, clock_nanosleep(clock, 0, &duration, NULL)));
}

SCENE static void sleep_until(clockid_t clock)
{
	struct timespec moment;
	clock_gettime(clock, &moment);
	moment.tv_nsec += 35000000;
	moment.tv_sec += moment.tv_nsec / 1000000000;
	moment.tv_nsec %= 1000000000;
	printf("clock_nanosleep %d\n",
	       LOGGED("sleep", 0, clock_nanosleep(clock, TIMER_ABSTIME, &moment, NULL)));
}

int main(void)
{
	for (int i = 0; i < TIMES; i++) {
		sleep_by_nanosleep();
		sleep_by_usleep();
		sleep_by_clock(CLOCK_MONOTONIC);
		sleep_by_clock(CLOCK_REALTIME);
		sleep_until(CLOCK_MONOTONIC);
		sleep_until(CLOCK_REALTIME);
	}
	sleep_by_seconds();
}
