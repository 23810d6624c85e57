/* SPDX-License-Identifier: Apache-2.0 */
/* Lives with eight descriptors, uses them all, and has children while it has none, one and two to spare: what each
 * finds free tells whether anybody else took one. */
#include "must.h"
#include "pause.h"
#include "truth.h"
#include <fcntl.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LIMIT = 8, AFTER_MS = 20, SPARE_MOST = 3 };

static void use_all(const char *who)
{
	int fds[LIMIT], count = 0;
	printf("%s opens", who);
	for (int fd; (fd = open("/dev/null", O_RDONLY)) >= 0; fds[count++] = fd)
		printf(" %d", fd);
	printf(", then %s\n", strerrorname_np(errno));
	while (count > 0)
		MUST(close(fds[--count]));
}

/* Not written down: where no descriptor is left for it, a child lives unseen. */
static void wait_unlogged(void)
{
	struct timespec duration = {0, AFTER_MS * 1000000};
	MUST(nanosleep(&duration, NULL));
}

static void have_child(int spare)
{
	fflush(stdout);
	pid_t pid = MUST(fork());
	if (pid == 0) {
		char name[32];
		wait_unlogged();
		snprintf(name, sizeof name, "child with %d to spare", spare);
		use_all(name);
		fflush(stdout);
		_exit(spare);
	}
	int status;
	MUST(LOGGED("child", pid, waitpid(pid, &status, 0)));
	printf("child ends with %d\n", WEXITSTATUS(status));
}

static void *wait_in_thread(void *unused)
{
	pause_ms(AFTER_MS);
	use_all("thread");
	return unused;
}

int main(void)
{
	struct rlimit limit = {LIMIT, LIMIT};
	pthread_t thread;
	MUST(setrlimit(RLIMIT_NOFILE, &limit));
	use_all("program");
	for (int spare = 0; spare <= SPARE_MOST; spare++) {
		int last = 0;
		for (int fd; (fd = open("/dev/null", O_RDONLY)) >= 0;)
			last = fd;
		for (int i = 0; i < spare; i++)
			MUST(close(last - i));
		have_child(spare);
		MUST(close_range(3, ~0u, 0));
	}
	MUST_ZERO(pthread_create(&thread, NULL, wait_in_thread, NULL));
	MUST_ZERO(LOGGED("join", thread, pthread_join(thread, NULL)));
	pause_ms(AFTER_MS);
	use_all("program");
}
