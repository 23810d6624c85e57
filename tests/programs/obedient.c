/* SPDX-License-Identifier: Apache-2.0 */
/* Says "ready", then the name of every signal that it gets; SIGTERM ends it with exit code 5. */
#include "must.h"
#include <signal.h>

int main(void)
{
	static const int awaited[] = {SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH, SIGTERM};
	sigset_t signals;
	sigemptyset(&signals);
	for (unsigned i = 0; i < sizeof awaited / sizeof *awaited; i++)
		sigaddset(&signals, awaited[i]);
	MUST(sigprocmask(SIG_BLOCK, &signals, NULL));
	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("ready");
	for (;;) {
		int signal_number;
		MUST_ZERO(sigwait(&signals, &signal_number));
		printf("SIG%s\n", sigabbrev_np(signal_number));
		if (signal_number == SIGTERM)
			return 5;
	}
}
