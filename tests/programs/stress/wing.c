/* SPDX-License-Identifier: Apache-2.0 */
/* A library that comes and goes: it waits while it is there, and has a thread variable and a constructor of its own. */
#include <time.h>

static _Thread_local int flaps;
static int is_ready;

__attribute__((constructor)) static void get_ready(void)
{
	is_ready = 1;
}

int wing_flap(long nanoseconds);

/* How often this thread has flapped; 0 when the constructor has not run. */
__attribute__((noipa, visibility("default"))) int wing_flap(long nanoseconds)
{
	struct timespec pause = {.tv_nsec = nanoseconds};
	nanosleep(&pause, 0);
	return is_ready ? ++flaps : 0;
}
