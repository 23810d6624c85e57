/* SPDX-License-Identifier: Apache-2.0 */
/* Signals arrive in the middle of calls that wait, and their handler makes such calls too. Without
 * SA_RESTART the interrupted call says EINTR, with it it goes on; a sleep tells what was left. */
#include "must.h"
#include "pause.h"
#include "truth.h"
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { ALARM_MS = 20, HANDLER_MS = 10 };

static int silent[2], answer[2];
static volatile sig_atomic_t handled;
static int handler_gives_a_byte;

SCENE static void work_in_the_handler(void)
{
	struct pollfd polled = {silent[0], POLLIN, 0};
	char byte;
	LOGGED("poll", silent[0], poll(&polled, 1, HANDLER_MS));
	pause_ms(HANDLER_MS);
	MUST(write(answer[1], "", 1));
	MUST(read(answer[0], &byte, 1));
}

static void on_alarm(int signal_number)
{
	(void)signal_number;
	int saved_errno = errno;
	work_in_the_handler();
	handled++;
	if (handler_gives_a_byte)
		MUST(write(silent[1], "", 1));
	errno = saved_errno;
}

static void handle_alarm(int flags)
{
	struct sigaction action = {.sa_handler = on_alarm, .sa_flags = flags};
	MUST(sigaction(SIGALRM, &action, NULL));
	struct itimerval timer = {.it_value.tv_usec = ALARM_MS * 1000};
	MUST(setitimer(ITIMER_REAL, &timer, NULL));
}

static void show(const char *call, long result, int error)
{
	printf("%s: %ld %s, handled %d\n", call, result, result < 0 ? strerror(error) : "", (int)handled);
}

int main(void)
{
	char byte;
	struct pollfd polled;
	MUST(pipe(silent));
	MUST(pipe(answer));
	polled = (struct pollfd){silent[0], POLLIN, 0};

	handle_alarm(0);
	long result = read(silent[0], &byte, 1);
	show("read", result, errno);

	handle_alarm(SA_RESTART);
	result = poll(&polled, 1, -1);
	show("poll is never restarted", result, errno);

	struct timespec duration = {3600, 0}, left = {0, 0};
	handle_alarm(0);
	result = nanosleep(&duration, &left);
	show("nanosleep", result, errno);
	printf("nearly all is left: %d\n", left.tv_sec == 3599);

	handle_alarm(0);
	unsigned seconds_left = sleep(3600);
	show("sleep", seconds_left >= 3599, 0);

	handler_gives_a_byte = 1;
	handle_alarm(SA_RESTART);
	result = read(silent[0], &byte, 1);
	show("read restarted", result, errno);
}
